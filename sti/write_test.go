package sti_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestKindIsWritten: the discriminator is written under the kind's name, never
// an alias, with or without a field, by every write (rules H1, H3).
func TestKindIsWritten(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		for name, kind := range map[string]string{"tom": "cat", "kitty": "cat", "bello": "puppy", "rex": "hound"} {
			assert.Equal(t, text(kind), z.raw(t, name)["type"], name)
		}
		rex, err := z.dogs.Get(ctx, at("rex"))
		require.NoError(t, err)
		require.NoError(t, z.dogs.Save(ctx, &rex))
		assert.Equal(t, "dog", rex.Kind, "the alias is read and not written")
		assert.Equal(t, text("dog"), z.raw(t, "rex")["type"])

		felix := cat("felix", 3)
		garfield := cat("garfield", 4)
		var animal Animal = dog("hasso")
		var young Canine = puppy("waldi")
		require.NoError(t, db.Transact(ctx, z.cats.Ops().Create(felix), z.animals.Ops().Create(&animal), z.canines.Ops().Create(&young)))
		require.NoError(t, db.Batch(ctx, z.cats.Overwrite().Ops().Put(garfield)))
		assert.Equal(t, int64(1), felix.Version, "the caller's item is written back")
		assert.Equal(t, stored(dog("hasso")), animal)
		assert.Equal(t, stored(puppy("waldi")), young)
		for name, kind := range map[string]string{"felix": "cat", "garfield": "cat", "hasso": "dog", "waldi": "puppy"} {
			assert.Equal(t, text(kind), z.raw(t, name)["type"], name)
		}
	})
}

// TestWritesOfAnInterface: versions, conditions and deletes are those of the
// item's own type, and the caller's item changes only on success (rules G1, G2).
func TestWritesOfAnInterface(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		one, err := z.animals.Get(ctx, at("tom"))
		require.NoError(t, err)
		two, err := z.animals.Get(ctx, at("tom"))
		require.NoError(t, err)
		tr.Reset()
		one.(*Cat).Lives = 8
		require.NoError(t, z.animals.Save(ctx, &one))
		assert.Equal(t, int64(2), one.(*Cat).Version)
		require.ErrorIs(t, z.animals.Save(ctx, &two), lock.ErrStale)
		assert.Equal(t, int64(1), two.(*Cat).Version, "unchanged")
		require.ErrorIs(t, z.animals.Destroy(ctx, &two), lock.ErrStale)
		require.ErrorIs(t, z.animals.Create(ctx, &one), repo.ErrExists)
		err = z.animals.If(cond.As[Animal](lives).Eq(1)).Save(ctx, &one)
		require.ErrorIs(t, err, repo.ErrConditionFailed)
		require.NoError(t, z.animals.IfUnchanged(&one).Save(ctx, &one))
		k, err := z.animals.Key(&one)
		require.NoError(t, err)
		assert.Equal(t, at("tom"), k)
		require.NoError(t, z.animals.Destroy(ctx, &one))
		assert.Nil(t, z.raw(t, "tom"))
		require.NoError(t, z.animals.Delete(ctx, at("rex")), "the repository of all deletes any")
		assert.Nil(t, z.raw(t, "rex"))
		assert.Equal(t, map[string]int{"PutItem": 5, "DeleteItem": 3, "GetItem": 2}, tr.Counts())

		tr.Reset()
		var none Animal
		require.ErrorIs(t, z.animals.Save(ctx, &none), repo.ErrInvalid)
		var fish Animal = fish{}
		err = z.animals.Create(ctx, &fish)
		require.ErrorIs(t, err, repo.ErrUnknownKind)
		require.ErrorIs(t, err, repo.ErrInvalid)
		var typed *repo.KindError
		require.ErrorAs(t, err, &typed)
		assert.Equal(t, "sti_test.fish", typed.Type.String())
		var nobody Animal = (*Cat)(nil)
		require.ErrorIs(t, z.animals.Destroy(ctx, &nobody), repo.ErrInvalid)
		require.ErrorIs(t, z.animals.Save(ctx, nil), repo.ErrInvalid)
		_, err = z.animals.Update(ctx, at("tom"), cond.Name[Animal]("type").Set("dog"))
		require.ErrorIs(t, err, repo.ErrInvalid, "a kind can't change")
		assert.Zero(t, tr.Total())
	})
}

type fish struct{}

func (fish) Sound() string { return "" }

// TestViewWrites: an item of another kind stays as it is, and is not found
// (rule H2).
func TestViewWrites(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		before := z.raw(t, "rex")
		tr.Reset()
		_, err := z.cats.Update(ctx, at("rex"), lives.Set(1))
		require.ErrorIs(t, err, repo.ErrNotFound)
		_, err = z.cats.If(lives.Exists()).Update(ctx, at("rex"), lives.Set(1))
		require.ErrorIs(t, err, repo.ErrNotFound)
		require.ErrorIs(t, z.cats.Delete(ctx, at("rex")), repo.ErrNotFound)
		require.ErrorIs(t, db.Transact(ctx, z.cats.Ops().Delete(at("rex"))), repo.ErrNotFound)
		require.ErrorIs(t, db.Transact(ctx, z.cats.Ops().Check(at("rex"))), repo.ErrNotFound)
		require.NoError(t, z.cats.Delete(ctx, at("nobody")), "a delete is quiet if there is none")
		require.ErrorIs(t, z.cats.If(lives.Eq(1)).Delete(ctx, at("tom")), repo.ErrConditionFailed)
		require.ErrorIs(t, z.cats.Create(ctx, cat("rex", 1)), repo.ErrExists)
		assert.Equal(t, 8, tr.Total())
		require.ErrorIs(t, db.Batch(ctx, z.cats.Ops().Delete(at("tom"))), repo.ErrInvalid, "a batch can't check")
		assert.Equal(t, 8, tr.Total())
		assert.Equal(t, before, z.raw(t, "rex"))

		updated, err := z.dogs.Update(ctx, at("bello"), breed.Set("pug"))
		require.NoError(t, err)
		assert.Equal(t, "pug", updated.Breed)
		n, err := z.cats.Query(key.Of("z")).Update(ctx, lives.Set(5))
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		n, err = z.cats.Scan().DeleteAll(ctx)
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		rest, err := z.animals.Query(key.Of("z")).Collect(ctx)
		require.NoError(t, err)
		assert.Len(t, rest, 2)
	})
}

// TestAnotherKindIsRefused: what was loaded as what it is a special case of is
// not stored as that, for it would lose the rest.
func TestAnotherKindIsRefused(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		bello, err := z.dogs.Get(ctx, at("bello"))
		require.NoError(t, err)
		tr.Reset()
		err = z.dogs.Save(ctx, &bello)
		require.ErrorIs(t, err, repo.ErrKind)
		require.ErrorIs(t, err, repo.ErrInvalid)
		assert.NotContains(t, err.Error(), "puppy")
		assert.Zero(t, tr.Total())
		require.NoError(t, z.dogs.Destroy(ctx, &bello), "to destroy it loses nothing more")
	})
}

// TestCallbacksAndValidation are those of the item's own type (rules I1, I2).
func TestCallbacksAndValidation(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		var heard []string
		spec := zooSpec()
		errNo := errors.New("no")
		spec.Callbacks = []repo.Callback{
			repo.On(repo.BeforeSave, func(_ context.Context, c *Cat) error {
				heard = append(heard, "cat "+c.Name)
				return nil
			}),
			repo.On(repo.BeforeCreate, func(_ context.Context, a *Animal) error {
				heard = append(heard, (*a).Sound())
				return nil
			}),
			repo.On(repo.BeforeDelete, func(_ context.Context, d *Dog) error { return errNo }),
			repo.On(repo.BeforeUpdate, func(_ context.Context, d *Dog) error {
				d.Kind = "cat"
				return nil
			}),
		}
		spec.Defaults = []repo.Default{repo.DefaultTo(cond.Field(func(d *Dog) *string { return &d.Breed }), "mutt")}
		animals := create[Animal](t, db, spec)
		cats, dogs := view[Cat](t, animals), view[Dog](t, animals)
		ctx := t.Context()
		var tom, rex Animal = cat("tom", 9), &Dog{Base: Base{Zoo: "z", Name: "rex"}}
		require.NoError(t, animals.Create(ctx, &tom))
		require.NoError(t, animals.Create(ctx, &rex))
		require.NoError(t, cats.Save(ctx, tom.(*Cat)))
		assert.Equal(t, []string{"cat tom", "meow", "woof", "cat tom"}, heard)
		assert.Equal(t, "mutt", rex.(*Dog).Breed)
		require.ErrorIs(t, animals.Destroy(ctx, &rex), errNo)
		require.ErrorIs(t, dogs.Destroy(ctx, rex.(*Dog)), errNo)
		require.ErrorIs(t, dogs.Save(ctx, rex.(*Dog)), repo.ErrKind, "a callback can't change the kind")
		require.NoError(t, animals.Destroy(ctx, &tom))

		var dead Animal = cat("dead", 0)
		err := animals.Create(ctx, &dead)
		require.ErrorIs(t, err, errDead)
		require.ErrorIs(t, err, repo.ErrInvalid)
		require.NoError(t, animals.SkipValidation().Create(ctx, &dead))
		found, err := animals.Get(ctx, at("dead"))
		require.NoError(t, err)
		assert.True(t, found.(*Cat).Found, "AfterFind")
		assert.Equal(t, "meow", heard[len(heard)-1])
	})
}
