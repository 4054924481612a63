package repo_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestTransactGet: items of two repositories in one request; missing ones are
// told by position, and what they were to be read into stays (rule F6).
func TestTransactGet(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 2)
	db := r.DB()
	e := create[entry](t, db, entrySpec())
	require.NoError(t, e.Put(t.Context(), &entry{Name: "n", At: 4, Kind: "k"}))
	tr.Reset()
	var first, second score
	var other entry
	require.NoError(t, db.TransactGet(t.Context()))
	assert.Zero(t, tr.Total())
	require.NoError(t, db.TransactGet(t.Context(), r.Into(at(2), &second), e.Into(entryKey(4), &other), r.Into(at(1), &first)))
	assert.Equal(t, map[string]int{"TransactGetItems": 1}, tr.Counts())
	assert.Equal(t, 1, first.Position)
	assert.Equal(t, 2, second.Position)
	assert.Equal(t, entry{Name: "n", At: 4, Kind: "k"}, other)

	kept := entry{Kind: "kept"}
	first = score{}
	err := db.TransactGet(t.Context(), e.Into(entryKey(9), &kept), r.Into(at(1), &first), r.Into(at(9), &second))
	require.ErrorIs(t, err, repo.ErrNotFound)
	missing, ok := errors.AsType[*repo.MissingError](err)
	require.True(t, ok)
	assert.Equal(t, []int{0, 2}, missing.Positions)
	assert.Equal(t, entry{Kind: "kept"}, kept)
	assert.Equal(t, 1, first.Position)
	assert.EqualError(t, err, "repo: TransactGet several tables: not found: reads [0 2]")
}

// TestTransactGetRefused: bad reads before any request, every fault at once.
func TestTransactGetRefused(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 1)
	db := r.DB()
	items := make([]entry, 101)
	var reads []repo.ReadOp
	for i := range items {
		reads = append(reads, r.Into(entryKey(i), &items[i]))
	}
	require.ErrorIs(t, db.TransactGet(t.Context(), reads...), repo.ErrInvalid)
	err := db.TransactGet(t.Context(), reads[0], repo.ReadOp{}, r.Into(key.Of("n"), &items[1]))
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorIs(t, err, key.ErrKey)
	require.ErrorContains(t, err, "read 1: ")
	require.ErrorContains(t, err, "read 2: ")
	assert.Zero(t, tr.Total())
	require.ErrorIs(t, db.TransactGet(t.Context(), reads[:100]...), repo.ErrNotFound)
	assert.Equal(t, 1, tr.Count("TransactGetItems"))
	require.Error(t, db.TransactGet(t.Context(), r.Into(entryKey(0), nil)))
	tr.On("TransactGetItems").Do(faults.Cancel(map[int]string{0: "ThrottlingError"}))
	require.Error(t, db.TransactGet(t.Context(), reads[0]))
}

// TestTransactGetDecodes: what does not fit is an error, and the others are
// read.
func TestTransactGetDecodes(t *testing.T) {
	t.Parallel()
	r, _, _ := numbered(t, 1)
	store(t, r, av{"name": str("n"), "at": num("1"), "kind": str("k"), "rank": num("1"), "pass": str("no")})
	var bad, good entry
	err := r.DB().TransactGet(t.Context(), r.Into(entryKey(1), &bad), r.Into(entryKey(0), &good))
	require.ErrorIs(t, err, repo.ErrDecode)
	require.ErrorContains(t, err, "read 0: ")
	assert.Zero(t, bad)
	assert.Equal(t, "k", good.Kind)
}
