package repo_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
)

// contended returns a repository of 2 items whose transactions are sent so
// often.
func contended(tb testing.TB, attempts int) (*repo.Repo[score], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb, func(c *repo.Config) { c.ConflictAttempts = attempts })
	r := create[score](tb, db, scoreSpec())
	for i := range 2 {
		require.NoError(tb, r.Create(tb.Context(), &score{ModelID: "m", AccountID: 42, Position: i + 1}))
	}
	tr.Reset()
	return r, tr
}

var inProgress = faults.Error(http.StatusBadRequest, "TransactionInProgressException")

// TestConflictAgain: a transaction that meets others is sent again as it was,
// under its token, and done once (rule F6).
func TestConflictAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{
		"one operation": faults.Conflict(1), "every operation": faults.Conflict(0, 1), "in progress": inProgress,
	} {
		r, tr := contended(t, 3)
		s, err := r.Get(t.Context(), at(1))
		require.NoError(t, err)
		tr.Reset()
		tr.On("TransactWriteItems").Times(2).Do(fault)
		require.NoError(t, r.DB().Transact(t.Context(), r.Ops().Save(&s), r.Ops().Update(at(2), points.Add(1))), name)
		sent := tr.Requests("TransactWriteItems")
		require.Len(t, sent, 3, name)
		for _, again := range sent[1:] {
			assert.Equal(t, sent[0].JSON(), again.JSON(), "%s: token and all", name)
		}
		assert.Equal(t, int64(2), s.Version, name)
		assert.Equal(t, num("2"), rawScore(t, r, "1")["lock_version"], name)
		assert.Equal(t, num("1"), rawScore(t, r, "2")["score"], name)
	}
}

// TestConflictSpent: the attempts are bounded, and one is the default. What
// came of the last is told, and nothing is written.
func TestConflictSpent(t *testing.T) {
	t.Parallel()
	for attempts, sent := range map[int]int{0: 1, 1: 1, 2: 2} {
		r, tr := contended(t, attempts)
		s, err := r.Get(t.Context(), at(1))
		require.NoError(t, err)
		tr.On("TransactWriteItems").Do(faults.Conflict(0))
		err = r.DB().Transact(t.Context(), r.Ops().Save(&s), r.Ops().Update(at(2), points.Add(1)))
		require.ErrorIs(t, err, repo.ErrConflict)
		failed, ok := errors.AsType[*repo.TransactError](err)
		require.True(t, ok)
		assert.Len(t, failed.Failed, 1)
		assert.Equal(t, sent, tr.Count("TransactWriteItems"))
		assert.Equal(t, int64(1), s.Version)
		assert.Equal(t, num("1"), rawScore(t, r, "1")["lock_version"])
	}
}

// TestConflictBeside: what fails for another reason too, or for another alone,
// is not sent again.
func TestConflictBeside(t *testing.T) {
	t.Parallel()
	r, tr := contended(t, 5)
	for _, fault := range []faults.Fault{
		faults.Cancel(map[int]string{0: "TransactionConflict", 1: "ConditionalCheckFailed"}),
		faults.Cancel(map[int]string{0: "ThrottlingError"}),
		faults.Cancel(nil),
		faults.Error(http.StatusBadRequest, "IdempotentParameterMismatchException"),
	} {
		tr.Reset()
		injected := tr.On("TransactWriteItems").Do(fault)
		require.Error(t, r.DB().Transact(t.Context(), r.Ops().Delete(at(1)), r.Ops().Update(at(2), points.Add(1))))
		injected.Stop()
		assert.Equal(t, 1, tr.Count("TransactWriteItems"))
	}
}

// TestConflictThenStale: what another wrote in between is told by the guard,
// since the same is sent and nothing is loaded anew (rule G5).
func TestConflictThenStale(t *testing.T) {
	t.Parallel()
	r, tr := contended(t, 5)
	s, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	tr.On("TransactWriteItems").Nth(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		if _, err := r.Update(req.Context(), at(1), points.Set(9)); err != nil {
			return nil, err
		}
		return faults.Conflict(0)(req, send)
	})
	err = r.DB().Transact(t.Context(), r.Ops().Save(&s))
	require.ErrorContains(t, err, "ConditionalCheckFailed")
	require.NotErrorIs(t, err, repo.ErrConflict)
	assert.Equal(t, 2, tr.Count("TransactWriteItems"))
	assert.Equal(t, num("9"), rawScore(t, r, "1")["score"])
}

// TestCancelledToken: a token under which a transaction was cancelled is as
// good as new, and is used up by the one that is done.
func TestCancelledToken(t *testing.T) {
	t.Parallel()
	r, _ := contended(t, 1)
	db, token := r.DB(), uuid.NewString()
	ops := []repo.Op{r.Ops().Check(at(2), points.Gt(0)), r.Ops().Update(at(1), points.Add(1))}
	for range 2 {
		require.ErrorIs(t, db.TransactOnce(t.Context(), token, ops...), repo.ErrConditionFailed)
	}
	_, err := r.Update(t.Context(), at(2), points.Set(1))
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, db.TransactOnce(t.Context(), token, ops...))
		assert.Equal(t, num("1"), rawScore(t, r, "1")["score"])
	}
}

// TestConflictEnds: the end of the context ends the waiting, and both are told.
func TestConflictEnds(t *testing.T) {
	t.Parallel()
	r, tr := contended(t, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	tr.On("TransactWriteItems").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		defer cancel()
		return faults.Conflict(0)(req, send)
	})
	err := r.DB().Transact(ctx, r.Ops().Delete(at(1)))
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, tr.Count("TransactWriteItems"))
}

// TestConflictReads: reads that meet a write are sent again as often.
func TestConflictReads(t *testing.T) {
	t.Parallel()
	r, tr := contended(t, 3)
	var s score
	tr.On("TransactGetItems").Times(2).Do(faults.Conflict(0))
	require.NoError(t, r.DB().TransactGet(t.Context(), r.Into(at(1), &s)))
	assert.Equal(t, 1, s.Position)
	assert.Equal(t, 3, tr.Count("TransactGetItems"))

	tr.Reset()
	tr.On("TransactGetItems").Do(faults.Conflict(0))
	err := r.DB().TransactGet(t.Context(), r.Into(at(1), &s))
	require.ErrorIs(t, err, repo.ErrConflict)
	assert.EqualError(t, err, "repo: TransactGet several tables: conflict with another write: TransactionCanceledException")
	assert.Equal(t, 3, tr.Count("TransactGetItems"))
}

// busy answers every transaction with a conflict.
type busy struct {
	repo.Client
	asked []time.Duration
	start time.Time
}

func (b *busy) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	b.asked = append(b.asked, time.Since(b.start))
	return nil, &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: aws.String("TransactionConflict")}}}
}

// TestConflictWaits: the waits are doubled up to a cap, and a random part of
// each is waited.
func TestConflictWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &busy{start: time.Now()}
		db, err := repo.NewDB(b, &repo.Config{ConflictAttempts: 200})
		require.NoError(t, err)
		r, err := repo.New[entry](db, entrySpec())
		require.NoError(t, err)
		require.ErrorIs(t, db.Transact(t.Context(), r.Ops().Delete(entryKey(1))), repo.ErrConflict)
		require.Len(t, b.asked, 200)
		for i := range b.asked[1:] {
			wait := b.asked[i+1] - b.asked[i]
			assert.Less(t, wait, min(5*time.Second, 50*time.Millisecond<<min(i, 10)))
		}
		mean := b.asked[199] / 199
		assert.InDelta(t, 2.5, mean.Seconds(), 0.8, "half of the cap")
	})
}
