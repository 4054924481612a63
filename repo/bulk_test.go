package repo_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

var entryRank = cond.Field(func(e *entry) *int { return &e.Rank })

// TestDeleteAll removes what the query finds and nothing else, in batches of
// 25, reading keys alone.
func TestDeleteAll(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 130)
	metered, meter := repo.WithMeter(t.Context())
	n, err := r.Query(entryPart).Where(entryAt.Lt(120), entryPass.Eq(true)).DeleteAll(metered)
	require.NoError(t, err)
	assert.Equal(t, 60, n)
	assert.Equal(t, 60, meter.Stats().Returned)
	assert.Equal(t, map[string]int{"Query": 1, "BatchWriteItem": 3}, tr.Counts())
	assert.Equal(t, "#1, #2", tr.Requests("Query")[0].JSON()["ProjectionExpression"])
	left, err := r.Query(entryPart).Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, left, 70)

	for _, c := range []struct {
		name string
		q    repo.Query[entry]
		want int
	}{
		{"limited", r.Query(entryPart).RecordLimit(3), 3},
		{"by an index", r.Query(key.Of("k")).Index("kind_idx").Where(entryRank.Lt(10)), 2},
		{"in small pages", r.Query(entryPart).Where(entryAt.Lt(21)).BatchSize(2), 5},
		{"ahead", r.Query(entryPart).Where(entryAt.Lt(41)).BatchSize(3).Prefetch(2), 10},
		{"in parallel", r.Scan().Segments(3), 50},
	} {
		n, err := c.q.DeleteAll(t.Context())
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, n, c.name)
	}
	tr.Reset()
	n, err = r.Scan().DeleteAll(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.Equal(t, map[string]int{"Scan": 1}, tr.Counts())
}

// TestDeleteAllUnprocessed: what the service leaves is sent again; what it
// leaves for good is in the error, and the count tells the rest.
func TestDeleteAllUnprocessed(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 40, func(c *repo.Config) { c.BatchAttempts, c.Concurrency = 2, 1 })
	once := tr.On("BatchWriteItem").Times(1).Do(faults.Unprocessed(10))
	n, err := r.Query(entryPart).Where(entryAt.Lt(30)).DeleteAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 30, n)
	assert.Equal(t, 1, once.Struck())
	assert.Equal(t, 3, tr.Count("BatchWriteItem"))

	never := tr.On("BatchWriteItem").Do(undone("UnprocessedItems"))
	n, err = r.Query(entryPart).DeleteAll(t.Context())
	assert.Zero(t, n)
	require.ErrorIs(t, err, repo.ErrUnprocessed)
	var left *repo.UnprocessedError
	require.ErrorAs(t, err, &left)
	assert.Len(t, left.Unwrap(), 1, "the sentinel, and nothing that failed")
	require.Len(t, left.Keys, 10)
	assert.Equal(t, entryKey(30), left.Keys[0])
	assert.EqualError(t, err, "repo: DeleteAll "+r.Table()+": unprocessed keys are left: 10")
	never.Stop()
	many, err := r.GetMany(t.Context(), left.Keys)
	require.NoError(t, err)
	assert.Len(t, many.Items, 10, "they are there")

	tr.On("BatchWriteItem").Do(faults.Error(400, "AccessDeniedException"))
	n, err = r.Query(entryPart).DeleteAll(t.Context())
	assert.Zero(t, n)
	require.ErrorAs(t, err, &left)
	assert.Len(t, left.Keys, 10)
	assert.EqualError(t, err, "repo: DeleteAll "+r.Table()+": unprocessed keys are left: 10: AccessDeniedException: a policy denies the operation to these credentials")
}

// TestDeleteAllStopped: a read that fails or a context that ends stops it, and
// what was found by then is gone and counted.
func TestDeleteAllStopped(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 40, func(c *repo.Config) { c.Concurrency = 1 })
	trouble := tr.On("Query").Nth(3).Do(faults.Error(400, "ValidationException"))
	n, err := r.Query(entryPart).BatchSize(15).DeleteAll(t.Context())
	assert.Equal(t, 30, n)
	assert.ErrorContains(t, err, "repo: Query "+r.Table()+": ValidationException")
	trouble.Stop()
	left, err := r.Query(entryPart).Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 10, left)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n, err = r.Query(entryPart).DeleteAll(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, n)
}

// TestUpdateAll makes the changes to every item found, so many at once, and
// counts them.
func TestUpdateAll(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 24, func(c *repo.Config) { c.Concurrency = 3 })
	var now, most atomic.Int32
	slow := tr.On("UpdateItem").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		return send(req)
	})
	n, err := r.Query(entryPart).Where(entryPass.Eq(true)).BatchSize(5).Update(t.Context(), entryRank.Set(1000))
	require.NoError(t, err)
	slow.Stop()
	assert.Equal(t, 12, n)
	assert.Equal(t, int32(3), most.Load())
	assert.Equal(t, 12, tr.Count("UpdateItem"))
	got, err := r.Query(entryPart).Where(entryRank.Eq(1000)).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 12)
	assert.Equal(t, "k", got[0].Kind, "the rest of the items stands")

	tr.Reset()
	n, err = r.Query(entryPart).RecordLimit(2).Update(t.Context(), entryRank.Add(1))
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	n, err = r.Query(key.Of("nobody")).Update(t.Context(), entryRank.Add(1))
	require.NoError(t, err)
	assert.Zero(t, n)

	tr.Reset()
	for name, change := range map[string]cond.Change[entry]{
		"a key": entryAt.Set(1), "nothing": {}, "an unknown attribute": cond.Name[entry]("nobody").Set(1),
	} {
		_, err := r.Query(entryPart).Update(t.Context(), change)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	_, err = r.Query(entryPart).Update(t.Context())
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}

// TestUpdateAllGone: an item that is gone when its turn comes is not brought
// back, and not counted.
func TestUpdateAllGone(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 5)
	tr.On("Query").Times(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		resp, err := send(req)
		if err == nil {
			err = r.Delete(req.Context(), entryKey(3))
		}
		return resp, err
	})
	n, err := r.Query(entryPart).Update(t.Context(), entryRank.Set(7))
	require.NoError(t, err)
	assert.Equal(t, 4, n)
	found, err := r.Exists(t.Context(), entryKey(3))
	require.NoError(t, err)
	assert.False(t, found)
}

// TestUpdateAllStopped: it stops at the first error, lets those under way come
// back, and counts what was changed.
func TestUpdateAllStopped(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 40, func(c *repo.Config) { c.Concurrency = 4 })
	trouble := tr.On("UpdateItem").Nth(6).Do(faults.Error(400, "AccessDeniedException"))
	late := tr.On("UpdateItem").After(2).Do(faults.Delay(20 * time.Millisecond))
	n, err := r.Query(entryPart).BatchSize(10).Update(t.Context(), entryRank.Set(1000))
	assert.EqualError(t, err, "repo: Update "+r.Table()+" (key name, at): AccessDeniedException: a policy denies the operation to these credentials")
	trouble.Stop()
	late.Stop()
	changed, cerr := r.Query(entryPart).Where(entryRank.Eq(1000)).Count(t.Context())
	require.NoError(t, cerr)
	assert.Equal(t, changed, n)
	assert.Less(t, n, 12)
	assert.Equal(t, 1, tr.Count("Query")-1, "it reads no further")

	trouble = tr.On("Query").Nth(2).Do(faults.Error(400, "ValidationException"))
	n, err = r.Query(entryPart).BatchSize(10).Update(t.Context(), entryRank.Set(2000))
	assert.EqualError(t, err, "repo: Query "+r.Table()+": ValidationException")
	assert.Equal(t, 10, n)
	trouble.Stop()

	ctx, cancel := context.WithCancel(t.Context())
	tr.On("UpdateItem").Nth(3).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		cancel()
		return send(req)
	})
	n, err = r.Query(entryPart).Update(ctx, entryRank.Set(3000))
	require.ErrorIs(t, err, context.Canceled)
	assert.Less(t, n, 10)
}
