package repo_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestSweepUnique fails each request of each write that changes a unique value
// in turn: item and markers agree at all times, no sentinel of ours is told, and
// a second try of what has had no effect succeeds.
func TestSweepUnique(t *testing.T) {
	t.Parallel()
	db, tr := openOnce(t)
	r := create[account](t, db, accountSpec(locked))
	for name, do := range map[string]func(context.Context, *account) error{
		"create": func(ctx context.Context, a *account) error {
			return r.Create(ctx, &account{ID: a.ID + "+", Email: a.ID + "c"})
		},
		"put":  func(ctx context.Context, a *account) error { return r.Put(ctx, changed(a, func() { a.Email += "b" })) },
		"save": func(ctx context.Context, a *account) error { return r.Save(ctx, changed(a, func() { a.Email += "b" })) },
		"update": func(ctx context.Context, a *account) error {
			_, err := r.Update(ctx, key.Of(a.ID), accountEmail.Set(a.Email+"b"))
			return err
		},
		"save changes": func(ctx context.Context, a *account) error {
			was := *a
			return r.SaveChanges(ctx, &was, changed(a, func() { a.Email += "b" }))
		},
		"update of a query": func(ctx context.Context, a *account) error {
			_, err := r.Query(key.Of(a.ID)).Update(ctx, accountEmail.Set(a.Email+"b"))
			return err
		},
		"delete all": func(ctx context.Context, a *account) error {
			_, err := r.Query(key.Of(a.ID)).DeleteAll(ctx)
			return err
		},
		"upsert": func(ctx context.Context, a *account) error {
			_, err := r.Upsert(ctx, key.Of(a.ID+"+"), accountEmail.Set(a.Email+"b"))
			return err
		},
		"delete":  func(ctx context.Context, a *account) error { return r.Delete(ctx, key.Of(a.ID)) },
		"destroy": r.Destroy,
		"transact": func(ctx context.Context, a *account) error {
			o := r.Ops()
			return db.Transact(ctx, o.Save(changed(a, func() { a.Room += "b" })), o.Create(&account{ID: a.ID + "+", Email: a.Email + "c"}))
		},
		"batch": func(ctx context.Context, a *account) error {
			return db.Batch(ctx, r.Overwrite().Ops().Put(changed(a, func() { a.Email += "b" })), r.Ops().Delete(key.Of(a.ID+"+")))
		},
	} {
		for kind, c := range trouble {
			for n, struck := 1, true; struck; n++ {
				what := fmt.Sprint(name, " ", kind, " ", n)
				a := account{ID: what, Email: what, Room: what}
				require.NoError(t, r.Create(t.Context(), &a))
				held := a
				injected := tr.On("*").Nth(n).Do(c.fault)
				err := do(t.Context(), &a)
				injected.Stop()
				struck = injected.Struck() > 0
				agree(t, r, what)
				if !struck {
					require.NoError(t, err, what)
					break
				}
				if err == nil {
					require.True(t, c.known && c.effect, what)
					continue
				}
				noSentinel(t, err)
				require.NotErrorIs(t, err, repo.ErrUnique, what)
				if !c.effect {
					require.NoError(t, do(t.Context(), &held), what)
					agree(t, r, what)
				}
			}
		}
	}
}

// TestUniqueModel holds accounts and a map of who has which value equal over
// random operations.
func TestUniqueModel(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, unlocked)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	stored := map[string]account{}
	seen := map[string]int{}
	for n := range 600 {
		a := account{ID: fmt.Sprint(rnd.IntN(6)), Note: fmt.Sprint(n)}
		if rnd.IntN(4) > 0 {
			a.Email = fmt.Sprint("e", rnd.IntN(6))
		}
		if rnd.IntN(2) > 0 {
			a.Room, a.Seat = "r", rnd.IntN(4)
		}
		old, there := stored[a.ID]
		next, op := a, rnd.IntN(5)
		if op == 3 {
			next = old
			next.Email, next.Note = a.Email, a.Note
		}
		var want error
		for id, other := range stored {
			if id != a.ID && (next.Email != "" && other.Email == next.Email || next.Room != "" && other.Room == next.Room && other.Seat == next.Seat) {
				want = repo.ErrUnique
			}
		}
		var got error
		switch op {
		case 0:
			if there {
				want = repo.ErrExists
			}
			got = r.Create(t.Context(), &a)
		case 1:
			got = r.Put(t.Context(), &a)
		case 2:
			got = r.DB().Transact(t.Context(), r.Ops().Put(&a))
		case 3:
			if !there {
				want = repo.ErrNotFound
			}
			changes := []cond.Change[account]{accountEmail.Set(a.Email), accountNote.Set(a.Note)}
			_, got = r.Update(t.Context(), key.Of(a.ID), changes...)
		case 4:
			want = nil
			got = r.Delete(t.Context(), key.Of(a.ID))
		}
		require.ErrorIs(t, got, want, "operation %d: %d", n, op)
		seen[fmt.Sprint(op, want)]++
		if want == nil {
			if stored[a.ID] = next; op == 4 {
				delete(stored, a.ID)
			}
		}
		if n%50 == 0 {
			require.Equal(t, stored, agree(t, r), "operation %d", n)
		}
	}
	require.Equal(t, stored, agree(t, r))
	assert.Len(t, seen, 11, "every operation with each outcome: %v", slices.Sorted(maps.Keys(seen)))
}
