package assoc_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestFindFails: a query that finds what an owner has fails: the error is
// returned, and nothing is written.
func TestFindFails(t *testing.T) {
	t.Parallel()
	r, posts, comments, tr := blog(t)
	ctx, p, c := t.Context(), post{"p"}, comment{ID: "c", PostID: "p"}
	put(t, posts, p)
	put(t, comments, c)
	tr.Reset()
	tr.On("Query").Do(faults.Error(400, "ValidationException"))
	for name, f := range map[string]func() error{
		"replace": func() error { return r.Replace(ctx, &p) },
		"clear":   func() error { return r.Clear(ctx, &p) },
		"destroy": func() error { return assoc.Destroy(ctx, posts, &p, r) },
		"of":      func() error { _, err := r.Of(&p).Collect(ctx); return err },
		"first":   func() error { _, err := r.Of(&p).First(ctx); return err },
	} {
		var e *repo.Error
		require.ErrorAs(t, f(), &e, name)
		assert.Equal(t, "by_post", e.Index, name)
	}
	assert.Equal(t, map[string]int{"Query": 5}, tr.Counts())
}

// TestBadTargets: every fault of the targets at once, before any request.
func TestBadTargets(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c := customer{ID: "c"}
	s.tr.Reset()
	for name, f := range map[string]func() error{
		"add":     func() error { return s.ordersOf.Add(ctx, &c, nil, &order{}) },
		"remove":  func() error { return s.ordersOf.Remove(ctx, &c, nil, &order{}) },
		"replace": func() error { return s.ordersOf.Replace(ctx, &c, nil, &order{}) },
	} {
		err := f()
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, key.ErrKey, name)
		assert.Contains(t, err.Error(), "want an item, not nil", name)
	}
	require.ErrorIs(t, assoc.Destroy(ctx, s.customers, &customer{}, s.ordersOf), key.ErrKey)
	_, err := s.ordersOf.Query(nil)
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Zero(t, s.tr.Total())
}

// TestCallbackBehind: a callback behind a write does not take it back, and
// memory has what was written.
func TestCallbackBehind(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	failed := errors.New("failed")
	customers := create[customer](t, db, repo.Spec{Table: "customers", Key: key.Spec{Hash: key.String("id")}})
	orders := create[order](t, db, repo.Spec{
		Table: "orders", Key: key.Spec{Hash: key.String("id")}, ID: uuid.NewString,
		Callbacks: []repo.Callback{repo.On(repo.AfterCreate, func(context.Context, *order) error { return failed })},
	})
	ordersOf, err := assoc.HasMany(assoc.Keep(customers, orderIDs), assoc.Keep(orders, customerID))
	require.NoError(t, err)
	ctx, c, o := t.Context(), customer{ID: "c"}, order{}
	require.NoError(t, customers.Create(ctx, &c))
	require.ErrorIs(t, ordersOf.Create(ctx, &c, &o), failed)
	assert.NotEmpty(t, o.ID)
	assert.Equal(t, []string{o.ID}, c.OrderIDs)
	got, err := orders.Get(ctx, key.Of(o.ID))
	require.NoError(t, err)
	assert.Equal(t, "c", got.CustomerID)
}
