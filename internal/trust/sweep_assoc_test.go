package trust_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// An owner has many bills; both ends keep it.
type owner struct {
	ID      string   `dynamodbav:"id"`
	Bills   []string `dynamodbav:"bills,stringset"`
	Version int      `dynamodbav:"version"`
}

type bill struct {
	ID    string `dynamodbav:"id"`
	Owner string `dynamodbav:"owner,omitempty"`
}

func related(tb testing.TB, db *repo.DB) (*repo.Repo[owner], *repo.Repo[bill], *assoc.Relation[owner, bill]) {
	tb.Helper()
	k := key.Spec{Hash: key.String("id")}
	owners, err := repo.New[owner](db, repo.Spec{Table: "owners", Key: k, Lock: lock.Version("version")})
	require.NoError(tb, err)
	bills, err := repo.New[bill](db, repo.Spec{Table: "bills", Key: k})
	require.NoError(tb, err)
	r, err := assoc.HasMany(
		assoc.Keep(owners, cond.Field(func(o *owner) *[]string { return &o.Bills })), assoc.Keep(bills, cond.Field(func(b *bill) *string { return &b.Owner })),
	)
	require.NoError(tb, err)
	return owners, bills, r
}

// with is an operation on an owner of two bills, beside whom there is a third.
func with(do func(ctx context.Context, w *world, o *owner, bills []bill) error, op operation) operation {
	op.begin = func(w *world) func(context.Context) error {
		ctx := context.Background()
		o := owner{ID: "secret"}
		require.NoError(w.tb, w.calmOwners.Create(ctx, &o))
		var bills []bill
		for i := range 3 {
			b := bill{ID: fmt.Sprint("secret", i)}
			require.NoError(w.tb, w.calmBills.Create(ctx, &b))
			bills = append(bills, b)
		}
		require.NoError(w.tb, w.calmOf.Add(ctx, &o, &bills[0], &bills[1]))
		return func(ctx context.Context) error {
			mine := o // as it was loaded, each time
			mine.Bills = slices.Clone(o.Bills)
			return do(ctx, w, &mine, slices.Clone(bills))
		}
	}
	return op
}

func init() {
	for verb, op := range map[string]operation{
		"Relation.Add": with(func(ctx context.Context, w *world, o *owner, bills []bill) error {
			return w.billsOf.Add(ctx, o, &bills[2])
		}, operation{adds: true}),
		"Relation.Remove": with(func(ctx context.Context, w *world, o *owner, bills []bill) error {
			return w.billsOf.Remove(ctx, o, &bills[0])
		}, operation{adds: true}),
		"Relation.Replace": with(func(ctx context.Context, w *world, o *owner, bills []bill) error {
			return w.billsOf.Replace(ctx, o, &bills[2])
		}, operation{adds: true, again: []error{repo.ErrConditionFailed}}),
		"Relation.Clear": with(func(ctx context.Context, w *world, o *owner, _ []bill) error { return w.billsOf.Clear(ctx, o) }, operation{adds: true}),
		"Relation.Forget": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			return w.billsOf.Forget(ctx, o, key.Of("secret1"))
		}, operation{adds: true}),
		"Relation.Create": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			return w.billsOf.Create(ctx, o, &bill{ID: "secret new"})
		}, operation{again: []error{repo.ErrExists}}),
		"Relation.Load": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			got, err := w.billsOf.Load(ctx, []owner{*o})
			return right(len(got) == 1 && len(got[0].Items) == 2, err)
		}, operation{}),
		"Items.All": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			got, err := dyniter.Collect(w.billsOf.Of(o).All(ctx))
			return right(len(got) == 2, err)
		}, operation{}),
		"Items.Collect": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			got, err := w.billsOf.Of(o).Collect(ctx)
			return right(len(got) == 2, err)
		}, operation{}),
		"Items.Count": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			got, err := w.billsOf.Of(o).Count(ctx)
			return right(got == 2, err)
		}, operation{}),
		"Items.First": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			got, err := w.billsOf.Of(o).First(ctx)
			return right(got.ID != "", err)
		}, operation{}),
		"Destroy": with(func(ctx context.Context, w *world, o *owner, _ []bill) error {
			return assoc.Destroy(ctx, w.owners, o, w.billsOf)
		}, operation{again: []error{lock.ErrStale}}),
	} {
		operations["assoc."+verb] = op
	}
}
