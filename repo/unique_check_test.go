package repo_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/unique"
)

// past puts items into the table of r past its constraints.
func past(tb testing.TB, r *repo.Repo[account], items ...account) {
	tb.Helper()
	spec := r.Spec()
	spec.Unique = nil
	plain, err := repo.New[account](r.DB(), spec)
	require.NoError(tb, err)
	for i := range items {
		require.NoError(tb, plain.Overwrite().Put(tb.Context(), &items[i]))
	}
}

// raw puts an item as it is.
func raw(tb testing.TB, r *repo.Repo[account], attrs av) {
	tb.Helper()
	_, err := r.DB().Client().PutItem(tb.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Table()), Item: attrs})
	require.NoError(tb, err)
}

// remove deletes an item past the repository.
func remove(tb testing.TB, r *repo.Repo[account], id string) {
	tb.Helper()
	_, err := r.DB().Client().DeleteItem(tb.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(r.Table()), Key: av{"id": str(id)}})
	require.NoError(tb, err)
}

// told returns the faults of a check: what, of which constraint, the item with
// the value, the marker's item, and whether it was mended.
func told(tb testing.TB, pages iter.Seq2[dyniter.Page[unique.Fault], error]) (all []string) {
	tb.Helper()
	id := func(k av) string {
		if k == nil {
			return "-"
		}
		return textAt(k, "id")
	}
	for p, err := range pages {
		require.NoError(tb, err)
		for _, f := range p.Items {
			all = append(all, fmt.Sprintln(f.Kind, f.Name, f.Attrs, id(f.Item), id(f.Owner), f.Repaired))
		}
	}
	return all
}

// TestCheckUnique: a walk tells each way in which values and markers can
// disagree, and mends all but duplicates (rule F8).
func TestCheckUnique(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, locked, account{ID: "right", Email: "r", Room: "r", Seat: 1}, account{ID: "gone", Email: "g"},
		account{ID: "moved", Email: "m"}, account{ID: "had", Email: "h"}, account{ID: "none"})
	past(t, r, account{ID: "old", Email: "o", Room: "r", Seat: 2}, account{ID: "twice", Email: "r"},
		account{ID: "moved", Email: "m2"}, account{ID: "had"}, account{ID: "has", Email: "h"}, account{ID: "blocked", Email: "b"})
	remove(t, r, "gone")
	raw(t, r, av{"id": str("~unique|email|Sb"), "~owner": str("b")})
	raw(t, r, av{"id": str("~unique|email|Sx"), "~owner": &types.AttributeValueMemberM{Value: av{"key": str("x")}}})
	foreign := av{"id": str("~unique|other|So"), "~owner": &types.AttributeValueMemberM{Value: av{"id": str("x")}}}
	raw(t, r, foreign)
	tr.Reset()

	duplicate := "duplicate email [email] twice right false\n"
	missing := func(mended bool) []string {
		return []string{
			fmt.Sprintln("missing email [email] old -", mended), fmt.Sprintln("missing place [room seat] old -", mended),
			fmt.Sprintln("missing email [email] moved -", mended), fmt.Sprintln("missing email [email] has had", mended),
			fmt.Sprintln("missing email [email] blocked -", mended),
		}
	}
	orphaned := func(mended bool) []string {
		return []string{
			fmt.Sprintln("orphaned email [email] - gone", mended), fmt.Sprintln("orphaned email [email] - moved", mended),
			fmt.Sprintln("orphaned email [email] - -", mended), // without an owner that can be one
		}
	}
	dry := append(append(missing(false), orphaned(false)...), duplicate,
		"orphaned email [email] - had false\n", "orphaned email [email] - - false\n")
	assert.ElementsMatch(t, dry, told(t, unique.Check(t.Context(), r, unique.Options{})))
	assert.Equal(t, map[string]int{"Scan": 1, "BatchGetItem": 1, "TransactGetItems": len(dry)}, tr.Counts(), "nothing is written")

	first := told(t, unique.Check(t.Context(), r, unique.Options{Repair: true}))
	assert.Subset(t, first, append(missing(true), orphaned(true)[:2]...))
	assert.Contains(t, first, duplicate)
	assert.Equal(t, []string{duplicate}, told(t, unique.Check(t.Context(), r, unique.Options{Repair: true})), "the rest is mended")

	twice := get(t, r, "twice")
	twice.Email = "t"
	require.NoError(t, r.Save(t.Context(), twice))
	require.NoError(t, r.Create(t.Context(), &account{ID: "late", Email: "g"}), "its owner is gone")
	require.ErrorIs(t, r.Create(t.Context(), &account{ID: "later", Email: "o"}), repo.ErrUnique)
	assert.Empty(t, told(t, unique.Check(t.Context(), r, unique.Options{})))
	remove(t, r, foreign["id"].(*types.AttributeValueMemberS).Value)
	agree(t, r)
}

// TestCheckUniquePages: a page for each request, and a walk goes on at its
// cursor; of several items with one value the marker is one's.
func TestCheckUniquePages(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, unlocked)
	var items []account
	for i := range 40 {
		items = append(items, account{ID: fmt.Sprint(i), Email: fmt.Sprint("e", i%30), Room: "r", Seat: i})
	}
	past(t, r, items...)
	tr.Reset()
	how := unique.Options{Repair: true, BatchSize: 16, Rate: 1e6}
	kinds := map[unique.Kind]int{}
	pages, evaluated := 0, 0
	for more := true; more; {
		for p, err := range unique.Check(t.Context(), r, how) {
			require.NoError(t, err)
			pages++
			evaluated += p.Evaluated
			assert.LessOrEqual(t, p.Evaluated, 16)
			assert.Greater(t, p.Consumed, 4*float64(len(p.Items)), "each fault was read once more, twice as dear")
			for _, f := range p.Items {
				kinds[f.Kind]++
				assert.Equal(t, f.Kind == unique.Missing, f.Repaired)
			}
			how.From, more = p.Cursor, p.Cursor != (dyniter.Cursor{})
			break
		}
	}
	assert.Equal(t, map[unique.Kind]int{unique.Missing: 70, unique.Duplicate: 10}, kinds)
	assert.Equal(t, []int{16}, slices.Compact(tr.Limits("Scan")))
	assert.Equal(t, tr.Count("Scan"), pages)
	assert.GreaterOrEqual(t, evaluated, 40)
	_, markers := everything(t, r)
	assert.Len(t, markers, 70)
}

// TestCheckUniqueRefused: nothing is sent for a walk that can't be.
func TestCheckUniqueRefused(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, unlocked)
	spec := r.Spec()
	spec.Unique = nil
	plain, err := repo.New[account](r.DB(), spec)
	require.NoError(t, err)
	foreign, err := scoresCursor(t, r.DB())
	require.NoError(t, err)
	tr.Reset()
	for name, pages := range map[string]iter.Seq2[dyniter.Page[unique.Fault], error]{
		"no constraints": unique.Check(t.Context(), plain, unique.Options{}),
		"batch size":     unique.Check(t.Context(), r, unique.Options{BatchSize: -1}),
		"rate":           unique.Check(t.Context(), r, unique.Options{Rate: -1}),
		"cursor":         unique.Check(t.Context(), r, unique.Options{From: foreign}),
	} {
		n := 0
		for _, err := range pages {
			n++
			require.ErrorIs(t, err, repo.ErrInvalid, name)
		}
		assert.Equal(t, 1, n, name)
	}
	assert.Zero(t, tr.Total())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range unique.Check(ctx, r, unique.Options{Rate: 10}) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

// scoresCursor is a cursor of another table.
func scoresCursor(tb testing.TB, db *repo.DB) (dyniter.Cursor, error) {
	tb.Helper()
	r, err := repo.New[score](db, scoreSpec())
	require.NoError(tb, err)
	return r.Scan().CursorAfter(score{ModelID: "m", AccountID: 1, Position: 1})
}

// before runs do ahead of a request.
func before(do func()) faults.Fault {
	return func(req *http.Request, send faults.Send) (*http.Response, error) {
		do()
		return send(req)
	}
}

// TestCheckUniqueMeanwhile: what a writer changes between the requests of a
// walk is no fault, nor is it undone.
func TestCheckUniqueMeanwhile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		op   string
		do   func(ctx context.Context, r *repo.Repo[account]) error
		want []string
	}{
		"value changed behind the scan": {"BatchGetItem", func(ctx context.Context, r *repo.Repo[account]) error {
			_, err := r.Update(ctx, key.Of("1"), accountEmail.Set("b"))
			return err
		}, []string{"missing email [email] 2 - true\n"}},
		"deleted behind the scan": {"BatchGetItem", func(ctx context.Context, r *repo.Repo[account]) error {
			return r.Delete(ctx, key.Of("1"))
		}, []string{"missing email [email] 2 - true\n"}},
		"mended by its writer": {"TransactGetItems", func(ctx context.Context, r *repo.Repo[account]) error {
			return r.Put(ctx, &account{ID: "2", Email: "e"})
		}, nil},
		"mended behind the look": {"TransactWriteItems", func(ctx context.Context, r *repo.Repo[account]) error {
			return r.DB().Transact(ctx, r.Ops().Put(&account{ID: "2", Email: "e"}))
		}, nil},
		"changed behind the look": {"TransactWriteItems", func(_ context.Context, r *repo.Repo[account]) error {
			past(t, r, account{ID: "2", Email: "d"})
			return nil
		}, nil},
		"taken by another": {"TransactWriteItems", func(ctx context.Context, r *repo.Repo[account]) error {
			return r.Create(ctx, &account{ID: "3", Email: "c"})
		}, []string{"duplicate email [email] 2 3 false\n"}},
		"a conflict": {"TransactWriteItems", func(context.Context, *repo.Repo[account]) error { return nil }, []string{"missing email [email] 2 - true\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, tr := accounts(t, unlocked, account{ID: "1", Email: "a"})
			past(t, r, account{ID: "2", Email: "c"})
			tr.On(c.op).Times(1).Do(before(func() { assert.NoError(t, c.do(t.Context(), r)) }))
			if name == "a conflict" {
				tr.On("TransactGetItems", "TransactWriteItems").Times(3).Do(faults.Conflict(0))
			}
			assert.Equal(t, c.want, told(t, unique.Check(t.Context(), r, unique.Options{Repair: true})))
			if name == "changed behind the look" {
				assert.Equal(t, []string{"missing email [email] 2 - true\n"}, told(t, unique.Check(t.Context(), r, unique.Options{Repair: true})))
			}
			if name != "taken by another" {
				agree(t, r)
			}
		})
	}
	r, tr := accounts(t, unlocked)
	past(t, r, account{ID: "2", Email: "c"})
	tr.On("TransactGetItems").Do(faults.Conflict(0))
	for _, err := range unique.Check(t.Context(), r, unique.Options{}) {
		require.ErrorIs(t, err, repo.ErrConflict)
	}
	assert.Equal(t, 10, tr.Count("TransactGetItems"))
}

// TestSweepCheckUnique fails each request of a repair in turn: it tells so, and
// one that is not failed leaves values and markers agreeing.
func TestSweepCheckUnique(t *testing.T) {
	t.Parallel()
	db, tr := openOnce(t)
	r := create[account](t, db, accountSpec(unlocked))
	for kind, c := range trouble {
		for n, struck := 1, true; struck; n++ {
			what := fmt.Sprint(kind, " ", n)
			require.NoError(t, r.Create(t.Context(), &account{ID: what + "-", Email: what + "-"}))
			remove(t, r, what+"-")
			past(t, r, account{ID: what, Email: what, Room: what})
			injected := tr.On("*").Nth(n).Do(c.fault)
			var failed error
			for _, err := range unique.Check(t.Context(), r, unique.Options{Repair: true}) {
				failed = err
			}
			injected.Stop()
			if struck = injected.Struck() > 0; struck {
				require.True(t, failed != nil || c.known && c.effect, what)
				noSentinel(t, failed)
				require.NotErrorIs(t, failed, repo.ErrUnique)
				told(t, unique.Check(t.Context(), r, unique.Options{Repair: true}))
			}
			agree(t, r, what)
		}
	}
}

// TestCheckUniqueUnprocessed: what a batch leaves is asked for again.
func TestCheckUniqueUnprocessed(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, unlocked, account{ID: "1", Email: "a"}, account{ID: "2", Email: "b"})
	left := tr.On("BatchGetItem").Times(2).Do(faults.Unprocessed(1))
	assert.Empty(t, told(t, unique.Check(t.Context(), r, unique.Options{})))
	assert.Equal(t, 2, left.Struck())
	assert.Zero(t, tr.Count("TransactGetItems"))
}
