package assoc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestDestroy unlinks both ends of every relation given, in one transaction,
// and tolerates broken links (rule M3).
func TestDestroy(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 4)
	k := card{ID: "k"}
	put(t, s.cards, k)
	require.NoError(t, s.cardOf.Add(ctx, &c, &k))
	s.tr.Reset()
	require.NoError(t, assoc.Destroy(ctx, s.customers, &c, s.ordersOf, s.cardOf))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, s.tr.Counts())
	_, err := s.customers.Get(ctx, key.Of("c"))
	require.ErrorIs(t, err, repo.ErrNotFound)
	assert.Empty(t, s.owner(t, "c-3"))
	assert.NotContains(t, stored(t, s.cards, "k"), "customer_ids")

	d, _ := s.customer(t, "d", 4)
	require.NoError(t, s.orders.Delete(ctx, key.Of("d-1")))
	require.NoError(t, s.orders.Delete(ctx, key.Of("d-2")))
	s.tr.Reset()
	require.NoError(t, assoc.Destroy(ctx, s.customers, &d, s.ordersOf))
	assert.Equal(t, map[string]int{"TransactWriteItems": 2}, s.tr.Counts())
	assert.Empty(t, s.owner(t, "d-3"))
	_, err = s.orders.Get(ctx, key.Of("d-1"))
	require.ErrorIs(t, err, repo.ErrNotFound)
}

// TestDestroyStale: the version is checked, and nothing is unlinked (rule G2).
func TestDestroyStale(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, orders := s.customer(t, "c", 2)
	stale := c
	require.NoError(t, s.ordersOf.Remove(ctx, &c, &orders[0]))
	require.ErrorIs(t, assoc.Destroy(ctx, s.customers, &stale, s.ordersOf), lock.ErrStale)
	assert.Equal(t, "c", s.owner(t, "c-1"))
}

// TestDestroyAlone: without a link it is one DeleteItem.
func TestDestroyAlone(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 0)
	require.NoError(t, assoc.Destroy(ctx, s.customers, &c, s.ordersOf))
	assert.Equal(t, map[string]int{"DeleteItem": 1}, s.tr.Counts())

	require.ErrorIs(t, assoc.Destroy(ctx, s.customers, nil, s.ordersOf), repo.ErrInvalid)
	require.ErrorIs(t, assoc.Destroy(ctx, nil, &c), repo.ErrInvalid)
	require.ErrorIs(t, assoc.Destroy(ctx, s.customers, &customer{}), key.ErrKey)
}

// TestDestroyTarget: the other end, by the inverse.
func TestDestroyTarget(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	_, orders := s.customer(t, "c", 2)
	customerOf, err := s.ordersOf.Inverse()
	require.NoError(t, err)
	require.NoError(t, assoc.Destroy(ctx, s.orders, &orders[0], customerOf))
	assert.Equal(t, []string{"c-1"}, s.load(t, "c").OrderIDs)
	require.NoError(t, s.customers.Delete(ctx, key.Of("c")))
	require.NoError(t, assoc.Destroy(ctx, s.orders, &orders[1], customerOf), "its owner is gone")
}

// TestClearByCallback: a repository that unlinks by itself (rule M3).
func TestClearByCallback(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	var ordersOf *assoc.Relation[customer, order]
	customers := create[customer](t, db, repo.Spec{
		Table: "customers", Key: key.Spec{Hash: key.String("id")}, Lock: lock.Version("version"),
		Callbacks: []repo.Callback{repo.On(repo.BeforeDelete, func(ctx context.Context, c *customer) error {
			return ordersOf.Clear(ctx, c)
		})},
	})
	orders := create[order](t, db, repo.Spec{Table: "orders", Key: key.Spec{Hash: key.String("id")}})
	var err error
	ordersOf, err = assoc.HasMany(assoc.Keep(customers, orderIDs), assoc.Keep(orders, customerID))
	require.NoError(t, err)
	ctx, c, o := t.Context(), customer{ID: "c"}, order{}
	o.ID = "o"
	require.NoError(t, customers.Create(ctx, &c))
	require.NoError(t, ordersOf.Create(ctx, &c, &o))
	require.NoError(t, customers.Destroy(ctx, &c))
	o, err = orders.Get(ctx, key.Of("o"))
	require.NoError(t, err)
	assert.Empty(t, o.CustomerID)
}
