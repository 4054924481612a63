package sti_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

// TestEachItemAsItsOwnType: every read of the repository of an interface
// returns each item as its own type, in as many requests as of any repository
// (rule H2).
func TestEachItemAsItsOwnType(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		partition := z.animals.Query(key.Of("z"))

		got, err := z.animals.Get(ctx, at("tom"))
		require.NoError(t, err)
		assert.Equal(t, stored(cat("tom", 9)), got)

		found, err := partition.Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, all(), found)

		scanned, err := z.animals.Scan().Segments(3).Collect(ctx)
		require.NoError(t, err)
		assert.ElementsMatch(t, all(), scanned)

		ahead, err := partition.BatchSize(1).Prefetch(2).Descending().Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, all()[3], ahead[0])
		assert.Len(t, ahead, 4)

		first, err := partition.First(ctx)
		require.NoError(t, err)
		assert.Equal(t, stored(puppy("bello")), first)

		hydrated, err := partition.Index("keys").Hydrate().Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, all(), hydrated)

		part, err := partition.Project("weeks").First(ctx)
		require.NoError(t, err)
		assert.Equal(t, 8, part.(*Puppy).Weeks)
		assert.Empty(t, part.(*Puppy).Breed, "only what was asked for")

		many, err := z.animals.GetMany(ctx, []key.Value{at("tom"), at("nobody"), at("bello")})
		require.NoError(t, err)
		assert.Equal(t, repo.Many[Animal]{Items: []Animal{stored(cat("tom", 9)), stored(puppy("bello"))}, Missing: []key.Value{at("nobody")}}, many)

		var one, other Animal
		require.NoError(t, db.TransactGet(ctx, z.animals.Into(at("rex"), &one), z.animals.Into(at("kitty"), &other)))
		assert.Equal(t, []Animal{hound(), stored(cat("kitty", 7))}, []Animal{one, other})

		updated, err := z.animals.Update(ctx, at("bello"), cond.Name[Animal]("weeks").Set(9))
		require.NoError(t, err)
		assert.Equal(t, 9, updated.(*Puppy).Weeks)
		n, err := partition.Count(ctx)
		require.NoError(t, err)
		assert.Equal(t, 4, n)
		assert.Equal(t, map[string]int{"GetItem": 1, "Query": 10, "Scan": 3, "BatchGetItem": 2, "TransactGetItems": 1, "UpdateItem": 1}, tr.Counts())
	})
}

// TestConditionsOfAnInterface: an attribute goes by name, or is that of a
// struct; the planner uses indexes by it.
func TestConditionsOfAnInterface(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		q := z.animals.Where(cond.As[Animal](lives).Eq(9))
		plan, err := q.Plan()
		require.NoError(t, err)
		assert.Equal(t, "by_lives", plan.Index)
		found, err := q.Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []Animal{stored(cat("tom", 9))}, found)

		found, err = z.animals.Query(key.Of("z")).Where(cond.Name[Animal]("weeks").Exists()).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []Animal{stored(puppy("bello"))}, found)

		found, err = z.animals.Query(key.Of("cat")).Index("by_type").Collect(ctx)
		require.NoError(t, err)
		assert.Len(t, found, 2)

		tr.Reset()
		_, err = z.animals.Where(cond.Name[Animal]("feathers").Exists()).Collect(ctx)
		require.ErrorIs(t, err, cond.ErrAttr, "no kind has it")
		_, err = z.animals.Query(key.Of("z")).Index("keys").Collect(ctx)
		require.ErrorIs(t, err, repo.ErrInvalid, "the index has no discriminator")
		assert.Zero(t, tr.Total())
	})
}

// TestCursors: a cursor goes on exactly wherever a loop was left, on the table
// and on an index by the discriminator (rules A6, B2).
func TestCursors(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		partition := z.animals.Query(key.Of("z"))
		for i, a := range all() {
			cursor, err := partition.CursorAfter(a)
			require.NoError(t, err)
			rest, err := partition.From(cursor).Collect(ctx)
			require.NoError(t, err)
			assert.ElementsMatch(t, all()[i+1:], rest)
			again, err := partition.StartAfter(a).Collect(ctx)
			require.NoError(t, err)
			assert.Equal(t, rest, again)
		}
		byKey, err := partition.StartAfter(at("rex")).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, all()[3:], byKey)

		cats := z.cats.Query(key.Of("cat")).Index("by_type")
		var names []string
		for page, err := range cats.RecordLimit(1).Pages(ctx) {
			require.NoError(t, err)
			names = append(names, page.Items[0].Name)
			rest, err := cats.From(page.Cursor).Collect(ctx)
			require.NoError(t, err)
			assert.Equal(t, []Cat{*stored(cat("tom", 9))}, rest)
		}
		assert.Equal(t, []string{"kitty"}, names)

		var none Animal
		_, err = partition.CursorAfter(none)
		require.ErrorIs(t, err, repo.ErrInvalid)
		_, err = partition.StartAfter(none).Collect(ctx)
		require.ErrorIs(t, err, repo.ErrInvalid)
	})
}

// TestUnknownKinds: an item of an unknown kind, or of none, is a typed error
// that tells the attribute and no data, or is left out and counted (rule H3).
func TestUnknownKinds(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		skipping, err := sti.SkipUnknown(z.animals)
		require.NoError(t, err)
		for _, kind := range []string{"zebra", ""} {
			z.rename(t, "secret", kind)
			_, err := z.animals.Query(key.Of("z")).Collect(ctx)
			require.ErrorIs(t, err, repo.ErrUnknownKind)
			assert.NotContains(t, err.Error(), "zebra")
			assert.NotContains(t, err.Error(), "secret")
			var typed *repo.KindError
			require.ErrorAs(t, err, &typed)
			assert.Equal(t, repo.KindError{Attr: "type"}, *typed)
			_, err = z.animals.Get(ctx, at("secret"))
			require.ErrorIs(t, err, repo.ErrUnknownKind)
			_, err = z.animals.GetMany(ctx, []key.Value{at("secret")})
			require.ErrorIs(t, err, repo.ErrUnknownKind)

			metered, meter := repo.WithMeter(ctx)
			found, err := skipping.Query(key.Of("z")).Collect(metered)
			require.NoError(t, err)
			assert.Equal(t, all(), found)
			assert.Equal(t, 1, meter.Stats().Skipped)
			n, err := skipping.Query(key.Of("z")).Count(ctx)
			require.NoError(t, err)
			assert.Equal(t, 4, n)
			_, err = skipping.Get(ctx, at("secret"))
			require.ErrorIs(t, err, repo.ErrUnknownKind, "by key it stays an error")
			many, err := skipping.GetMany(ctx, []key.Value{at("secret"), at("tom")})
			require.NoError(t, err)
			assert.Equal(t, []key.Value{at("secret")}, many.Missing)

			_, err = z.cats.Get(ctx, at("secret"))
			require.ErrorIs(t, err, repo.ErrNotFound, "to a view there is none")
		}
	})
}
