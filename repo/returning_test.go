package repo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestReturning: an update returns the item as stored, as it was, or nothing,
// and asks for no more (rule F3).
func TestReturning(t *testing.T) {
	t.Parallel()
	r, tr, _ := visits(t)
	before := r.Returning(repo.ReturnBefore)
	made, err := before.Upsert(t.Context(), visitKey, visitHits.Set(1))
	require.NoError(t, err)
	assert.Zero(t, made, "there was none")
	for name, c := range map[string]struct {
		w    repo.Writer[visit]
		sent string
		hits int
	}{
		"stored":  {r.Returning(repo.ReturnStored), "ALL_NEW", 2},
		"default": {r.If(), "ALL_NEW", 2},
		"before":  {before, "ALL_OLD", 1},
		"nothing": {before.Returning(repo.ReturnNothing), "NONE", 0},
	} {
		for op, update := range map[string]func() (visit, error){
			"update": func() (visit, error) { return c.w.Update(t.Context(), visitKey, visitHits.Set(2)) },
			"upsert": func() (visit, error) { return c.w.Upsert(t.Context(), visitKey, visitHits.Set(2)) },
			"touch":  func() (visit, error) { return c.w.Touch(t.Context(), visitKey) },
		} {
			_, err := r.Update(t.Context(), visitKey, visitHits.Set(1))
			require.NoError(t, err)
			tr.Reset()
			got, err := update()
			require.NoError(t, err, name)
			require.Equal(t, 1, tr.Total())
			assert.Equal(t, c.sent, tr.Requests("*")[0].JSON()["ReturnValues"], name)
			want := c.hits
			if op == "touch" {
				want = min(want, 1)
			}
			assert.Equal(t, want, got.Hits, "%s %s", op, name)
		}
	}
	_, err = before.Update(t.Context(), key.Of("s", 8).Range("p"), visitHits.Set(2))
	require.ErrorIs(t, err, repo.ErrNotFound)
	tr.Reset()
	_, err = r.Returning(repo.ReturnNothing+1).Update(t.Context(), visitKey, visitHits.Set(2))
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}
