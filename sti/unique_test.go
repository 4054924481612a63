package sti_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/unique"
)

// TestUniqueKinds: a constraint on the field of one kind, or on one that a kind
// shares with those under it, is kept by every repository that writes the kind,
// and no repository of the table meets a marker (rules F8, H2).
func TestUniqueKinds(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		spec := zooSpec()
		spec.Kinds = sti.Kinds("", sti.Of[Cat]("cat"), sti.Of[Dog]("dog"), sti.Of[Puppy]("puppy", sti.Under[Dog]()))
		spec.Unique = []repo.Unique{repo.UniqueOn(lives), repo.UniqueOn(breed)}
		animals := create[Animal](t, db, spec)
		cats, err := sti.View[Cat](animals)
		require.NoError(t, err)
		dogs, err := sti.View[Dog](animals)
		require.NoError(t, err)

		require.NoError(t, put(t, animals, &Cat{Base: base("tom"), Lives: 9}))
		cat := Cat{Base: base("cat"), Lives: 9}
		require.ErrorIs(t, cats.Create(t.Context(), &cat), repo.ErrUnique)
		require.ErrorIs(t, put(t, animals, &cat), repo.ErrUnique)
		cat.Lives = 8
		require.NoError(t, cats.Create(t.Context(), &cat))
		dog := Dog{Base: base("rex"), Breed: "pug"}
		require.NoError(t, dogs.Create(t.Context(), &dog))
		puppy := Puppy{Dog: Dog{Base: base("pup"), Breed: "pug"}}
		err = put(t, animals, &puppy)
		require.ErrorIs(t, err, repo.ErrUnique, "the kinds under one share its constraint")
		dog.Breed = "mix"
		require.NoError(t, dogs.Save(t.Context(), &dog))
		require.NoError(t, put(t, animals, &puppy))
		_, err = cats.Update(t.Context(), at("tom"), lives.Set(8))
		require.ErrorIs(t, err, repo.ErrUnique)
		require.NoError(t, put(t, animals, &Dog{Base: base("nameless")}), "no value is none")

		tr.Reset()
		all, err := animals.Scan().Collect(t.Context())
		require.NoError(t, err)
		assert.Len(t, all, 5)
		n, err := animals.Scan().Count(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 5, n)
		some, err := cats.Scan().Collect(t.Context())
		require.NoError(t, err)
		assert.Len(t, some, 2)
		few, err := dogs.Scan().Collect(t.Context())
		require.NoError(t, err)
		assert.Len(t, few, 3)
		_, err = animals.Get(t.Context(), key.Of("~unique|lives|N9").Range("~unique"))
		require.ErrorIs(t, err, repo.ErrInvalid, "a key of markers")

		assert.Empty(t, check(t, animals, unique.Options{}))
		drop(t, animals, "~unique|lives|N9", "~unique")
		drop(t, animals, "z", "pup")
		drop(t, animals, "~unique|breed|Smix", "~unique")
		want := []string{"missing lives tom", "orphaned breed pup", "missing breed rex"}
		assert.ElementsMatch(t, want, check(t, animals, unique.Options{}))
		assert.ElementsMatch(t, want[:1], check(t, cats, unique.Options{}), "a view looks after its own kind")
		assert.ElementsMatch(t, want[1:], check(t, dogs, unique.Options{}))
		assert.ElementsMatch(t, want, check(t, animals, unique.Options{Repair: true}))
		assert.Empty(t, check(t, animals, unique.Options{}))
		require.NoError(t, put(t, animals, &Dog{Base: base("new"), Breed: "pug"}))
	})
}

func base(name string) Base { return Base{Zoo: "z", Name: name} }

func put(t *testing.T, r *repo.Repo[Animal], a Animal) error {
	t.Helper()
	return r.Put(t.Context(), &a)
}

// check returns what a walk finds: the fault, the constraint, and the name of
// the item that it is about.
func check[T any](t *testing.T, r *repo.Repo[T], how unique.Options) (all []string) {
	t.Helper()
	for p, err := range unique.Check(t.Context(), r, how) {
		require.NoError(t, err)
		for _, f := range p.Items {
			of := f.Item
			if of == nil {
				of = f.Owner
			}
			all = append(all, fmt.Sprint(f.Kind, " ", f.Name, " ", of["name"].(*types.AttributeValueMemberS).Value))
		}
	}
	return all
}

// drop deletes an item past the repository.
func drop(t *testing.T, r *repo.Repo[Animal], zoo, name string) {
	t.Helper()
	_, err := r.DB().Client().DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String(r.Table()),
		Key: map[string]types.AttributeValue{
			"zoo": &types.AttributeValueMemberS{Value: zoo}, "name": &types.AttributeValueMemberS{Value: name},
		},
	})
	require.NoError(t, err)
}
