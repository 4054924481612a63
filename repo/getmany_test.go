package repo_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

func TestGetManyNone(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 0)
	for _, keys := range [][]key.Value{nil, {}} {
		got, err := r.GetMany(t.Context(), keys)
		require.NoError(t, err)
		assert.Zero(t, got)
	}
	assert.Zero(t, tr.Total())
}

// TestGetManyChunks: 110 keys go as 100 and 10, a batch size does not matter,
// the order is that of the keys, missing ones are told (rules A9, E2).
func TestGetManyChunks(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 107)
	for at := 107; at < 110; at++ {
		keys = append(keys, entryKey(at))
	}
	slices.Reverse(keys)
	got, err := r.Consistent().GetMany(t.Context(), keys)
	require.NoError(t, err)
	assert.Equal(t, []int{10, 100}, asked(tr, r.Table()))
	assert.Equal(t, []key.Value{entryKey(109), entryKey(108), entryKey(107)}, got.Missing)
	require.Len(t, got.Items, 107)
	for i, e := range got.Items {
		require.Equal(t, 106-i, e.At)
	}
	for _, req := range tr.Requests("BatchGetItem") {
		assert.Equal(t, true, req.JSON()["RequestItems"].(map[string]any)[r.Table()].(map[string]any)["ConsistentRead"])
	}
}

// TestGetManyDuplicates: a key given twice, however its number is typed, is
// asked for once and answered twice, found or not.
func TestGetManyDuplicates(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 3)
	got, err := r.GetMany(t.Context(), []key.Value{
		entryKey(2), entryKey(9), entryKey(0), key.Of("n").Range(int64(2)), entryKey(9), entryKey(2),
	})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 0, 2, 2}, places(got.Items))
	assert.Equal(t, []key.Value{entryKey(9), entryKey(9)}, got.Missing)
	assert.Equal(t, []int{3}, asked(tr, r.Table()))
}

// TestGetManyBadKeys tells each bad key by its position, before any request.
func TestGetManyBadKeys(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 0)
	got, err := r.GetMany(t.Context(), []key.Value{entryKey(1), key.Of("SECRET"), entryKey(2), key.Of("SECRET").Range("x")})
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorIs(t, err, key.ErrKey)
	assert.Zero(t, got)
	assert.Contains(t, err.Error(), "key 1: ")
	assert.Contains(t, err.Error(), "key 3: ")
	assert.NotContains(t, err.Error(), "SECRET")
	assert.Zero(t, tr.Total())
}

// TestGetManyUnprocessed: keys left by the service are asked for again, alone,
// as long as attempts bring something.
func TestGetManyUnprocessed(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 12, func(c *repo.Config) { c.BatchAttempts = 1 })
	tr.On("BatchGetItem").Times(2).Do(faults.Processed(5))
	got, err := r.GetMany(t.Context(), keys)
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, places(got.Items))
	assert.Empty(t, got.Missing)
	assert.Equal(t, []int{2, 7, 12}, asked(tr, r.Table()))
}

// TestGetManyTooLarge: beyond 16 MB the engine itself leaves keys unprocessed.
func TestGetManyTooLarge(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[plain](t, db, plainSpec())
	note := strings.Repeat("x", 399<<10)
	var keys []key.Value
	for i := range 43 {
		sort := []byte{byte(i)}
		keys = append(keys, key.Of("h").Range(sort))
		store(t, r, av{"hash": str("h"), "sort": &types.AttributeValueMemberB{Value: sort}, "note": str(note)})
	}
	tr.Reset()
	got, err := r.GetMany(t.Context(), keys)
	require.NoError(t, err)
	require.Len(t, got.Items, 43)
	assert.Equal(t, byte(42), got.Items[42].Sort[0])
	assert.Greater(t, tr.Count("BatchGetItem"), 1)
}

// TestGetManySpent: when attempts bring nothing, the error holds exactly the
// keys that are left and what was read comes beside it.
func TestGetManySpent(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 6, func(c *repo.Config) { c.BatchAttempts = 3 })
	keys = append(keys, entryKey(99), entryKey(5))
	tr.On("BatchGetItem").Nth(1).Do(faults.Processed(2))
	tr.On("BatchGetItem").After(1).Do(undone("UnprocessedKeys"))
	got, err := r.GetMany(t.Context(), keys)
	require.ErrorIs(t, err, repo.ErrUnprocessed)
	var left *repo.UnprocessedError
	require.ErrorAs(t, err, &left)
	assert.Equal(t, keys[2:], left.Keys)
	assert.Len(t, left.Unwrap(), 1)
	assert.Equal(t, []int{0, 1}, places(got.Items))
	assert.Empty(t, got.Missing, "what was not answered for is not missing")
	assert.EqualError(t, err, "repo: GetMany "+r.Table()+" (key name, at): unprocessed keys are left: 6")
	assert.Equal(t, []int{5, 5, 5, 7}, asked(tr, r.Table()), "one with success, three without")
}

// TestGetManyFails: an error of the service in one chunk keeps nothing from
// the others.
func TestGetManyFails(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 105)
	tr.On("BatchGetItem").When(func(q faults.Request) bool { return bytes.Count(q.Body, []byte(`"name"`)) == 5 }).
		Do(faults.Error(400, "ResourceNotFoundException"))
	got, err := r.GetMany(t.Context(), keys)
	var left *repo.UnprocessedError
	require.ErrorAs(t, err, &left)
	require.ErrorAs(t, err, new(*types.ResourceNotFoundException))
	require.ErrorIs(t, err, repo.ErrUnprocessed)
	assert.Equal(t, keys[100:], left.Keys)
	assert.Len(t, got.Items, 100)
	assert.EqualError(t, err, "repo: GetMany "+r.Table()+" (key name, at): unprocessed keys are left: 5: ResourceNotFoundException: no such table in this region, account or endpoint; table.Create makes one")
}

// TestGetManyUnfit: an item that does not fit is the error of the call, and not
// of keys that were left unprocessed; the other requests' items come beside it.
func TestGetManyUnfit(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 205)
	store(t, r, av{"name": str("n"), "at": num("3"), "pass": str("SECRET")})
	keys = append(keys, entryKey(300))
	got, err := r.GetMany(t.Context(), keys)
	require.ErrorIs(t, err, repo.ErrDecode)
	require.NotErrorIs(t, err, repo.ErrUnprocessed)
	assert.NotContains(t, err.Error(), "SECRET")
	require.Len(t, got.Items, 105)
	assert.Equal(t, 100, got.Items[0].At)
	assert.Equal(t, []key.Value{entryKey(300)}, got.Missing, "what was not read is not missing")

	tr.On("BatchGetItem").When(func(q faults.Request) bool { return bytes.Count(q.Body, []byte(`"name"`)) == 6 }).
		Do(faults.Error(400, "AccessDeniedException"))
	got, err = r.GetMany(t.Context(), keys)
	require.ErrorIs(t, err, repo.ErrDecode)
	var left *repo.UnprocessedError
	require.ErrorAs(t, err, &left)
	assert.Equal(t, keys[200:], left.Keys)
	assert.Len(t, got.Items, 100)
}

// TestGetManyCancelled: the end of the context ends the waiting for the rest.
func TestGetManyCancelled(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 4)
	ctx, cancel := context.WithCancel(t.Context())
	tr.On("BatchGetItem").Nth(1).Do(faults.Processed(1))
	tr.On("BatchGetItem").Nth(2).Do(func(*http.Request, faults.Send) (*http.Response, error) {
		cancel()
		return nil, context.Canceled
	})
	got, err := r.GetMany(ctx, keys)
	require.ErrorIs(t, err, context.Canceled)
	var left *repo.UnprocessedError
	require.ErrorAs(t, err, &left)
	assert.Equal(t, keys[1:], left.Keys)
	assert.Equal(t, []int{0}, places(got.Items))

	tr.Reset()
	got, err = r.GetMany(ctx, keys)
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, got.Items)
	assert.Zero(t, tr.Total())
}

// TestGetManyConcurrency: chunks go several at once, no more than the
// configuration says.
func TestGetManyConcurrency(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 350, func(c *repo.Config) { c.Concurrency = 2 })
	var now, most atomic.Int32
	tr.On("BatchGetItem").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
		return send(req)
	})
	got, err := r.GetMany(t.Context(), keys)
	require.NoError(t, err)
	require.Len(t, got.Items, 350)
	assert.Equal(t, int32(2), most.Load())
	assert.Equal(t, []int{50, 100, 100, 100}, asked(tr, r.Table()))
}

// stingy answers batches of reads with nothing but unprocessed keys, and notes
// when it was asked.
type stingy struct {
	repo.Client
	at []time.Time
}

func (s *stingy) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	s.at = append(s.at, time.Now())
	return &dynamodb.BatchGetItemOutput{UnprocessedKeys: maps.Clone(in.RequestItems)}, nil
}

// TestGetManyBackoff: the waits between attempts without progress grow, are
// not all alike, and are capped.
func TestGetManyBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stingy{}
		db, err := repo.NewDB(s, &repo.Config{BatchAttempts: 40})
		require.NoError(t, err)
		r, err := repo.New[entry](db, entrySpec())
		require.NoError(t, err)
		_, err = r.GetMany(t.Context(), []key.Value{entryKey(1)})
		require.ErrorIs(t, err, repo.ErrUnprocessed)
		require.Len(t, s.at, 40)
		var longest time.Duration
		for i := range 39 {
			wait := s.at[i+1].Sub(s.at[i])
			assert.LessOrEqual(t, wait, min(5*time.Second, 50*time.Millisecond<<min(i, 10)))
			longest = max(longest, wait)
		}
		assert.Greater(t, longest, time.Second)

		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err = r.GetMany(ctx, []key.Value{entryKey(1)})
		require.ErrorIs(t, err, repo.ErrUnprocessed)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// TestManyByDecimalKey: a key that is a decimal number in a string is found
// however it is written.
func TestManyByDecimalKey(t *testing.T) {
	t.Parallel()
	type reading struct {
		At attributevalue.Number `dynamodbav:"at"`
	}
	db, _ := open(t)
	r := create[reading](t, db, repo.Spec{Table: "readings", Key: key.Spec{Hash: key.Number("at")}})
	require.NoError(t, r.Put(t.Context(), &reading{At: "1.50"}))
	require.NoError(t, r.Put(t.Context(), &reading{At: "1e2"}))
	many, err := r.GetMany(t.Context(), []key.Value{key.Of(attributevalue.Number("1.500")), key.Of(attributevalue.Number("100"))})
	require.NoError(t, err)
	assert.Empty(t, many.Missing)
	assert.Len(t, many.Items, 2)
	err = db.Batch(t.Context(), r.Ops().Put(&reading{At: "2.0"}), r.Ops().Delete(key.Of(attributevalue.Number("2"))))
	require.ErrorIs(t, err, repo.ErrInvalid, "two on one item")
}
