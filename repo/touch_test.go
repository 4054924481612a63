package repo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/repo"
)

// TestTouch sets the update time and the named times alone, of an item that is
// there (rules F1, F2).
func TestTouch(t *testing.T) {
	t.Parallel()
	r, tr, clock := visits(t)
	_, err := r.Touch(t.Context(), visitKey)
	require.ErrorIs(t, err, repo.ErrNotFound)
	assert.Nil(t, stored(t, r, visitRaw))
	item := visit{Site: "s", Day: 7, Page: "p", Hits: 4, Counts: map[string]int{"a": 1}}
	require.NoError(t, r.Create(t.Context(), &item))
	for n, touch := range []func() error{
		func() error { return second(r.Touch(t.Context(), visitKey)) },
		func() error { return second(r.Touch(t.Context(), visitKey, visitSeen)) },
		func() error { return r.DB().Transact(t.Context(), r.Ops().Touch(visitKey, visitSeen)) },
		func() error { return second(r.If(visitHits.Eq(4)).Touch(t.Context(), visitKey)) },
	} {
		clock.add(time.Minute)
		tr.Reset()
		require.NoError(t, touch())
		assert.Equal(t, 1, tr.Total())
		item.Updated, item.Version = *clock.now.Load(), item.Version+1
		if n == 1 || n == 2 {
			item.Seen = item.Updated
		}
		got, err := r.Get(t.Context(), visitKey)
		require.NoError(t, err)
		assert.Equal(t, item, got)
	}
	_, err = r.If(visitHits.Eq(5)).Touch(t.Context(), visitKey)
	require.ErrorIs(t, err, repo.ErrConditionFailed)

	tr.Reset()
	updated := cond.Field(func(v *visit) *time.Time { return &v.Updated })
	got, err := r.Touch(t.Context(), visitKey, updated, visitSeen)
	require.NoError(t, err, "the update time may be named")
	assert.Equal(t, got.Updated, got.Seen)
	for name, times := range map[string][]cond.Attr[visit, time.Time]{
		"twice": {visitSeen, visitSeen}, "unknown": {cond.Field(func(*visit) *time.Time { return nil })},
	} {
		_, err := r.Touch(t.Context(), visitKey, times...)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	plain := create[entry](t, r.DB(), entrySpec())
	tr.Reset()
	_, err = plain.Touch(t.Context(), entryKey(1))
	require.ErrorIs(t, err, repo.ErrInvalid, "there is nothing to touch")
	assert.Zero(t, tr.Total())
}
