package sti_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/table"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// Animal is what the repository of all is of.
type Animal interface{ Sound() string }

// Canine is an Animal that *Dog and *Puppy are.
type Canine interface {
	Animal
	Bark() string
}

type Base struct {
	Zoo       string    `dynamodbav:"zoo"`
	Name      string    `dynamodbav:"name"`
	Version   int64     `dynamodbav:"v"`
	CreatedAt time.Time `dynamodbav:"created_at"`
}

type Cat struct {
	Base
	Lives int `dynamodbav:"lives"`

	Found bool `dynamodbav:"-"`
}

func (*Cat) Sound() string { return "meow" }

// Validate refuses a cat without lives.
func (c *Cat) Validate(context.Context) error {
	if c.Lives == 0 {
		return errDead
	}
	return nil
}

// AfterFind marks what was read.
func (c *Cat) AfterFind(context.Context) error {
	c.Found = true
	return nil
}

var errDead = errors.New("a cat has lives")

// Dog has a field for its kind, since there is one under it.
type Dog struct {
	Base
	Kind  string `dynamodbav:"type"`
	Breed string `dynamodbav:"breed,omitempty"`
}

func (*Dog) Sound() string { return "woof" }
func (*Dog) Bark() string  { return "woof" }

type Puppy struct {
	Dog
	Weeks int `dynamodbav:"weeks"`
}

var (
	lives   = cond.Field(func(c *Cat) *int { return &c.Lives })
	catName = cond.Field(func(c *Cat) *string { return &c.Name })
	breed   = cond.Field(func(d *Dog) *string { return &d.Breed })
	dogName = cond.Field(func(d *Dog) *string { return &d.Name })
)

func kinds() repo.Kinds {
	return sti.Kinds("",
		sti.Of[Cat]("cat"),
		sti.Of[Dog]("dog", sti.Alias("hound")),
		sti.Of[Puppy]("puppy", sti.Under[Dog]()))
}

func zooSpec() repo.Spec {
	return repo.Spec{
		Table: "zoo",
		Key:   key.Spec{Hash: key.String("zoo"), Range: key.String("name")},
		Indexes: []index.Spec{
			index.Global("by_type", key.String("type"), key.String("name")),
			index.Global("by_lives", key.Int("lives")),
			index.Global("keys", key.String("zoo"), key.String("name")).KeysOnly(),
		},
		Kinds:      kinds(),
		Lock:       lock.Version("v"),
		Timestamps: repo.Timestamps{Created: "created_at"},
	}
}

var now = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)

// paths runs a test on the fast path and on the standard one.
func paths(t *testing.T, test func(t *testing.T, db *repo.DB, tr *faults.Transport)) {
	t.Helper()
	for name, standard := range map[string]bool{"fast": false, "standard": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := faults.New(nil)
			client := enginetest.Client(t, func(o *dynamodb.Options) { o.HTTPClient = tr })
			db, err := repo.NewDB(client, &repo.Config{
				Namespace: enginetest.Namespace(t), StandardCodec: standard, ScanPolicy: repo.ScanRefuse,
				Now: func() time.Time { return now },
			})
			require.NoError(t, err)
			test(t, db, tr)
		})
	}
}

// create returns a repository over a new table.
func create[T any](tb testing.TB, db *repo.DB, spec repo.Spec) *repo.Repo[T] {
	tb.Helper()
	r, err := repo.New[T](db, spec)
	require.NoError(tb, err)
	_, err = table.Create(tb.Context(), r, nil)
	require.NoError(tb, err)
	return r
}

func view[V, T any](tb testing.TB, r *repo.Repo[T]) *repo.Repo[V] {
	tb.Helper()
	v, err := sti.View[V](r)
	require.NoError(tb, err)
	return v
}

// A zoo is a table of animals and its views.
type zoo struct {
	db      *repo.DB
	tr      *faults.Transport
	animals *repo.Repo[Animal]
	cats    *repo.Repo[Cat]
	dogs    *repo.Repo[Dog]
	canines *repo.Repo[Canine]
}

// openZoo holds tom and kitty, rex (a hound by its old name), and bello, a
// puppy.
func openZoo(t *testing.T, db *repo.DB, tr *faults.Transport) zoo {
	t.Helper()
	z := zoo{db: db, tr: tr, animals: create[Animal](t, db, zooSpec())}
	z.cats, z.dogs, z.canines = view[Cat](t, z.animals), view[Dog](t, z.animals), view[Canine](t, z.animals)
	ctx := t.Context()
	for _, a := range []Animal{cat("kitty", 7), cat("tom", 9), dog("rex"), puppy("bello")} {
		require.NoError(t, z.animals.Create(ctx, &a))
	}
	z.rename(t, "rex", "hound")
	tr.Reset()
	return z
}

func cat(name string, lives int) *Cat { return &Cat{Base: Base{Zoo: "z", Name: name}, Lives: lives} }

func dog(name string) *Dog     { return &Dog{Base: Base{Zoo: "z", Name: name}, Breed: "collie"} }
func puppy(name string) *Puppy { return &Puppy{Dog: *dog(name), Weeks: 8} }

// stored is an animal as it comes back, of version 1.
func stored[A Animal](a A) A {
	base := func(b *Base) { b.Version, b.CreatedAt = 1, now }
	switch a := any(a).(type) {
	case *Cat:
		base(&a.Base)
		a.Found = true
	case *Dog:
		base(&a.Base)
		a.Kind = "dog"
	case *Puppy:
		base(&a.Base)
		a.Kind = "puppy"
	}
	return a
}

// hound is rex as he is stored.
func hound() *Dog {
	d := stored(dog("rex"))
	d.Kind = "hound"
	return d
}

// all are the animals of the zoo in the order of their names.
func all() []Animal {
	return []Animal{stored(puppy("bello")), stored(cat("kitty", 7)), hound(), stored(cat("tom", 9))}
}

func at(name string) key.Value { return key.Of("z").Range(name) }

func (z zoo) key(name string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"zoo": text("z"), "name": text(name)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// raw returns an item as it is stored.
func (z zoo) raw(tb testing.TB, name string) map[string]types.AttributeValue {
	tb.Helper()
	out, err := z.db.Client().GetItem(tb.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(z.animals.Table()), Key: z.key(name), ConsistentRead: aws.Bool(true),
	})
	require.NoError(tb, err)
	return out.Item
}

// rename stores an item under another discriminator; "" removes it.
func (z zoo) rename(tb testing.TB, name, kind string) {
	tb.Helper()
	item := z.raw(tb, name)
	if item == nil {
		item = z.key(name)
	}
	if item["type"] = text(kind); kind == "" {
		delete(item, "type")
	}
	_, err := z.db.Client().PutItem(tb.Context(), &dynamodb.PutItemInput{TableName: aws.String(z.animals.Table()), Item: item})
	require.NoError(tb, err)
	z.tr.Reset()
}
