package repo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// openOnce is open without the SDK's retries.
func openOnce(tb testing.TB) (*repo.DB, *faults.Transport) {
	tb.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(tb, func(o *dynamodb.Options) { o.HTTPClient, o.Retryer = tr, aws.NopRetryer{} })
	db, err := repo.NewDB(client, &repo.Config{Namespace: enginetest.Namespace(tb), StandardCodec: *standard, Concurrency: 1})
	require.NoError(tb, err)
	return db, tr
}

// trouble is what the sweep injects: whether the request has had its effect, and
// whether who sent it can tell (rule O4).
var trouble = map[string]struct {
	fault  faults.Fault
	effect bool
	known  bool
}{
	"cut before": {faults.CutBefore(), false, false}, "cut after": {faults.CutAfter(), true, false},
	"throttle": {faults.Throttle(), false, true}, "server error": {faults.ServerError(500), false, false},
	"half an answer": {faults.Truncate(1), true, true},
}

// outcome checks what a write that failed says of whether it was done.
func outcome(tb testing.TB, err error, effect, known bool) {
	tb.Helper()
	_, batch := errors.AsType[*repo.BatchError](err) // of which half an answer does not tell what was left
	require.Equal(tb, !known || effect && batch, errors.Is(err, repo.ErrUnknown))
	require.Equal(tb, known && effect && !batch, errors.Is(err, repo.ErrUnread))
}

// sentinels are what no failure of the service or the wire may be taken for.
var sentinels = []error{
	repo.ErrExists, repo.ErrNotFound, repo.ErrConditionFailed, repo.ErrInvalid, repo.ErrConflict, repo.ErrDecode, lock.ErrStale,
}

func noSentinel(tb testing.TB, err error) {
	tb.Helper()
	for _, s := range sentinels {
		require.NotErrorIs(tb, err, s)
	}
}

// TestSweepSingle: a write of one item that fails before its effect has none,
// one that fails behind it has it once; either way memory is as it was, and a
// second try does what the docs say. A write that was done is a success where
// nothing is to be read of the answer; else the error says whether it is known that
// it was (rule O4).
func TestSweepSingle(t *testing.T) {
	t.Parallel()
	db, tr := openOnce(t)
	r := counters(t, db)
	for name, p := range map[string]struct {
		fresh bool // there is no item before
		gone  bool // there is none after
		do    func(context.Context, *counter) error
		again error // of a second try behind an effect that was not acknowledged
		twice bool  // the second try does it once more
	}{
		"create":  {fresh: true, do: r.Create, again: repo.ErrExists},
		"put":     {do: r.Put},
		"save":    {do: r.Save, again: lock.ErrStale},
		"destroy": {gone: true, do: r.Destroy, again: lock.ErrStale},
		"delete":  {gone: true, do: func(ctx context.Context, c *counter) error { return r.Delete(ctx, key.Of(c.ID)) }},
		"update": {do: func(ctx context.Context, c *counter) error {
			_, err := r.Update(ctx, key.Of(c.ID), counterN.Add(1))
			return err
		}, twice: true},
		"save changes": {do: func(ctx context.Context, c *counter) error {
			before := *c
			before.N = 4
			return r.SaveChanges(ctx, &before, c)
		}, again: lock.ErrStale},
		"upsert": {fresh: true, do: func(ctx context.Context, c *counter) error {
			_, err := r.If(counterN.NotExists()).Upsert(ctx, key.Of(c.ID), counterN.Set(5))
			return err
		}, again: repo.ErrConditionFailed},
		"upsert of one there": {do: func(ctx context.Context, c *counter) error {
			_, err := r.Upsert(ctx, key.Of(c.ID), counterN.Add(1))
			return err
		}, twice: true},
		"increment": {do: func(ctx context.Context, c *counter) error {
			_, err := repo.Increment(ctx, r, key.Of(c.ID), counterN, 1)
			return err
		}, twice: true},
		"transact": {do: func(ctx context.Context, c *counter) error { return db.Transact(ctx, r.Ops().Save(c)) }, again: lock.ErrStale},
		"once": {do: func(ctx context.Context, c *counter) error {
			return db.TransactOnce(ctx, c.ID, r.Ops().Update(key.Of(c.ID), counterN.Add(1)))
		}},
		"batch": {do: func(ctx context.Context, c *counter) error { return db.Batch(ctx, r.Overwrite().Ops().Put(c)) }},
		"batch, paced": {do: func(ctx context.Context, c *counter) error {
			return db.Rate(1e9).Progress(func(repo.Progress) {}).Batch(ctx, r.Overwrite().Ops().Put(c))
		}},
		"batch, delete": {gone: true, do: func(ctx context.Context, c *counter) error { return db.Batch(ctx, r.Ops().Delete(key.Of(c.ID))) }},
		"overwrite":     {do: r.Overwrite().Save},
		"under a condition": {do: func(ctx context.Context, c *counter) error {
			return r.If(counterN.Eq(4)).Put(ctx, c)
		}, again: repo.ErrConditionFailed},
	} {
		for kind, c := range trouble {
			for n := 1; ; n++ {
				id := uuid.NewString() // also a token, which the engine remembers
				what := fmt.Sprint(name, " ", kind, " ", n)
				before, after := counter{ID: id, N: 4, Version: 1}, counter{ID: id, N: 5, Version: 2}
				if p.fresh {
					after.Version = 1
				} else {
					require.NoError(t, r.Create(t.Context(), &counter{ID: id, N: 4}))
				}
				item := after
				if item.Version = 1; p.fresh {
					item.Version = 0
				}
				held := item
				injected := tr.On("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem").Nth(n).Do(c.fault)
				err := p.do(t.Context(), &item)
				injected.Stop()
				struck := injected.Struck() > 0
				check := func(effect bool) {
					t.Helper()
					got, err := r.Consistent().Get(t.Context(), key.Of(id))
					if effect && p.gone || !effect && p.fresh {
						require.ErrorIs(t, err, repo.ErrNotFound, what)
						return
					}
					require.NoError(t, err, what)
					require.Equal(t, map[bool]counter{false: before, true: after}[effect], got, what)
				}
				check(!struck || c.effect)
				if !struck {
					require.NoError(t, err, what)
					break
				}
				if err == nil {
					require.True(t, c.known && c.effect, what)
					continue
				}
				noSentinel(t, err)
				outcome(t, err, c.effect, c.known)
				require.Equal(t, held, item, what)

				again := p.do(t.Context(), &item)
				if !c.effect || p.again == nil {
					require.NoError(t, again, what)
				} else {
					require.ErrorIs(t, again, p.again, what)
				}
				if c.effect && p.twice {
					after.N, after.Version = 6, 3
				}
				check(true)
			}
		}
	}
}

// TestSweepTransact fails a transaction of every kind of write over two
// repositories: all of it is done or nothing, memory is as it was, and the same
// under its token ends it, done once.
func TestSweepTransact(t *testing.T) {
	t.Parallel()
	for kind, c := range trouble {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, tr := openOnce(t)
			r, e := counters(t, db), create[entry](t, db, entrySpec())
			before := map[string]counter{}
			for _, id := range []string{"saved", "put", "updated", "checked", "deleted", "destroyed"} {
				one := counter{ID: id, N: 4}
				require.NoError(t, r.Create(t.Context(), &one))
				before[id] = one
			}
			state := func() map[string]counter {
				all := map[string]counter{}
				for one, err := range r.Scan().Consistent().All(t.Context()) {
					require.NoError(t, err)
					all[one.ID] = one
				}
				return all
			}
			created, saved, put, destroyed := counter{ID: "created"}, before["saved"], before["put"], before["destroyed"]
			other := entry{Name: "n", At: 1}
			o := r.Ops()
			ops := []repo.Op{
				o.Create(&created), o.Save(&saved), o.Put(&put), o.Update(key.Of("updated"), counterN.Add(1)),
				o.Check(key.Of("checked"), counterN.Eq(4)), o.Delete(key.Of("deleted")), o.Destroy(&destroyed), e.Ops().Create(&other),
			}
			want := map[string]counter{
				"created": {ID: "created", Version: 1}, "saved": {ID: "saved", N: 4, Version: 2}, "put": {ID: "put", N: 4, Version: 2},
				"updated": {ID: "updated", N: 5, Version: 2}, "checked": before["checked"],
			}
			token := uuid.NewString()
			injected := tr.On("TransactWriteItems").Times(1).Do(c.fault)
			err := db.TransactOnce(t.Context(), token, ops...)
			assert.Equal(t, 1, injected.Struck())
			if c.known && c.effect {
				require.NoError(t, err)
			} else {
				noSentinel(t, err)
				outcome(t, err, c.effect, c.known)
				assert.Equal(t, []counter{{ID: "created"}, before["saved"], before["put"]}, []counter{created, saved, put})
			}
			if c.effect {
				assert.Equal(t, want, state())
			} else {
				assert.Equal(t, before, state())
			}
			assert.Len(t, there(t, e), map[bool]int{true: 1}[c.effect])

			require.NoError(t, db.TransactOnce(t.Context(), token, ops...))
			assert.Equal(t, want, state())
			assert.Equal(t, []int{1}, there(t, e))
			assert.Equal(t, []counter{want["created"], want["saved"], want["put"]}, []counter{created, saved, put})
		})
	}
}

// TestSweepRetried: with the SDK's retries an answer that is lost is no error: what
// is sent again meets what it has written itself, and is told to be done (rule O4).
// An addition counts twice, but not in a transaction.
func TestSweepRetried(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := counters(t, db)
	add := func(c *counter) repo.Op { return r.Ops().Update(key.Of(c.ID), counterN.Add(1)) }
	for name, p := range map[string]struct {
		do   func(context.Context, *counter) error
		want counter // N of 0: there is none
	}{
		"create": {do: func(ctx context.Context, c *counter) error {
			return r.Create(ctx, &counter{ID: "new", N: 1})
		}, want: counter{N: 4, Version: 1}},
		"put":     {do: r.Put, want: counter{N: 5, Version: 2}},
		"save":    {do: r.Save, want: counter{N: 5, Version: 2}},
		"destroy": {do: r.Destroy},
		"delete":  {do: func(ctx context.Context, c *counter) error { return r.Delete(ctx, key.Of(c.ID)) }},
		"update": {do: func(ctx context.Context, c *counter) error {
			_, err := r.Update(ctx, key.Of(c.ID), counterN.Add(1))
			return err
		}, want: counter{N: 6, Version: 3}},
		"transact": {do: func(ctx context.Context, c *counter) error { return db.Transact(ctx, add(c)) }, want: counter{N: 5, Version: 2}},
		"batch":    {do: func(ctx context.Context, c *counter) error { return db.Batch(ctx, r.Overwrite().Ops().Put(c)) }, want: counter{N: 5, Version: 2}},
	} {
		id := uuid.NewString()
		item := counter{ID: id, N: 4}
		require.NoError(t, r.Create(t.Context(), &item), name)
		item.N = 5
		injected := tr.On("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem").Times(1).Do(faults.CutAfter())
		err := p.do(t.Context(), &item)
		assert.Equal(t, 1, injected.Struck(), name)
		require.NoError(t, err, name)
		got, err := r.Consistent().Get(t.Context(), key.Of(id))
		if p.want.N == 0 {
			require.ErrorIs(t, err, repo.ErrNotFound, name)
			continue
		}
		require.NoError(t, err, name)
		p.want.ID = id
		assert.Equal(t, p.want, got, name)
	}
}

// TestSweepBatch fails each request of a batch in turn: what is not left is
// done, what is left is told, and the batch of what was left ends it.
func TestSweepBatch(t *testing.T) {
	t.Parallel()
	for kind, c := range trouble {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, tr := openOnce(t)
			r := create[entry](t, db, entrySpec())
			for n, struck := 1, true; struck; n++ {
				_, ops := puts(r, 60)
				injected := tr.On("BatchWriteItem").Nth(n).Do(c.fault)
				err := db.Batch(t.Context(), ops...)
				injected.Stop()
				struck = injected.Struck() > 0
				done := there(t, r)
				if !struck {
					require.NoError(t, err)
					require.Equal(t, 4, n)
				} else {
					noSentinel(t, err)
					failed, ok := errors.AsType[*repo.BatchError](err)
					require.True(t, ok)
					want := upTo(60)[25*(n-1) : min(60, 25*n)]
					require.Equal(t, want, failed.Left)
					for _, at := range want {
						require.Equal(t, c.effect, slices.Contains(done, at))
					}
					require.Len(t, done, map[bool]int{true: 60, false: 60 - len(want)}[c.effect])
					var rest []repo.Op
					for _, i := range failed.Left {
						rest = append(rest, ops[i])
					}
					require.NoError(t, db.Batch(t.Context(), rest...))
				}
				require.Equal(t, upTo(60), there(t, r))
				removed, err := r.Query(entryPart).DeleteAll(t.Context())
				require.NoError(t, err)
				require.Equal(t, 60, removed)
			}
		})
	}
}

// TestSweepQueries fails each request of DeleteAll and of an update of a query
// in turn: the count tells what is certain, and a second run ends it.
func TestSweepQueries(t *testing.T) {
	t.Parallel()
	for kind, c := range trouble {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, tr := openOnce(t)
			r := create[entry](t, db, entrySpec())
			for n, struck := 1, true; struck; n++ {
				_, ops := puts(r, 30)
				require.NoError(t, db.Batch(t.Context(), ops...))
				injected := tr.On("BatchWriteItem", "Query").Nth(n).Do(c.fault)
				removed, err := r.Query(entryPart).BatchSize(20).DeleteAll(t.Context())
				injected.Stop()
				struck = injected.Struck() > 0
				assert.Equal(t, struck, err != nil)
				left := len(there(t, r))
				require.LessOrEqual(t, removed, 30-left, "what is counted is removed")
				if c.effect && struck {
					noSentinel(t, err)
				} else {
					require.Equal(t, removed, 30-left)
				}
				if failed, ok := errors.AsType[*repo.UnprocessedError](err); ok && !c.effect {
					for _, k := range failed.Keys {
						found, err := r.Exists(t.Context(), k)
						require.NoError(t, err)
						require.True(t, found, "what is told to be left is")
					}
				}
				more, err := r.Query(entryPart).DeleteAll(t.Context())
				require.NoError(t, err)
				require.Equal(t, left, more)
			}
			for n, struck := 1, true; struck; n++ {
				_, ops := puts(r, 5)
				require.NoError(t, db.Batch(t.Context(), ops...))
				injected := tr.On("UpdateItem", "Query").Nth(n).Do(c.fault)
				changed, err := r.Query(entryPart).Update(t.Context(), entryPass.Set(true))
				injected.Stop()
				struck = injected.Struck() > 0
				if err != nil || !c.known || !c.effect {
					assert.Equal(t, struck, err != nil)
				}
				noSentinel(t, err)
				got, err := r.Scan().Where(entryPass.Eq(true)).Count(t.Context())
				require.NoError(t, err)
				require.LessOrEqual(t, changed, got, "what is counted is changed")
				require.LessOrEqual(t, got, changed+map[bool]int{true: 1}[c.effect && struck])
			}
		})
	}
}
