package sti_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/unique"
)

// chip is told apart and has a unique value.
type chip struct {
	ID     string `dynamodbav:"id"`
	Kind   string `dynamodbav:"type"`
	Serial string `dynamodbav:"serial,omitempty"`
	N      int    `dynamodbav:"n"`
}

// chiplet is a chip with a unique value of its own.
type chiplet struct {
	chip

	Lot string `dynamodbav:"lot,omitempty"`
}

// TestUnkept: a write by key through a repository of several kinds, which does
// not know the kind and so not the constraints, is refused; one of the item, or
// of what a query found, keeps them (rules F8, O6).
func TestUnkept(t *testing.T) {
	t.Parallel()
	lot := cond.Field(func(c *chiplet) *string { return &c.Lot })
	serial := cond.Field(func(c *chip) *string { return &c.Serial })
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		spec := repo.Spec{
			Table: "chips", Key: key.Spec{Hash: key.String("id")},
			Kinds:  sti.Kinds("", sti.Of[chip]("chip"), sti.Of[chiplet]("chiplet", sti.Under[chip]())),
			Unique: []repo.Unique{repo.UniqueOn(serial), repo.UniqueOn(lot)},
		}
		all := create[any](t, db, spec)
		chips := create[chip](t, db, spec)
		chiplets := view[chiplet](t, all)
		stored := func(id, lot string) *chiplet { return &chiplet{chip: chip{ID: id, Serial: "s" + id}, Lot: lot} }
		require.NoError(t, chiplets.Create(t.Context(), stored("1", "a")))
		require.NoError(t, chiplets.Create(t.Context(), stored("2", "b")))
		tr.Reset()
		one := key.Of("1")
		for name, write := range map[string]func(ctx context.Context) error{
			"interface, delete":               func(ctx context.Context) error { return all.Delete(ctx, one) },
			"interface, delete in a batch":    func(ctx context.Context) error { return db.Batch(ctx, all.Ops().Delete(one)) },
			"interface, delete in a transact": func(ctx context.Context) error { return db.Transact(ctx, all.Ops().Delete(one)) },
			"interface, update": func(ctx context.Context) error {
				_, err := all.Update(ctx, one, cond.Name[any]("lot").Set("b"))
				return err
			},
			"interface, update of all": func(ctx context.Context) error {
				_, err := all.Scan().Update(ctx, cond.Name[any]("lot").Set("b"))
				return err
			},
			"interface, update in a transact": func(ctx context.Context) error {
				return db.Transact(ctx, all.Ops().Update(one, cond.Name[any]("serial").Set("s2")))
			},
			"struct base, delete all": func(ctx context.Context) error {
				_, err := chips.Scan().DeleteAll(ctx)
				return err
			},
			"struct base, destroy of one under it": func(ctx context.Context) error {
				return chips.Destroy(ctx, &chip{ID: "1", Kind: "chiplet", Serial: "s1"})
			},
			"struct base, delete": func(ctx context.Context) error { return chips.Delete(ctx, one) },
			"struct base, under a condition": func(ctx context.Context) error {
				return chips.If(serial.Exists()).Delete(ctx, one)
			},
		} {
			require.ErrorIs(t, write(t.Context()), repo.ErrInvalid, name)
		}
		assert.Zero(t, tr.Total())
		require.NoError(t, chips.Create(t.Context(), &chip{ID: "9", Serial: "s9"}))
		require.NoError(t, chips.Destroy(t.Context(), &chip{ID: "9", Kind: "chip", Serial: "s9"}), "one of its own")
		_, err := all.Update(t.Context(), one, cond.Name[any]("n").Set(7))
		require.NoError(t, err, "of no constraint")
		require.ErrorIs(t, chiplets.Create(t.Context(), stored("3", "a")), repo.ErrUnique)
		n, err := all.Scan().DeleteAll(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		require.NoError(t, chiplets.Create(t.Context(), stored("4", "a")), "the values of what was deleted are free")
		require.NoError(t, chiplets.Delete(t.Context(), key.Of("4")))
		for page, err := range unique.Check(t.Context(), all, unique.Options{}) {
			require.NoError(t, err)
			assert.Empty(t, page.Items)
		}
	})
}

// TestPutOverAnotherKind: an item that is put in the place of one of another kind
// gets the markers of its own constraints, also where the other had the same value
// in an attribute of the same name (rule O6).
func TestPutOverAnotherKind(t *testing.T) {
	t.Parallel()
	lot := cond.Field(func(c *chiplet) *string { return &c.Lot })
	paths(t, func(t *testing.T, db *repo.DB, _ *faults.Transport) {
		things := create[any](t, db, repo.Spec{
			Table: "things", Key: key.Spec{Hash: key.String("id")},
			Kinds:  sti.Kinds("", sti.Of[chiplet]("chiplet"), sti.Of[box]("box")),
			Unique: []repo.Unique{repo.UniqueOn(lot)},
		})
		for verb, write := range map[string]func(ctx context.Context, c *chiplet) error{
			"Put": view[chiplet](t, things).Put, "Save": view[chiplet](t, things).Save,
			"base": func(ctx context.Context, c *chiplet) error { var one any = c; return things.Put(ctx, &one) },
			"transact": func(ctx context.Context, c *chiplet) error {
				return db.Transact(ctx, view[chiplet](t, things).Ops().Put(c))
			},
			"batch": func(ctx context.Context, c *chiplet) error {
				return db.Batch(ctx, view[chiplet](t, things).Ops().Put(c))
			},
		} {
			var other any = &box{ID: verb, Lot: verb}
			require.NoError(t, things.Put(t.Context(), &other), "boxes are not unique")
			require.NoError(t, write(t.Context(), &chiplet{chip: chip{ID: verb}, Lot: verb}), verb)
			require.NoError(t, write(t.Context(), &chiplet{chip: chip{ID: verb}, Lot: verb}), "%s: again", verb)
			require.ErrorIs(t, write(t.Context(), &chiplet{chip: chip{ID: verb + "2"}, Lot: verb}), repo.ErrUnique, verb)
			for page, err := range unique.Check(t.Context(), things, unique.Options{}) {
				require.NoError(t, err)
				assert.Empty(t, page.Items, verb)
			}
		}
	})
}

// box has a lot that need not be unique.
type box struct {
	ID  string `dynamodbav:"id"`
	Lot string `dynamodbav:"lot,omitempty"`
}

// TestSaveChangesOfAnotherKind: what differs between two items of a kind is no
// change of an item of another, through the repository of all (rule O6).
func TestSaveChangesOfAnotherKind(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, _ *faults.Transport) {
		things := create[any](t, db, repo.Spec{
			Table: "things", Key: key.Spec{Hash: key.String("id")}, Kinds: sti.Kinds("", sti.Of[chip]("chip"), sti.Of[box]("box")),
		})
		var stored, before, after any = &box{ID: "1", Lot: "a"}, &chip{ID: "1"}, &chip{ID: "1", N: 7}
		require.NoError(t, things.Put(t.Context(), &stored))
		require.ErrorIs(t, things.SaveChanges(t.Context(), &before, &after), repo.ErrNotFound)
		got, err := things.Get(t.Context(), key.Of("1"))
		require.NoError(t, err)
		assert.Equal(t, stored, got)
		stored = &chip{ID: "1"}
		require.NoError(t, things.Put(t.Context(), &stored))
		require.NoError(t, things.SaveChanges(t.Context(), &before, &after))
	})
}
