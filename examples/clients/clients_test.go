package clients_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/examples/clients"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

type City struct {
	Country string `dynamodbav:"country"`
	ID      int    `dynamodbav:"id"`
	Name    string `dynamodbav:"name"`
}

var cityName = cond.Field(func(c *City) *string { return &c.Name })

var citySpec = repo.Spec{Table: "cities", Key: key.Spec{Hash: key.String("country"), Range: key.Int("id")}, OnDemand: true}

var bern = key.Of("CH").Range(1)

// client returns a client of the SDK's, of a database apart, and what it sends.
func client(t *testing.T) (*dynamodb.Client, *faults.Transport) {
	t.Helper()
	tr := faults.New(nil)
	return enginetest.Client(t, enginetest.Apart, func(o *dynamodb.Options) { o.HTTPClient = tr }), tr
}

// cities returns a repository of a client, and makes its table by the SDK's.
func cities(t *testing.T, c repo.Client, cfg *repo.Config, sdk ...*dynamodb.Client) *repo.Repo[City] {
	t.Helper()
	for _, one := range sdk {
		db, err := repo.NewDB(one, cfg)
		require.NoError(t, err)
		r, err := repo.New[City](db, citySpec)
		require.NoError(t, err)
		_, err = table.Create(t.Context(), r, nil)
		require.NoError(t, err)
	}
	db, err := repo.NewDB(c, cfg)
	require.NoError(t, err)
	r, err := repo.New[City](db, citySpec)
	require.NoError(t, err)
	return r
}

// TestCached: a read of one item is answered from memory until the item is written, by
// whatever verb, or the time is over.
func TestCached(t *testing.T) {
	t.Parallel()
	sdk, tr := client(t)
	cached := clients.Cached(sdk, 200*time.Millisecond, map[string][]string{"app_cities": {"country", "id"}})
	r := cities(t, cached, &repo.Config{Namespace: "app"}, sdk)
	assert.Equal(t, "the SDK sends all: the client is not the SDK's own", r.DB().Path())
	ctx := t.Context()
	read := func(from int, name string) {
		t.Helper()
		tr.Reset()
		got, err := r.Get(ctx, bern)
		require.NoError(t, err)
		assert.Equal(t, name, got.Name)
		assert.Equal(t, from, tr.Count("GetItem"))
	}
	require.NoError(t, r.Create(ctx, &City{"CH", 1, "Bern"}))
	read(1, "Bern")
	read(0, "Bern")
	for name, write := range map[string]func() error{
		"update":   func() error { _, err := r.Update(ctx, bern, cityName.Set("update")); return err },
		"put":      func() error { return r.Put(ctx, &City{"CH", 1, "put"}) },
		"batch":    func() error { return r.DB().Batch(ctx, r.Ops().Put(&City{"CH", 1, "batch"})) },
		"transact": func() error { return r.DB().Transact(ctx, r.Ops().Update(bern, cityName.Set("transact"))) },
	} {
		require.NoError(t, write())
		read(1, name)
		read(0, name)
	}
	got, err := r.Consistent().Get(ctx, bern)
	require.NoError(t, err)
	assert.NotEmpty(t, got.Name)
	assert.Equal(t, 1, tr.Count("GetItem"), "a consistent read is sent")
	many, err := r.Query(key.Of("CH")).Collect(ctx)
	require.NoError(t, err)
	assert.Len(t, many, 1)
	time.Sleep(250 * time.Millisecond)
	read(1, got.Name)
	require.NoError(t, r.Delete(ctx, bern))
	_, err = r.Get(ctx, bern)
	require.ErrorIs(t, err, repo.ErrNotFound)
}

// TestMetered: once the units are spent, requests are refused and not sent; the
// charge alone closes no way.
func TestMetered(t *testing.T) {
	t.Parallel()
	sdk, tr := client(t)
	budget := clients.NewBudget(2)
	r := cities(t, clients.Metered(sdk, budget), &repo.Config{Observe: budget.Charge}, sdk)
	ctx := t.Context()
	require.NoError(t, r.Create(ctx, &City{"CH", 1, "Bern"})) // 1 unit
	for range 2 {
		_, err := r.Get(ctx, bern) // half a unit each
		require.NoError(t, err)
	}
	tr.Reset()
	_, err := r.Get(ctx, bern)
	require.ErrorIs(t, err, clients.ErrSpent)
	assert.Zero(t, tr.Total())

	db, err := repo.NewDB(sdk, &repo.Config{Observe: budget.Charge})
	require.NoError(t, err)
	assert.Contains(t, db.Path(), "the library's own")
}

// TestByTenant: each tenant has a database of its own, and who is none has none.
func TestByTenant(t *testing.T) {
	t.Parallel()
	anns, _ := client(t)
	bobs, _ := client(t)
	r := cities(t, clients.ByTenant(map[string]repo.Client{"ann": anns, "bob": bobs}), nil, anns, bobs)
	ann, bob := clients.WithTenant(t.Context(), "ann"), clients.WithTenant(t.Context(), "bob")
	require.NoError(t, r.Create(ann, &City{"CH", 1, "Bern"}))
	_, err := r.Get(ann, bern)
	require.NoError(t, err)
	_, err = r.Get(bob, bern)
	require.ErrorIs(t, err, repo.ErrNotFound)
	for name, ctx := range map[string]context.Context{"none": t.Context(), "another": clients.WithTenant(t.Context(), "eve")} {
		_, err = r.Scan().Collect(ctx)
		require.ErrorIs(t, err, clients.ErrTenant, name)
	}
}

// TestTenantsApart: a database for each tenant does the same, and closes no way.
func TestTenantsApart(t *testing.T) {
	t.Parallel()
	one, _ := client(t)
	other, _ := client(t)
	for _, sdk := range []*dynamodb.Client{one, other} {
		r := cities(t, sdk, nil, sdk)
		assert.Contains(t, r.DB().Path(), "the library's own")
		require.NoError(t, r.Create(t.Context(), &City{"CH", 1, "Bern"}))
	}
}
