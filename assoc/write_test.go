package assoc_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestAdd: both ends in one transaction, in the store and in memory, versions
// and update times with them (rules M1, G4).
func TestAdd(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, before := customer{ID: "c"}, []order{{ID: "a"}, {ID: "b"}}
	require.NoError(t, s.customers.Create(ctx, &c))
	for i := range before {
		require.NoError(t, s.orders.Create(ctx, &before[i]))
	}
	s.tr.Reset()

	require.NoError(t, s.ordersOf.Add(ctx, &c, &before[0], &before[1]))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, s.tr.Counts())
	assert.ElementsMatch(t, []string{"a", "b"}, c.OrderIDs)
	assert.Equal(t, "c", before[0].CustomerID)
	assert.Equal(t, c, s.load(t, "c"))
	assert.Equal(t, "c", s.owner(t, "a"))
	assert.Equal(t, "c", s.owner(t, "b"))
	assert.Equal(t, int64(2), c.Version)

	require.NoError(t, s.customers.Save(ctx, &c), "memory has the version of the store")
	require.NoError(t, s.orders.Save(ctx, &before[0]))

	s.tr.Reset()
	require.NoError(t, s.ordersOf.Add(ctx, &c), "no targets, no request")
	assert.Empty(t, s.tr.Counts())

	require.NoError(t, s.ordersOf.Add(ctx, &c, &before[0]), "again")
	assert.ElementsMatch(t, []string{"a", "b"}, s.load(t, "c").OrderIDs)
}

// TestAddStale: the version of an owner rises as an Update's does, so that a
// save of what was loaded before is stale; and memory that is behind the store
// does not catch up by it (rule G4).
func TestAddStale(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	mine, orders := s.customer(t, "c", 1)
	theirs := s.load(t, "c")
	require.NoError(t, s.ordersOf.Remove(ctx, &mine, &orders[0]))
	require.ErrorIs(t, s.customers.Save(ctx, &theirs), lock.ErrStale)
	require.NoError(t, s.ordersOf.Add(ctx, &theirs, &orders[0]), "an add does not check the version")
	require.ErrorIs(t, s.customers.Save(ctx, &theirs), lock.ErrStale)
}

// TestAddMoves: a target that belongs to another owner leaves it (rule M1).
func TestAddMoves(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	_, orders := s.customer(t, "a", 3)
	b, _ := s.customer(t, "b", 0)
	require.NoError(t, s.ordersOf.Add(ctx, &b, &orders[0], &orders[1]))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, s.tr.Counts())
	assert.Equal(t, []string{"a-2"}, s.load(t, "a").OrderIDs)
	assert.Equal(t, []string{"a-0", "a-1"}, s.load(t, "b").OrderIDs)
	assert.Equal(t, "b", s.owner(t, "a-1"))

	require.NoError(t, s.customers.Delete(ctx, key.Of("a")))
	require.NoError(t, s.ordersOf.Add(ctx, &b, &orders[2]), "from an owner that is gone")
	assert.Equal(t, "b", s.owner(t, "a-2"))
}

// TestAddRace: of two that add one target to two owners, one succeeds, and the
// ends agree.
func TestAddRace(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	a, _ := s.customer(t, "a", 0)
	b, _ := s.customer(t, "b", 0)
	mine := order{ID: "o"}
	require.NoError(t, s.orders.Create(ctx, &mine))
	theirs := mine
	require.NoError(t, s.ordersOf.Add(ctx, &a, &mine))
	require.ErrorIs(t, s.ordersOf.Add(ctx, &b, &theirs), repo.ErrConditionFailed)
	assert.Empty(t, b.OrderIDs)
	assert.Empty(t, theirs.CustomerID)
	assert.Empty(t, s.load(t, "b").OrderIDs)
	assert.Equal(t, "a", s.owner(t, "o"))
}

// TestAddConcurrently: adders lose no links.
func TestAddConcurrently(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 0)
	var want []string
	var wg sync.WaitGroup
	for i := range 8 {
		o := order{ID: fmt.Sprint(i)}
		require.NoError(t, s.orders.Create(ctx, &o))
		want = append(want, o.ID)
		mine := c
		wg.Go(func() { assert.NoError(t, s.ordersOf.Add(ctx, &mine, &o)) })
	}
	wg.Wait()
	assert.ElementsMatch(t, want, s.load(t, "c").OrderIDs)
}

// TestAddGone: what is not there is told, and nothing is written.
func TestAddGone(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, orders := s.customer(t, "c", 1)
	require.ErrorIs(t, s.ordersOf.Add(ctx, &c, &order{ID: "none"}), repo.ErrNotFound)
	require.ErrorIs(t, s.ordersOf.Add(ctx, &customer{ID: "none"}, &orders[0]), repo.ErrNotFound)
	assert.Equal(t, []string{"c-0"}, s.load(t, "c").OrderIDs)
	assert.Equal(t, "c", s.owner(t, "c-0"))
	assert.Equal(t, "c", orders[0].CustomerID)
}

// TestRemove: both ends; an emptied set leaves no attribute (rule M3).
func TestRemove(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, orders := s.customer(t, "c", 2)
	require.NoError(t, s.ordersOf.Remove(ctx, &c, &orders[0]))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, s.tr.Counts())
	assert.Equal(t, []string{"c-1"}, c.OrderIDs)
	assert.Empty(t, orders[0].CustomerID)
	assert.NotContains(t, stored(t, s.orders, "c-0"), "customer_id")
	require.NoError(t, s.ordersOf.Remove(ctx, &c, &orders[0]), "again")
	require.NoError(t, s.ordersOf.Remove(ctx, &c, &orders[1]))
	assert.NotContains(t, stored(t, s.customers, "c"), "order_ids")
	assert.Nil(t, c.OrderIDs)
}

// TestRemoveBroken: a target that is gone or by now another's is left as it
// is; the owner loses it all the same (rule M3).
func TestRemoveBroken(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, orders := s.customer(t, "c", 3)
	require.NoError(t, s.orders.Delete(ctx, key.Of("c-0")))
	_, err := s.orders.Update(ctx, key.Of("c-1"), customerID.Set("other"))
	require.NoError(t, err)
	s.tr.Reset()
	require.NoError(t, s.ordersOf.Remove(ctx, &c, pointers(orders)...))
	assert.Equal(t, map[string]int{"TransactWriteItems": 2}, s.tr.Counts(), "what is broken is left out of the second")
	assert.Empty(t, s.load(t, "c").OrderIDs)
	assert.Equal(t, "other", s.owner(t, "c-1"))
	assert.Empty(t, s.owner(t, "c-2"))
	_, err = s.orders.Get(ctx, key.Of("c-0"))
	require.ErrorIs(t, err, repo.ErrNotFound, "it is not brought back to life")
}

func TestReplace(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, orders := s.customer(t, "c", 3)
	added := order{ID: "new"}
	require.NoError(t, s.orders.Create(ctx, &added))
	s.tr.Reset()
	require.NoError(t, s.ordersOf.Replace(ctx, &c, &orders[1], &added))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, s.tr.Counts())
	assert.ElementsMatch(t, []string{"c-1", "new"}, s.load(t, "c").OrderIDs)
	assert.ElementsMatch(t, []string{"c-1", "new"}, c.OrderIDs)
	assert.Equal(t, []string{"", "c", "", "c"}, []string{s.owner(t, "c-0"), s.owner(t, "c-1"), s.owner(t, "c-2"), s.owner(t, "new")})

	stale := c
	require.NoError(t, s.ordersOf.Add(ctx, &c, &orders[0]))
	other := order{ID: "other"}
	require.NoError(t, s.orders.Create(ctx, &other))
	require.ErrorIs(t, s.ordersOf.Replace(ctx, &stale, &other), repo.ErrConditionFailed, "c-0 was added meanwhile")
	assert.ElementsMatch(t, []string{"c-0", "c-1", "new"}, s.load(t, "c").OrderIDs)

	require.NoError(t, s.ordersOf.Replace(ctx, &c))
	assert.Empty(t, s.load(t, "c").OrderIDs)
}

// TestClear takes out what memory has; what was added meanwhile stays.
func TestClear(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 2)
	stale := c
	added := order{ID: "new"}
	require.NoError(t, s.orders.Create(ctx, &added))
	require.NoError(t, s.ordersOf.Add(ctx, &c, &added))
	require.NoError(t, s.ordersOf.Clear(ctx, &stale))
	assert.Equal(t, []string{"new"}, s.load(t, "c").OrderIDs)
	assert.Empty(t, s.owner(t, "c-0"))
	assert.Equal(t, "c", s.owner(t, "new"))

	s.tr.Reset()
	require.NoError(t, s.ordersOf.Clear(ctx, &stale), "no ids, no request")
	assert.Empty(t, s.tr.Counts())
}

// TestCreate: a new target and its link in one transaction, its id made.
func TestCreate(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 0)
	o := order{Total: 5}
	require.NoError(t, s.ordersOf.Create(ctx, &c, &o))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, s.tr.Counts())
	assert.Equal(t, order{ID: "made1", Total: 5, CustomerID: "c", Version: 1}, o)
	assert.Equal(t, []string{"made1"}, c.OrderIDs)
	assert.Equal(t, []string{"made1"}, s.load(t, "c").OrderIDs)
	assert.Equal(t, "c", s.owner(t, "made1"))

	again := order{ID: "made1"}
	require.ErrorIs(t, s.ordersOf.Create(ctx, &c, &again), repo.ErrExists)
	assert.Equal(t, order{ID: "made1"}, again)
	lost := order{Total: 6}
	require.ErrorIs(t, s.ordersOf.Create(ctx, &customer{ID: "none"}, &lost), repo.ErrNotFound)
	assert.Equal(t, order{Total: 6}, lost, "nothing was written, nothing is in memory")
}

// TestLimit: what takes more than a transaction is told before any request.
func TestLimit(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 0)
	orders := make([]order, 100)
	for i := range orders {
		orders[i].ID = fmt.Sprint(i)
		require.NoError(t, s.orders.Create(ctx, &orders[i]))
	}
	s.tr.Reset()
	err := s.ordersOf.Add(ctx, &c, pointers(orders)...)
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorContains(t, err, "the change takes 101 operations or more, and a transaction has at most 100: make it in parts")
	assert.Empty(t, s.tr.Counts())
	assert.Empty(t, c.OrderIDs)

	require.NoError(t, s.ordersOf.Add(ctx, &c, pointers(orders[:99])...))
	require.NoError(t, s.ordersOf.Add(ctx, &c, &orders[99]))
	assert.Len(t, s.load(t, "c").OrderIDs, 100)
	require.ErrorContains(t, assoc.Destroy(ctx, s.customers, &c, s.ordersOf), "make it in parts")
}

// TestHasOne: the new one takes the place of the old, at both ends.
func TestHasOne(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 0)
	d, _ := s.customer(t, "d", 0)
	old, next := card{ID: "old"}, card{ID: "new"}
	put(t, s.cards, old, next)
	require.NoError(t, s.cardOf.Add(ctx, &c, &old))
	require.NoError(t, s.cardOf.Add(ctx, &c, &next))
	assert.Equal(t, "new", *s.load(t, "c").CardID)
	assert.NotContains(t, stored(t, s.cards, "old"), "customer_ids")
	got, err := s.cardOf.Of(&c).First(ctx)
	require.NoError(t, err)
	assert.Equal(t, card{ID: "new", CustomerIDs: []string{"c"}}, got)

	require.NoError(t, s.cardOf.Add(ctx, &d, &next), "moves")
	assert.Nil(t, s.load(t, "c").CardID)
	assert.Equal(t, "new", *s.load(t, "d").CardID)
	require.ErrorIs(t, s.cardOf.Add(ctx, &c, &next, &old), repo.ErrInvalid, "two")

	require.NoError(t, s.cardOf.Clear(ctx, &d))
	assert.Nil(t, d.CardID)
	assert.Nil(t, s.load(t, "d").CardID)
	_, err = s.cardOf.Of(&d).First(ctx)
	require.ErrorIs(t, err, repo.ErrNotFound)
}

// TestBelongsTo is has many, seen from the other end.
func TestBelongsTo(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	customerOf, err := s.ordersOf.Inverse()
	require.NoError(t, err)
	assert.Contains(t, customerOf.String(), " belongs to ")
	a, orders := s.customer(t, "a", 2)
	b, _ := s.customer(t, "b", 0)
	got, err := customerOf.Of(&orders[0]).First(ctx)
	require.NoError(t, err)
	assert.Equal(t, "a", got.ID)

	require.NoError(t, customerOf.Add(ctx, &orders[0], &b))
	assert.Equal(t, []string{"a-1"}, s.load(t, "a").OrderIDs)
	assert.Equal(t, []string{"a-0"}, b.OrderIDs)
	assert.Equal(t, []string{"a-0"}, s.load(t, "b").OrderIDs)
	require.NoError(t, customerOf.Remove(ctx, &orders[1], &a))
	assert.Empty(t, s.owner(t, "a-1"))
	assert.Empty(t, s.load(t, "a").OrderIDs)

	back, err := customerOf.Inverse()
	require.NoError(t, err)
	assert.Equal(t, s.ordersOf.String(), back.String())
}

// TestSweep: whichever request fails, before or after its effect, no end is
// written without the other, and memory has what the store has.
func TestSweep(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{"conflict": faults.Conflict(0), "refused": faults.Error(400, "ValidationException")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := newShop(t), t.Context()
			c, orders := s.customer(t, "c", 1)
			added := order{ID: "new"}
			require.NoError(t, s.orders.Create(ctx, &added))
			s.tr.On("TransactWriteItems").Times(1).Do(fault)
			require.Error(t, s.ordersOf.Replace(ctx, &c, &added))
			assert.Equal(t, []string{"c-0"}, c.OrderIDs)
			assert.Empty(t, added.CustomerID)
			assert.Equal(t, "c", orders[0].CustomerID)
			assert.Equal(t, "c", s.owner(t, "c-0"))
			require.NoError(t, s.ordersOf.Replace(ctx, &c, &added))
			assert.Equal(t, []string{"new"}, s.load(t, "c").OrderIDs)
		})
	}
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 0)
	o := order{ID: "new"}
	s.tr.On("TransactWriteItems").Times(1).Do(faults.CutAfter())
	require.NoError(t, s.ordersOf.Create(ctx, &c, &o), "the token tells the second sending")
	assert.Equal(t, c, s.load(t, "c"))
}
