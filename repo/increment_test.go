package repo_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestIncrement: a counter starts from 0, comes back as it is then, and loses
// none of many at once (rule F3); an item that is missing stays so (rule F1).
func TestIncrement(t *testing.T) {
	t.Parallel()
	r, tr, clock := visits(t)
	ctx := t.Context()
	_, err := repo.Increment(ctx, r, visitKey, visitHits, 1)
	require.ErrorIs(t, err, repo.ErrNotFound)
	assert.Nil(t, stored(t, r, visitRaw))
	require.NoError(t, r.Create(ctx, &visit{Site: "s", Day: 7, Page: "p", Hits: 1, Counts: map[string]int{"a": 1}, List: []int{5, 6}}))
	clock.add(time.Minute)
	tr.Reset()
	hits, err := repo.Increment(ctx, r, visitKey, visitHits, 41)
	require.NoError(t, err)
	assert.Equal(t, 42, hits)
	assert.Equal(t, map[string]int{"UpdateItem": 1}, tr.Counts())
	assert.Equal(t, "UPDATED_NEW", tr.Requests("*")[0].JSON()["ReturnValues"])
	share, err := repo.Increment(ctx, r, visitKey, visitShare, -0.125)
	require.NoError(t, err)
	assert.InDelta(t, 0.375, share, 0)
	small, err := repo.Increment(ctx, r, visitKey, visitSmall, 255)
	require.NoError(t, err)
	assert.Equal(t, uint8(255), small)
	got, err := r.Get(ctx, visitKey)
	require.NoError(t, err)
	assert.Equal(t, 4, got.Version)
	assert.Equal(t, noon.Add(time.Minute), got.Updated)

	small, err = repo.Increment(ctx, r, visitKey, visitSmall, 1)
	require.ErrorIs(t, err, repo.ErrDecode)
	assert.Equal(t, uint8(0), small)
	assert.NotContains(t, err.Error(), "256")
	_, err = repo.Increment(ctx, r, visitKey, cond.Field(func(*visit) *int { return nil }), 1)
	require.ErrorIs(t, err, cond.ErrAttr)

	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { assert.NoError(t, second(repo.Increment(ctx, r, visitKey, visitHits, 1))) })
	}
	wg.Wait()
	hits, err = repo.Increment(ctx, r, visitKey, visitHits, 0)
	require.NoError(t, err)
	assert.Equal(t, 42+64, hits)
}

// TestIncrementWithin counts within a nested struct.
func TestIncrementWithin(t *testing.T) {
	t.Parallel()
	type inner struct {
		N int `dynamodbav:"n"`
	}
	type outer struct {
		ID    string `dynamodbav:"id"`
		Inner inner  `dynamodbav:"inner"`
	}
	db, _ := open(t)
	r := create[outer](t, db, spec("outers"))
	require.NoError(t, r.Put(t.Context(), &outer{ID: "1", Inner: inner{N: 4}}))
	n, err := repo.Increment(t.Context(), r, key.Of("1"), cond.Field(func(o *outer) *int { return &o.Inner.N }), 3)
	require.NoError(t, err)
	assert.Equal(t, 7, n)
}
