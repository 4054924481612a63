package sti_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

type Order struct {
	ID      string `dynamodbav:"order_id"`
	Status  string `dynamodbav:"status"`
	Version int    `dynamodbav:"v"`
}

type Line struct {
	ID     string `dynamodbav:"order_id"`
	Number int    `dynamodbav:"line"`
	SKU    string `dynamodbav:"sku"`
}

type Customer struct {
	ID    string `dynamodbav:"order_id"`
	Email string `dynamodbav:"email"`
}

// A shop is one table of orders, with the lines and the customer of each in
// its partition.
type shop struct {
	tr        *faults.Transport
	orders    *repo.Repo[Order]
	lines     *repo.Repo[Line]
	customers *repo.Repo[Customer]
	all       *repo.Repo[any]
}

func shopSpec(sort key.Part) repo.Spec {
	return repo.Spec{Table: "shop", Key: key.Spec{
		Hash:  key.Composite("pk", key.Literal("ORDER"), key.String("order_id")),
		Range: sort,
	}}
}

func openShop(t *testing.T, db *repo.DB, tr *faults.Transport) shop {
	t.Helper()
	orderSpec := shopSpec(key.Composite("sk", key.Literal("HEAD"), key.String("order_id")))
	orderSpec.Lock = lock.Version("v")
	s := shop{tr: tr, orders: create[Order](t, db, orderSpec)}
	var err error
	s.lines, err = repo.New[Line](db, shopSpec(key.Composite("sk", key.Literal("LINE"), key.Int("line").Sortable())))
	require.NoError(t, err)
	s.customers, err = repo.New[Customer](db, shopSpec(key.Composite("sk", key.Literal("CUSTOMER"), key.String("order_id"))))
	require.NoError(t, err)
	s.all, err = sti.Union[any](s.orders, s.lines, s.customers)
	require.NoError(t, err)
	ctx := t.Context()
	for _, id := range []string{"1", "2"} {
		require.NoError(t, db.Transact(ctx,
			s.orders.Ops().Create(&Order{ID: id, Status: "open"}),
			s.lines.Ops().Create(&Line{ID: id, Number: 1, SKU: "a"}),
			s.lines.Ops().Create(&Line{ID: id, Number: 2, SKU: "b"}),
			s.customers.Ops().Create(&Customer{ID: id, Email: "e"})))
	}
	tr.Reset()
	return s
}

func order1() []any {
	return []any{
		&Customer{ID: "1", Email: "e"}, &Order{ID: "1", Status: "open", Version: 1},
		&Line{ID: "1", Number: 1, SKU: "a"}, &Line{ID: "1", Number: 2, SKU: "b"},
	}
}

// TestUnion: items of unrelated types come back from one query, each as its
// own type, told apart by the literals of their keys (rule K7).
func TestUnion(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		s := openShop(t, db, tr)
		ctx := t.Context()
		partition := s.all.Query(key.Of("1"))
		found, err := partition.Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, order1(), found)
		assert.Equal(t, 1, tr.Total(), "one query")

		var got struct {
			Order    *Order
			Customer *Customer
			Lines    []Line
		}
		require.NoError(t, sti.Gather(partition.All(ctx), sti.One(&got.Order), sti.One(&got.Customer), sti.Into(&got.Lines)))
		assert.Equal(t, order1()[1], got.Order)
		assert.Equal(t, order1()[0], got.Customer)
		assert.Equal(t, []Line{{"1", 1, "a"}, {"1", 2, "b"}}, got.Lines)

		lines, err := partition.Where(cond.Name[any]("sk").BeginsWith("LINE|")).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, order1()[2:], lines, "a part of the partition, by the sort key as it is stored")
		for i, item := range order1() {
			rest, err := partition.StartAfter(item).Collect(ctx)
			require.NoError(t, err)
			assert.ElementsMatch(t, order1()[i+1:], rest, "a cursor from any item")
		}
		scanned, err := s.all.Scan().Segments(2).Where(cond.Name[any]("sku").Eq("b")).Collect(ctx)
		require.NoError(t, err)
		assert.ElementsMatch(t, []any{&Line{"1", 2, "b"}, &Line{"2", 2, "b"}}, scanned)

		raw := key.Of("2").Range("HEAD|2")
		head, err := s.all.Get(ctx, raw)
		require.NoError(t, err)
		assert.Equal(t, &Order{ID: "2", Status: "open", Version: 1}, head)
		many, err := s.all.GetMany(ctx, []key.Value{raw, key.Of("3").Range("HEAD|3")})
		require.NoError(t, err)
		assert.Equal(t, []any{head}, many.Items)
	})
}

// TestUnionWrites: a union writes each item as its member does.
func TestUnionWrites(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		s := openShop(t, db, tr)
		ctx := t.Context()
		var line any = &Line{ID: "1", Number: 3, SKU: "c"}
		require.NoError(t, s.all.Create(ctx, &line))
		stored, err := s.lines.Get(ctx, key.Of("1").Range(3))
		require.NoError(t, err)
		assert.Equal(t, Line{"1", 3, "c"}, stored)
		var stale any = &Order{ID: "1", Version: 7}
		require.ErrorIs(t, s.all.Save(ctx, &stale), lock.ErrStale)
		require.NoError(t, s.all.Destroy(ctx, &line))
		n, err := s.all.Query(key.Of("1")).DeleteAll(ctx)
		require.NoError(t, err)
		assert.Equal(t, 4, n)

		tr.Reset()
		_, err = s.all.Update(ctx, key.Of("2").Range("HEAD|2"), cond.Name[any]("status").Set("paid"))
		require.ErrorIs(t, err, repo.ErrInvalid, "by key alone, what is kept up is not known")
		var other any = "text"
		require.ErrorIs(t, s.all.Put(ctx, &other), repo.ErrUnknownKind)
		assert.Zero(t, tr.Total())
	})
}

// TestUnionOthers: an item of no member is a typed error, or left out.
func TestUnionOthers(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		s := openShop(t, db, tr)
		ctx := t.Context()
		_, err := db.Client().PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(s.all.Table()),
			Item:      map[string]types.AttributeValue{"pk": text("ORDER|1"), "sk": text("NOTE|1")},
		})
		require.NoError(t, err)
		_, err = s.all.Query(key.Of("1")).Collect(ctx)
		require.ErrorIs(t, err, repo.ErrUnknownKind)
		var lines []Line
		require.ErrorIs(t, sti.Gather(s.all.Query(key.Of("1")).All(ctx), sti.Into(&lines)), repo.ErrUnknownKind)

		known, err := sti.SkipUnknown(s.all)
		require.NoError(t, err)
		metered, meter := repo.WithMeter(ctx)
		found, err := known.Query(key.Of("1")).Collect(metered)
		require.NoError(t, err)
		assert.Equal(t, order1(), found)
		assert.Equal(t, 1, meter.Stats().Skipped)
		n, err := known.Query(key.Of("1")).Count(ctx)
		require.NoError(t, err)
		assert.Equal(t, 4, n)

		err = sti.Gather(known.Query(key.Of("1")).All(ctx), sti.Into(&lines))
		var typed *repo.KindError
		require.ErrorAs(t, err, &typed, "no target takes it")
		assert.Equal(t, "*sti_test.Customer", typed.Type.String())
		var line *Line
		rest := known.Query(key.Of("1")).Where(cond.Name[any]("sk").BeginsWith("LINE"))
		require.ErrorIs(t, sti.Gather(rest.All(ctx), sti.One(&line)), sti.ErrSecond)
	})
}

// TestUnionOfKinds: a repository of several kinds, or a view of some, is a
// member as any other, told by its discriminator.
func TestUnionOfKinds(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		z := openZoo(t, db, tr)
		ctx := t.Context()
		all, err := sti.Union[any](z.canines, z.cats)
		require.NoError(t, err)
		found, err := all.Query(key.Of("z")).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, []any{stored(puppy("bello")), stored(cat("kitty", 7)), hound(), stored(cat("tom", 9))}, found)
		var canines []Canine
		var cats []Cat
		require.NoError(t, sti.Gather(all.Scan().All(ctx), sti.Into(&canines), sti.Into(&cats)))
		assert.Len(t, canines, 2)
		assert.Len(t, cats, 2)
		byType, err := all.Query(key.Of("puppy")).Index("by_type").Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, found[:1], byType)
	})
}

// TestUnionRefuses tells what makes no union, before any request.
func TestUnionRefuses(t *testing.T) {
	t.Parallel()
	paths(t, func(t *testing.T, db *repo.DB, tr *faults.Transport) {
		spec := shopSpec(key.String("sku"))
		orders, err := repo.New[Line](db, spec)
		require.NoError(t, err)
		spec.Key.Range = key.Int("line")
		byNumber, err := repo.New[Line](db, spec)
		require.NoError(t, err)
		spec.Table = "other"
		elsewhere, err := repo.New[Line](db, spec)
		require.NoError(t, err)
		spec.Key.Hash = key.String("order_id")
		for name, members := range map[string][]sti.Member{
			"none": nil, "nil": {nil}, "a nil repository": {(*repo.Repo[Line])(nil)},
			"two tables": {orders, elsewhere}, "two sort keys": {orders, byNumber}, "one type twice": {orders, orders},
		} {
			_, err := sti.Union[any](members...)
			require.ErrorIs(t, err, repo.ErrInvalid, name)
		}
		_, err = sti.Union[Line](orders)
		require.ErrorIs(t, err, repo.ErrInvalid, "a union is of an interface")
		_, err = sti.Union[Animal](orders)
		require.ErrorContains(t, err, "*sti_test.Line does not implement sti_test.Animal")
		union, err := sti.Union[any](orders)
		require.NoError(t, err)
		_, err = sti.View[Line](union)
		require.ErrorIs(t, err, repo.ErrInvalid)
		assert.Zero(t, tr.Total())
	})
}

// TestUnionIndexes: an index by a key attribute that the union compares as it
// is stored is the member's alone.
func TestUnionIndexes(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(enginetest.Client(t), nil)
	require.NoError(t, err)
	head, line := key.Composite("sk", key.Literal("HEAD"), key.String("order_id")), key.Composite("sk", key.Literal("LINE"), key.Int("line"))
	orders, err := repo.New[Order](db, shopSpec(head))
	require.NoError(t, err)
	spec := shopSpec(line)
	spec.Indexes = []index.Spec{index.Global("inverse", line, spec.Key.Hash), index.Global("by_sku", key.String("sku"), spec.Key.Hash)}
	lines, err := repo.New[Line](db, spec)
	require.NoError(t, err)
	all, err := sti.Union[any](orders, lines)
	require.NoError(t, err)
	require.Len(t, all.Spec().Indexes, 1)
	assert.Equal(t, "by_sku", all.Spec().Indexes[0].Name())
}
