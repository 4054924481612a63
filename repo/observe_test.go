package repo_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type observed struct{}

// TestObserve: each request is told once before it is sent and once after it has
// ended, with what it cost, and does not change the way that requests go.
func TestObserve(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var began, ended []repo.Request
	db, tr := impatient(t, func(c *repo.Config) {
		c.Observe = func(ctx context.Context, r *repo.Request) (context.Context, func()) {
			mu.Lock()
			defer mu.Unlock()
			began = append(began, *r)
			return context.WithValue(ctx, observed{}, true), func() {
				mu.Lock()
				defer mu.Unlock()
				ended = append(ended, *r)
			}
		}
	})
	var beneath atomic.Bool
	tr.On("GetItem").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		beneath.Store(req.Context().Value(observed{}) != nil)
		return send(req)
	})
	plain, err := repo.NewDB(db.Client(), &repo.Config{StandardCodec: *standard})
	require.NoError(t, err)
	assert.Equal(t, plain.Path(), db.Path())
	r := create[score](t, db, scoreSpec())
	assert.Empty(t, began, "package table does not tell")
	take := func() (before, after []repo.Request) {
		before, after, began, ended = began, ended, nil, nil
		return before, after
	}

	require.NoError(t, r.Create(t.Context(), &score{ModelID: "m", AccountID: 42, Position: 1, UserID: "u"}))
	before, after := take()
	require.Len(t, before, 1)
	require.Len(t, after, 1)
	assert.Equal(t, "PutItem", before[0].Operation)
	assert.Equal(t, []string{r.Table()}, before[0].Tables)
	assert.IsType(t, &dynamodb.PutItemInput{}, before[0].Input)
	assert.Nil(t, before[0].Output)
	assert.Zero(t, before[0].Stats)
	assert.IsType(t, &dynamodb.PutItemOutput{}, after[0].Output)
	id, ok := awsmiddleware.GetRequestIDMetadata(after[0].Output.(*dynamodb.PutItemOutput).ResultMetadata)
	assert.True(t, ok)
	assert.NotEmpty(t, id)
	assert.Equal(t, 1, after[0].Stats.Requests)
	assert.Positive(t, after[0].Stats.Consumed)
	require.NoError(t, after[0].Err)

	tr.On("Query").Nth(1).Do(faults.Throttle())
	got, err := r.Query(partition).Where(points.Gt(1)).Index("score_idx").Collect(t.Context())
	require.NoError(t, err)
	assert.Empty(t, got)
	_, after = take()
	require.Len(t, after, 1)
	assert.Equal(t, "score_idx", *after[0].Input.(*dynamodb.QueryInput).IndexName)
	assert.Equal(t, 1, after[0].Stats.Retries)

	for name, c := range map[string]struct {
		size int
		do   func(ctx context.Context) error
	}{
		"BatchGetItem": {3, func(ctx context.Context) error {
			_, err := r.GetMany(ctx, []key.Value{at(1), at(2), at(3)})
			return err
		}},
		"BatchWriteItem": {3, func(ctx context.Context) error {
			put := func(i int) repo.Op { return r.Overwrite().Ops().Put(&score{ModelID: "m", AccountID: 42, Position: i}) }
			return db.Batch(ctx, put(7), put(8), r.Ops().Delete(at(9)))
		}},
		"TransactGetItems":   {1, func(ctx context.Context) error { return db.TransactGet(ctx, r.Into(at(1), new(score))) }},
		"TransactWriteItems": {2, func(ctx context.Context) error { return db.Transact(ctx, r.Ops().Check(at(1)), r.Ops().Delete(at(9))) }},
	} {
		metered, meter := repo.WithMeter(t.Context())
		require.NoError(t, c.do(metered), name)
		_, after = take()
		require.Len(t, after, 1, name)
		assert.Equal(t, name, after[0].Operation)
		assert.Equal(t, c.size, after[0].Size, name)
		assert.InDelta(t, meter.Stats().Consumed, after[0].Stats.Consumed, 1e-9, name)
	}

	tr.On("GetItem").Nth(1).Do(faults.Throttle())
	tr.On("GetItem").Nth(2).Do(faults.Error(400, "AccessDeniedException"))
	_, err = r.Get(t.Context(), at(1))
	require.Error(t, err)
	_, after = take()
	require.Len(t, after, 1)
	assert.Nil(t, after[0].Output)
	assert.Equal(t, 1, after[0].Stats.Retries, "also of what fails in the end")
	assert.EqualError(t, after[0].Err, "AccessDeniedException: a policy denies the operation to these credentials")
	assert.True(t, beneath.Load(), "what sends has the context")
}

// TestObserveNothing: an observer may return nothing.
func TestObserveNothing(t *testing.T) {
	t.Parallel()
	db, tr := open(t, func(c *repo.Config) {
		c.Observe = func(context.Context, *repo.Request) (context.Context, func()) { return nil, nil }
	})
	r := create[entry](t, db, entrySpec())
	tr.Reset()
	require.NoError(t, r.Put(t.Context(), &entry{Name: "n", At: 1}))
	ok, err := r.Exists(t.Context(), entryKey(1))
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, 2, tr.Total())
}
