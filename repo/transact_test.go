package repo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestTransact: every kind of write, over two repositories, in one request
// (rule F6).
func TestTransact(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 6)
	db := r.DB()
	e := create[entry](t, db, entrySpec())
	load := func(n int) *score {
		s, err := r.Get(t.Context(), at(n))
		require.NoError(t, err)
		return &s
	}
	saved, put, destroyed := load(1), load(2), load(3)
	saved.Points, put.Points = 50, 60
	created := &score{ModelID: "m", AccountID: 42, Position: 9}
	other := &entry{Name: "n", At: 1, Kind: "k"}
	tr.Reset()
	o := r.Ops()
	require.NoError(t, db.Transact(t.Context(),
		o.Create(created), o.Save(saved), o.Put(put), o.Destroy(destroyed), o.Delete(at(4)),
		o.Update(at(5), points.Add(2)), o.Check(at(6), points.Gte(0)), e.Ops().Put(other),
	))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, tr.Counts())
	assert.Equal(t, int64(1), created.Version)
	assert.Equal(t, int64(2), saved.Version)
	assert.Equal(t, int64(2), put.Version)
	for _, want := range []*score{created, saved, put} {
		assert.Equal(t, want, load(want.Position))
	}
	assert.Nil(t, rawScore(t, r, "3"))
	assert.Nil(t, rawScore(t, r, "4"))
	updated := load(5)
	assert.InDelta(t, 4, updated.Points, 0)
	assert.Equal(t, int64(2), updated.Version)
	assert.True(t, updated.UpdatedAt.After(updated.CreatedAt))
	assert.Equal(t, int64(1), load(6).Version)
	assert.Equal(t, []int{1}, there(t, e))

	tr.Reset()
	require.NoError(t, db.Transact(t.Context()))
	assert.Zero(t, tr.Total())
}

// TestTransactFails: each failing operation is named with its reason and the
// stored item, nothing is written and nothing changes in memory (rules F6, G5).
func TestTransactFails(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 5)
	db := r.DB()
	stale, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	_, err = r.Update(t.Context(), at(1), points.Add(90))
	require.NoError(t, err)
	gone, _ := r.Get(t.Context(), at(1))
	gone.Position = 77
	good := score{ModelID: "m", AccountID: 42, Position: 30}
	exists := score{ModelID: "m", AccountID: 42, Position: 2}
	held := []score{good, stale, exists, gone}
	destroyed := stale
	destroyed.Position, destroyed.Version = 3, 9
	o := r.Ops()
	err = db.Transact(t.Context(),
		o.Create(&good), o.Save(&stale), o.Create(&exists), o.Destroy(&destroyed), o.Update(at(88), points.Add(1)),
		r.If(points.Gt(100)).Ops().Update(at(4), points.Add(1)), o.Check(at(5), points.Gt(100)), o.Save(&gone), o.Check(at(90)),
		r.If(points.Gt(100)).Ops().Delete(at(91)),
	)
	for _, want := range []error{lock.ErrStale, repo.ErrExists, repo.ErrNotFound, repo.ErrConditionFailed} {
		require.ErrorIs(t, err, want)
	}
	failed, ok := errors.AsType[*repo.TransactError](err)
	require.True(t, ok)
	type row struct {
		position int
		op       string
		stored   av
		err      error
	}
	want := []row{
		{1, "Save", rawScore(t, r, "1"), lock.ErrStale},
		{2, "Create", nil, repo.ErrExists},
		{3, "Destroy", rawScore(t, r, "3"), lock.ErrStale},
		{4, "Update", nil, repo.ErrNotFound},
		{5, "Update", rawScore(t, r, "4"), repo.ErrConditionFailed},
		{6, "Check", rawScore(t, r, "5"), repo.ErrConditionFailed},
		{7, "Save", nil, lock.ErrStale},
		{8, "Check", nil, repo.ErrNotFound},
		{9, "Delete", nil, repo.ErrConditionFailed},
	}
	require.Len(t, failed.Failed, len(want))
	for i, w := range want {
		f := failed.Failed[i]
		assert.Equal(t, w.position, f.Position)
		assert.Equal(t, w.op, f.Op)
		assert.Equal(t, r.Table(), f.Table)
		assert.Equal(t, "ConditionalCheckFailed", f.Code)
		assert.Equal(t, w.stored, f.Stored, i)
		require.ErrorIs(t, f.Err, w.err, i)
	}
	_, sdk := errors.AsType[*types.TransactionCanceledException](err)
	assert.True(t, sdk)
	assert.ErrorContains(t, err, "operation 1, Save "+r.Table()+": ConditionalCheckFailed; operation 2, ")
	assert.Equal(t, []score{good, stale, exists, gone}, held)
	assert.Nil(t, rawScore(t, r, "30"))
}

// TestTransactConflict: DynamoDB's own conflicts are ErrConflict, in a
// transaction and for a write alone.
func TestTransactConflict(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 2)
	s, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	tr.On("TransactWriteItems").Do(faults.Conflict(1))
	err = r.DB().Transact(t.Context(), r.Ops().Save(&s), r.Ops().Update(at(2), points.Add(1)))
	require.ErrorIs(t, err, repo.ErrConflict)
	require.NotErrorIs(t, err, lock.ErrStale)
	failed, _ := errors.AsType[*repo.TransactError](err)
	require.NotNil(t, failed)
	require.Len(t, failed.Failed, 1)
	assert.Equal(t, 1, failed.Failed[0].Position)
	assert.Equal(t, "TransactionConflict", failed.Failed[0].Code)
	assert.Equal(t, int64(1), s.Version)

	tr.On("PutItem").Do(faults.Error(http.StatusBadRequest, "TransactionConflictException"))
	require.ErrorIs(t, r.Save(t.Context(), &s), repo.ErrConflict)
	assert.Equal(t, int64(1), s.Version)

	other, tr := scores(t, 1)
	tr.On("TransactWriteItems").Do(faults.Cancel(map[int]string{0: "ThrottlingError"}))
	err = other.DB().Transact(t.Context(), other.Ops().Delete(at(1)))
	failed, _ = errors.AsType[*repo.TransactError](err)
	require.NotNil(t, failed)
	assert.Equal(t, "ThrottlingError", failed.Failed[0].Code)
	assert.NotErrorIs(t, err, repo.ErrConflict)
}

// TestTransactOnce: with one token the same operations are done once, though
// the clock goes on; an SDK retry of any transaction too (rule F6).
func TestTransactOnce(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 2)
	db, token := r.DB(), uuid.NewString()
	s := score{ModelID: "m", AccountID: 42, Position: 9}
	ops := []repo.Op{r.Ops().Create(&s), r.Ops().Update(at(1), points.Add(1))}
	ctx, cancel := context.WithCancel(t.Context())
	tr.On("TransactWriteItems").Times(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		res, err := send(req)
		if err == nil {
			err = res.Body.Close()
		}
		cancel()
		return nil, errors.Join(err, ctx.Err())
	})
	require.ErrorIs(t, db.TransactOnce(ctx, token, ops...), context.Canceled, "done, and not known to be")
	assert.Zero(t, s.Version)
	require.NoError(t, db.TransactOnce(t.Context(), token, ops...))
	assert.Equal(t, int64(1), s.Version)
	got, err := r.Get(t.Context(), at(9))
	require.NoError(t, err)
	assert.Equal(t, got, s)
	assert.Equal(t, num("1"), rawScore(t, r, "1")["score"])

	require.ErrorIs(t, db.TransactOnce(t.Context(), uuid.NewString(), ops...), repo.ErrExists)
	tr.On("TransactWriteItems").Times(1).Do(faults.CutAfter())
	require.NoError(t, db.Transact(t.Context(), r.Ops().Update(at(2), points.Add(1))))
	assert.Equal(t, num("1.5"), rawScore(t, r, "2")["score"])
	for _, token := range []string{"", strings.Repeat("x", 37)} {
		require.ErrorIs(t, db.TransactOnce(t.Context(), token, ops...), repo.ErrInvalid)
	}
}

// TestTransactLimits: 100 operations are one request; 101, 4 MB, and two on one
// item are refused before any (rule F6).
func TestTransactLimits(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 0)
	db := r.DB()
	p := create[plain](t, db, plainSpec())
	tr.Reset()
	_, ops := puts(r, 101)
	err := db.Transact(t.Context(), ops...)
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorContains(t, err, "at most 100 operations, not 101")
	large := func(n int, text string) []repo.Op {
		var all []repo.Op
		for i := range n {
			all = append(all, p.Ops().Put(&plain{Hash: "h", Sort: []byte{byte(i)}, Note: strings.Repeat(text, 390<<10)}))
		}
		return all
	}
	err = db.Transact(t.Context(), large(11, "x")...)
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorContains(t, err, "at most 4194304 bytes")
	for name, two := range map[string][2]repo.Op{
		"put and delete":   {ops[0], r.Ops().Delete(entryKey(0))},
		"update and check": {r.Ops().Update(entryKey(0), entryPass.Set(true)), r.Ops().Check(key.Of("n").Range(int64(0)))},
	} {
		err := db.Transact(t.Context(), two[0], ops[1], two[1])
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorContains(t, err, "operation 2: invalid: is on the same item as operation 0", name)
	}
	require.ErrorIs(t, db.Transact(t.Context(), repo.Op{}), repo.ErrInvalid)
	assert.Zero(t, tr.Total())

	require.NoError(t, db.Transact(t.Context(), ops[:100]...))
	require.NoError(t, db.Transact(t.Context(), large(10, "\n")...), "twice as large in JSON")
	assert.Equal(t, map[string]int{"TransactWriteItems": 2}, tr.Counts())
	assert.Len(t, there(t, r), 100)
	err = db.Transact(t.Context(), ops[0], r.Ops().Update(entryKey(100), cond.Name[entry]("x").Set(1)), repo.Op{})
	for _, text := range []string{"operation 1: ", "operation 2: "} {
		assert.ErrorContains(t, err, text, "every fault at once")
	}
}

// TestTransactSize: the refusal is at the byte, by DynamoDB's counting.
func TestTransactSize(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(&recorder{}, &repo.Config{StandardCodec: *standard})
	require.NoError(t, err)
	p, err := repo.New[plain](db, plainSpec())
	require.NoError(t, err)
	const names = len("hash") + len("sort") + len("note") + 2
	for over, want := range []error{nil, repo.ErrInvalid} {
		var ops []repo.Op
		for i := range 16 {
			note := strings.Repeat("\"", 4<<20/16-names)
			if i == 0 {
				note += strings.Repeat("x", over)
			}
			ops = append(ops, p.Ops().Put(&plain{Hash: "h", Sort: []byte{byte(i)}, Note: note}))
		}
		assert.ErrorIs(t, db.Transact(t.Context(), ops...), want, fmt.Sprint(over))
	}
}

// TestTransactChecksFirst: too many operations and two on one item are refused
// before any callback runs (rule F6).
func TestTransactChecksFirst(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := hookedRepo(t, db)
	tr.Reset()
	o := r.Ops()
	item, twin := &hooked{ID: "1"}, &hooked{ID: "1"}
	many := make([]repo.Op, 101)
	for i := range many {
		many[i] = o.Create(&hooked{ID: fmt.Sprint(i)})
	}
	for name, ops := range map[string][]repo.Op{
		"101":               many,
		"two puts":          {o.Create(item), o.Put(twin)},
		"one item twice":    {o.Save(item), o.Destroy(item)},
		"an item and a key": {o.Save(item), o.Create(&hooked{ID: "2"}), o.Update(key.Of("1"), hookedNote.Set("x"))},
		"two keys":          {o.Save(&hooked{ID: "2"}), o.Delete(key.Of("1")), o.Upsert(key.Of("1"), hookedNote.Set("x"))},
		"changes":           {o.SaveChanges(item, &hooked{ID: "1", Note: "n"}), o.Check(key.Of("1"))},
	} {
		l := &hookLog{}
		err := db.Transact(context.WithValue(t.Context(), hookKey{}, l), ops...)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		assert.Empty(t, l.events, name)
	}
	assert.Zero(t, tr.Total())
}
