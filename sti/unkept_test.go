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
			"struct base, delete": func(ctx context.Context) error { return chips.Delete(ctx, one) },
			"struct base, under a condition": func(ctx context.Context) error {
				return chips.If(serial.Exists()).Delete(ctx, one)
			},
		} {
			require.ErrorIs(t, write(t.Context()), repo.ErrInvalid, name)
		}
		assert.Zero(t, tr.Total())
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
