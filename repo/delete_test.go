package repo_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestDelete: by key, whatever the version, quiet if there is none (rule F4).
func TestDelete(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 2)
	for range 2 {
		require.NoError(t, r.Delete(t.Context(), at(1)))
	}
	assert.Equal(t, map[string]int{"DeleteItem": 2}, tr.Counts())
	assert.Nil(t, rawScore(t, r, "1"))
	assert.NotNil(t, rawScore(t, r, "2"))
}

// TestDestroy: an item that was loaded, by its version (rule F4).
func TestDestroy(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	item, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	held := item
	require.NoError(t, r.Destroy(t.Context(), &item))
	assert.Equal(t, held, item)
	assert.Equal(t, 1, tr.Count("DeleteItem"))
	assert.Nil(t, rawScore(t, r, "1"))
	require.ErrorIs(t, r.Destroy(t.Context(), &item), lock.ErrStale)

	stale := held
	stale.Version = 7
	require.NoError(t, r.Put(t.Context(), &held))
	require.ErrorIs(t, r.Destroy(t.Context(), &stale), lock.ErrStale)
	require.NoError(t, r.Overwrite().Destroy(t.Context(), &stale))
	assert.Nil(t, rawScore(t, r, "1"))
}

// TestDestroyWithoutLock is quiet if there is none.
func TestDestroyWithoutLock(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 1)
	for range 2 {
		require.NoError(t, r.Destroy(t.Context(), &entry{Name: "n", At: 0}))
	}
	assert.Equal(t, map[string]int{"DeleteItem": 2}, tr.Counts())
	found, err := r.Exists(t.Context(), entryKey(0))
	require.NoError(t, err)
	assert.False(t, found)
}

// TestDeleteIf: a condition guards a delete by key.
func TestDeleteIf(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 1)
	err := r.If(points.Gt(100)).Delete(t.Context(), at(1))
	require.ErrorIs(t, err, repo.ErrConditionFailed)
	failed, ok := errors.AsType[*repo.ConditionError](err)
	require.True(t, ok)
	assert.Equal(t, rawScore(t, r, "1"), failed.Stored)
	require.NoError(t, r.If(points.Lt(100)).Delete(t.Context(), at(1)))
	assert.Nil(t, rawScore(t, r, "1"))

	err = r.If(points.Lt(100)).Delete(t.Context(), at(1))
	failed, _ = errors.AsType[*repo.ConditionError](err)
	require.NotNil(t, failed)
	assert.Nil(t, failed.Stored, "there is none")
	require.ErrorIs(t, r.Delete(t.Context(), key.Of("m").Range(1)), repo.ErrInvalid)
}
