package sti_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

// bird and fishy have an attribute of one name and of different types.
type bird struct {
	ID    string `dynamodbav:"id"`
	Lives int    `dynamodbav:"lives"`
}

type fishy struct {
	ID    string   `dynamodbav:"id"`
	Lives []string `dynamodbav:"lives"`
}

// TestMisfits: what an item is is looked at before any of its fields is decoded,
// so that one of another kind is none to a view, whatever it looks like, and
// does not lose the others of its request (rule H2).
func TestMisfits(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		all := create[any](t, db, repo.Spec{
			Table: "misfits", Key: key.Spec{Hash: key.String("id")},
			Kinds: sti.Kinds("", sti.Of[bird]("bird"), sti.Of[fishy]("fish")),
		})
		for _, one := range []any{&bird{ID: "tit", Lives: 9}, &fishy{ID: "eel", Lives: []string{"sea"}}, &bird{ID: "jay", Lives: 2}} {
			require.NoError(t, all.Put(t.Context(), &one))
		}
		birds := view[bird](t, all)
		eel, keys := key.Of("eel"), []key.Value{key.Of("tit"), key.Of("eel"), key.Of("jay")}
		_, err := birds.Get(t.Context(), eel)
		require.ErrorIs(t, err, repo.ErrNotFound)
		_, err = birds.Load(repo.WithIdentityMap(t.Context()), eel)
		require.ErrorIs(t, err, repo.ErrNotFound)
		var tit, none bird
		err = db.TransactGet(t.Context(), birds.Into(eel, &none), birds.Into(key.Of("tit"), &tit))
		require.ErrorIs(t, err, repo.ErrNotFound)
		assert.Equal(t, bird{ID: "tit", Lives: 9}, tit)
		many, err := birds.GetMany(t.Context(), keys)
		require.NoError(t, err)
		assert.Equal(t, repo.Many[bird]{Items: []bird{{ID: "tit", Lives: 9}, {ID: "jay", Lives: 2}}, Missing: []key.Value{eel}}, many)
		_, err = birds.DecodeJSON([]byte(`{"id":{"S":"eel"},"lives":{"L":[]},"type":{"S":"fish"}}`))
		require.ErrorIs(t, err, repo.ErrNotFound)
		found, err := birds.Scan().Collect(t.Context())
		require.NoError(t, err)
		assert.Len(t, found, 2)
	})
}
