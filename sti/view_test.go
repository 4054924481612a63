package sti_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

// TestViewSeesItsKinds: a view sees its own kind and those under it, never
// siblings, by queries, scans and counts; aliases are matched (rules H2, H3).
func TestViewSeesItsKinds(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		cats, err := z.cats.Query(key.Of("z")).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []Cat{*stored(cat("kitty", 7)), *stored(cat("tom", 9))}, cats)

		dogs, err := z.dogs.Query(key.Of("z")).Collect(ctx)
		require.NoError(t, err)
		bello := stored(puppy("bello")).Dog
		assert.Equal(t, []Dog{bello, *hound()}, dogs, "a puppy is a dog, read as one")

		canines, err := z.canines.Query(key.Of("z")).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []Canine{stored(puppy("bello")), hound()}, canines, "each as its own type")

		scanned, err := z.dogs.Scan().Segments(2).Collect(ctx)
		require.NoError(t, err)
		assert.ElementsMatch(t, dogs, scanned)
		n, err := z.dogs.Scan().Count(ctx)
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		first, err := z.dogs.Query(key.Of("z")).Descending().First(ctx)
		require.NoError(t, err)
		assert.Equal(t, *hound(), first)
		hydrated, err := z.dogs.Query(key.Of("z")).Index("keys").Hydrate().Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, dogs, hydrated, "where the index can't filter, the items tell")
		narrow, err := z.cats.Query(key.Of("z")).Project("lives").Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, 7, narrow[0].Lives)

		puppies := view[Puppy](t, z.dogs)
		young, err := puppies.Query(key.Of("z")).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []Puppy{*stored(puppy("bello"))}, young, "a view of a view")
	})
}

// TestViewByKey: by key an item of another kind is not there (rule H2).
func TestViewByKey(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		_, err := z.cats.Get(ctx, at("rex"))
		require.ErrorIs(t, err, repo.ErrNotFound)
		require.NotErrorIs(t, err, repo.ErrDecode)
		for name, want := range map[string]bool{"rex": false, "tom": true, "nobody": false} {
			got, err := z.cats.Exists(ctx, at(name))
			require.NoError(t, err)
			assert.Equal(t, want, got, name)
		}
		many, err := z.cats.GetMany(ctx, []key.Value{at("rex"), at("tom")})
		require.NoError(t, err)
		assert.Equal(t, repo.Many[Cat]{Items: []Cat{*stored(cat("tom", 9))}, Missing: []key.Value{at("rex")}}, many)
		var tom, rex Cat
		err = db.TransactGet(ctx, z.cats.Into(at("tom"), &tom), z.cats.Into(at("rex"), &rex))
		require.ErrorIs(t, err, repo.ErrNotFound)
		assert.Equal(t, *stored(cat("tom", 9)), tom)
		assert.Equal(t, map[string]int{"GetItem": 4, "BatchGetItem": 1, "TransactGetItems": 1}, tr.Counts())
	})
}

// TestViewLimits: a view filters, so limits hold as for any filter (rules A4,
// A5), and its cursors are exact (rule A6).
func TestViewLimits(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := zoo{db: db, tr: tr, animals: create[Animal](t, db, zooSpec())}
		z.cats = view[Cat](t, z.animals)
		ctx := t.Context()
		var ops []repo.Op
		for i := range 20 { // 10 dogs, then 10 cats
			var a Animal = dog(string(rune('a' + i)))
			if i >= 10 {
				a = cat(string(rune('a'+i)), i)
			}
			ops = append(ops, z.animals.Overwrite().Ops().Put(&a))
		}
		require.NoError(t, db.Batch(ctx, ops...))
		tr.Reset()
		q := z.cats.Query(key.Of("z"))

		found, err := q.RecordLimit(2).Collect(ctx)
		require.NoError(t, err)
		assert.Len(t, found, 2)
		assert.Equal(t, []int{2, 2, 4, 8}, tr.Limits("Query"), "as any filter, rule A5: 4 requests")

		tr.Reset()
		found, err = q.RecordLimit(2).ScanLimit(13).BatchSize(1).Collect(ctx)
		require.NoError(t, err)
		assert.Len(t, found, 2)
		assert.Equal(t, 12, tr.Total(), "rule A4")

		tr.Reset()
		n, err := q.RecordLimit(10).BatchSize(3).Count(ctx)
		require.NoError(t, err)
		assert.Equal(t, 10, n)
		assert.Equal(t, 7, tr.Total(), "rule A4, as Count")

		var names []string
		var cursor dyniter.Cursor
		for range 4 {
			for page, err := range q.From(cursor).RecordLimit(3).Pages(ctx) {
				require.NoError(t, err)
				for _, c := range page.Items {
					names = append(names, c.Name)
				}
				cursor = page.Cursor
			}
		}
		assert.Equal(t, []string{"k", "l", "m", "n", "o", "p", "q", "r", "s", "t"}, names)
		metered, meter := repo.WithMeter(ctx)
		_, err = q.Prefetch(2).BatchSize(4).Collect(metered)
		require.NoError(t, err)
		assert.Equal(t, []int{20, 10, 0}, []int{meter.Stats().Evaluated, meter.Stats().Returned, meter.Stats().Skipped})
	})
}

// TestViewPlans: a view of one exact kind asks an index by the discriminator,
// one of several filters; what it adds is no scan that conditions forced.
func TestViewPlans(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		plan := func(p repo.Plan, err error) repo.Plan {
			t.Helper()
			require.NoError(t, err)
			return p
		}
		all := plan(z.cats.Where().Plan())
		assert.Equal(t, []any{"Query", "by_type", []string{"type = ?"}}, []any{all.Operation, all.Index, all.Key})
		assert.Empty(t, all.Filter)
		named := z.cats.Where(catName.BeginsWith("t"))
		assert.Equal(t, []string{"type = ?", "name begins_with ?"}, plan(named.Plan()).Key)
		found, err := named.Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []Cat{*stored(cat("tom", 9))}, found)

		partition := plan(z.cats.Query(key.Of("z")).Plan())
		assert.Equal(t, []string{"type = ?"}, partition.Filter)
		several := plan(z.dogs.Where().Plan())
		assert.Equal(t, []any{"Scan", "no conditions"}, []any{several.Operation, several.Rule})
		assert.Len(t, several.Filter, 1)
		assert.Empty(t, several.Unserved)
		dogs, err := z.dogs.Where().Collect(ctx)
		require.NoError(t, err, "no condition of the caller's forced it")
		assert.Len(t, dogs, 2)
		_, err = z.dogs.Where(dogName.Eq("rex")).Collect(ctx)
		require.ErrorIs(t, err, repo.ErrScanRefused)
		assert.NotContains(t, err.Error(), "type")

		hounds := z.dogs.Query(key.Of("hound")).Index("by_type")
		assert.Empty(t, plan(hounds.Plan()).Filter, "which kind is said")
		dogs, err = hounds.Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []Dog{*hound()}, dogs)

		tr.Reset()
		_, err = z.cats.Query(key.Of("dog")).Index("by_type").Collect(ctx)
		require.ErrorIs(t, err, repo.ErrInvalid)
		_, err = z.cats.Where(cond.Name[Cat]("type").Eq("dog")).Collect(ctx)
		require.ErrorIs(t, err, repo.ErrInvalid)
		_, err = z.dogs.Query(key.Of(1)).Index("by_lives").Collect(ctx)
		require.ErrorIs(t, err, index.ErrIndex, "dogs have no lives")
		assert.Zero(t, tr.Total())
	})
}

// TestViewRefuses tells what can't be viewed, before any request.
func TestViewRefuses(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		animals, err := repo.New[Animal](db, zooSpec())
		require.NoError(t, err)
		_, err = sti.View[Cat](animals)
		require.NoError(t, err)
		_, err = sti.View[Cat, Animal](nil)
		require.ErrorIs(t, err, repo.ErrInvalid)
		_, err = sti.View[Base](animals)
		require.ErrorContains(t, err, "sti_test.Base is no kind")
		_, err = sti.View[interface{ Fly() }](animals)
		require.ErrorContains(t, err, "no kind implements")
		_, err = sti.View[*Cat](animals)
		require.ErrorIs(t, err, repo.ErrInvalid)
		spec := zooSpec()
		spec.Kinds, spec.Indexes = nil, nil
		plain, err := repo.New[Cat](db, spec)
		require.NoError(t, err)
		_, err = sti.View[Cat](plain)
		require.ErrorIs(t, err, repo.ErrInvalid)
		assert.Zero(t, tr.Total())
	})
}
