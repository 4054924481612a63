package sti_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

type odd struct {
	Base
	Kind int `dynamodbav:"type"`
}

func (*odd) Sound() string { return "" }

type keyless struct {
	Zoo string `dynamodbav:"zoo"`
}

func (*keyless) Sound() string { return "" }

// TestDeclarations: faults are told when a repository is made, all at once, and
// nothing is sent (rules H3, L2).
func TestDeclarations(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		for name, test := range map[string]struct {
			kinds repo.Kinds
			want  []string
		}{
			"two types under one name": {sti.Kinds("", sti.Of[Cat]("cat"), sti.Of[Dog]("cat")), []string{"two kinds are named cat"}},
			"an alias that is a name":  {sti.Kinds("", sti.Of[Cat]("cat", sti.Alias("dog")), sti.Of[Dog]("dog")), []string{"two kinds are named dog"}},
			"one type twice":           {sti.Kinds("", sti.Of[Cat]("cat"), sti.Of[Cat]("felis")), []string{"sti_test.Cat stands twice"}},
			"several at once": {sti.Kinds("", sti.Of[Cat](""), sti.Of[Dog]("dog", sti.Under[Base]())), []string{
				"sti_test.Cat has an empty name", "sti_test.Dog is under sti_test.Base, which is no kind",
			}},
			"under itself":              {sti.Kinds("", sti.Of[Dog]("dog", sti.Under[Puppy]()), sti.Of[Puppy]("puppy", sti.Under[Dog]())), []string{"under itself"}},
			"no kinds":                  {sti.Kinds(""), []string{"want a kind"}},
			"a pointer":                 {sti.Kinds("", sti.Of[*Cat]("cat")), []string{"want struct types"}},
			"not of the interface":      {sti.Kinds("", sti.Of[Cat]("cat"), sti.Of[Base]("base")), []string{"*sti_test.Base does not implement sti_test.Animal"}},
			"no string field":           {sti.Kinds("", sti.Of[odd]("odd")), []string{"field Kind of the discriminator is stored as no plain string"}},
			"a key is missing":          {sti.Kinds("", sti.Of[Cat]("cat"), sti.Of[keyless]("keyless")), []string{"attribute name has no field in the type", "attribute v has no field"}},
			"aliases of an index's key": {sti.Kinds("", sti.Of[Cat]("cat", sti.Alias("felis"))), []string{"it has aliases and attribute type is a key"}},
		} {
			spec := zooSpec()
			spec.Kinds = test.kinds
			_, err := repo.New[Animal](db, spec)
			require.ErrorIs(t, err, repo.ErrInvalid, name)
			for _, want := range test.want {
				require.ErrorContains(t, err, want, name)
			}
		}
		spec := zooSpec()
		spec.Kinds = sti.Kinds("", sti.Of[puppyWithout]("puppy", sti.Under[dogWithout]()), sti.Of[dogWithout]("dog"))
		animals, err := repo.New[Animal](db, spec)
		require.ErrorContains(t, err, "attribute lives", "no kind has the key of the index")
		assert.Nil(t, animals)
		spec.Indexes = nil
		animals, err = repo.New[Animal](db, spec)
		require.NoError(t, err)
		_, err = sti.View[dogWithout](animals)
		require.ErrorContains(t, err, "there are kinds under it")
		_, err = sti.View[puppyWithout](animals)
		require.NoError(t, err)
		_, err = repo.New[Animal](db, repo.Spec{Table: "zoo", Key: spec.Key})
		require.ErrorIs(t, err, repo.ErrInvalid, "an interface wants kinds")
		assert.Zero(t, tr.Total())
	})
}

type dogWithout struct{ Base }

func (*dogWithout) Sound() string { return "" }

type puppyWithout struct{ dogWithout }

// TestOtherDiscriminator: the attribute can be chosen, be the key of an index
// without a field, and be a name that DynamoDB reserves (rules D3, H1).
func TestOtherDiscriminator(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		spec := zooSpec()
		spec.Kinds = sti.Kinds("name.size", sti.Of[Cat]("C"), sti.Of[dogWithout]("D"))
		spec.Indexes = []index.Spec{index.Global("by_size", key.String("name.size"), key.String("name"))}
		animals := create[Animal](t, db, spec)
		cats := view[Cat](t, animals)
		ctx := t.Context()
		require.NoError(t, cats.Create(ctx, cat("tom", 9)))
		require.NoError(t, cats.Create(ctx, cat("kitty", 9)))
		var rex Animal = &dogWithout{Base{Zoo: "z", Name: "rex"}}
		require.NoError(t, animals.Create(ctx, &rex))
		plan, err := cats.Where().Plan()
		require.NoError(t, err)
		assert.Equal(t, "by_size", plan.Index)
		tr.Reset()
		for page, err := range cats.Where().RecordLimit(1).Pages(ctx) {
			require.NoError(t, err)
			assert.Equal(t, []Cat{*stored(cat("kitty", 9))}, page.Items)
			rest, err := cats.Where().StartAfter(page.Items[0]).Collect(ctx)
			require.NoError(t, err)
			assert.Equal(t, []Cat{*stored(cat("tom", 9))}, rest, "a place in the index, from the kind")
		}
		got, err := animals.Query(key.Of("z")).Collect(ctx)
		require.NoError(t, err)
		assert.Len(t, got, 3)
		assert.IsType(t, &dogWithout{}, got[1])
		assert.Equal(t, 3, tr.Total())
	})
}
