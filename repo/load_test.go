package repo_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

func load(ctx context.Context, tb testing.TB, r *repo.Repo[score], position int) *score {
	tb.Helper()
	s, err := r.Load(ctx, at(position))
	require.NoError(tb, err)
	return s
}

// TestIdentityMap: one instance a key and context, off unless asked for.
func TestIdentityMap(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 3)
	a, b := load(t.Context(), t, r, 1), load(t.Context(), t, r, 1)
	assert.NotSame(t, a, b, "there is no map")
	assert.Equal(t, a, b)
	tr.Reset()
	ctx := repo.WithIdentityMap(t.Context())
	a = load(ctx, t, r, 1)
	assert.Same(t, a, load(ctx, t, r, 1))
	assert.Equal(t, 1, tr.Total())
	assert.NotSame(t, a, load(ctx, t, r, 2))
	assert.NotSame(t, a, load(repo.WithIdentityMap(ctx), t, r, 1))
	assert.NotSame(t, a, load(repo.WithIdentityMap(t.Context()), t, r, 1))

	tr.Reset()
	a.Points = 99
	got, err := r.Get(ctx, at(1))
	require.NoError(t, err)
	assert.Zero(t, got.Points, "Get reads what is stored")
	fresh, err := r.Consistent().Load(ctx, at(1))
	require.NoError(t, err)
	assert.NotSame(t, a, fresh)
	assert.Zero(t, fresh.Points)
	assert.Same(t, fresh, load(ctx, t, r, 1), "it took the place")
	assert.Equal(t, 2, tr.Total())

	tr.Reset()
	for range 2 {
		_, err := r.Load(ctx, at(9))
		require.ErrorIs(t, err, repo.ErrNotFound)
		assert.EqualError(t, err, "repo: Load "+r.Table()+" (key id, position): not found")
	}
	assert.Equal(t, 2, tr.Total(), "it may come into being")
	for _, ctx := range []context.Context{ctx, t.Context()} {
		_, err = r.Load(ctx, partition)
		require.ErrorIs(t, err, repo.ErrInvalid)
		require.ErrorIs(t, err, key.ErrKey)
	}
	assert.Equal(t, 2, tr.Total())
}

// TestIdentityMapTogether: 64 goroutines that load three items at once share
// three requests and three instances.
func TestIdentityMapTogether(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 3)
	ctx := repo.WithIdentityMap(t.Context())
	var loaded [64]*score
	var wg sync.WaitGroup
	for i := range loaded {
		wg.Go(func() {
			s, err := r.Load(ctx, at(i%3+1))
			if assert.NoError(t, err) {
				loaded[i] = s
			}
		})
	}
	wg.Wait()
	assert.Equal(t, map[string]int{"GetItem": 3}, tr.Counts())
	for i, s := range loaded {
		assert.Same(t, loaded[i%3], s)
		assert.Equal(t, i%3+1, s.Position)
	}
}

// TestIdentityMapBusy: readers, writers and queries of one context at once; in
// the end the map is as the store.
func TestIdentityMapBusy(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 4)
	ctx := repo.WithIdentityMap(t.Context())
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			var err error
			switch k := at(i/4%4 + 1); i % 4 {
			case 0:
				_, err = r.Load(ctx, k)
			case 1:
				_, err = r.Consistent().Load(ctx, k)
			case 2:
				_, err = r.Update(ctx, k, points.Add(1))
			default:
				for _, err = range r.Query(partition).Load(ctx) {
				}
			}
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	for i := range 4 {
		got, err := r.Get(ctx, at(i+1))
		require.NoError(t, err)
		assert.Equal(t, &got, load(ctx, t, r, i+1))
	}
}

// TestIdentityMapWrites: the instance stays where it was written itself, and is
// as stored; any other write takes its key out.
func TestIdentityMapWrites(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 0)
	db, o := r.DB(), r.Ops()
	for name, c := range map[string]struct {
		write func(context.Context, *score) error
		stays bool
		gone  bool
	}{
		"save":      {write: r.Save, stays: true},
		"put":       {write: r.Put, stays: true},
		"overwrite": {write: r.Overwrite().Save, stays: true},
		"transact":  {write: func(ctx context.Context, s *score) error { return db.Transact(ctx, o.Save(s)) }, stays: true},
		"batch":     {write: func(ctx context.Context, s *score) error { return db.Batch(ctx, r.Overwrite().Ops().Put(s)) }, stays: true},
		"checked":   {write: func(ctx context.Context, s *score) error { return db.Transact(ctx, o.Check(at(s.Position))) }, stays: true},
		"a copy":    {write: func(ctx context.Context, s *score) error { c := *s; return r.Save(ctx, &c) }},
		"update": {write: func(ctx context.Context, s *score) error {
			_, err := r.Update(ctx, at(s.Position), points.Add(1))
			return err
		}},
		"update all": {write: func(ctx context.Context, _ *score) error {
			_, err := r.Query(partition).Update(ctx, points.Add(1))
			return err
		}},
		"in a transaction": {write: func(ctx context.Context, s *score) error {
			return db.Transact(ctx, o.Update(at(s.Position), points.Add(1)))
		}},
		"delete":     {write: func(ctx context.Context, s *score) error { return r.Delete(ctx, at(s.Position)) }, gone: true},
		"destroy":    {write: r.Destroy, gone: true},
		"delete all": {write: func(ctx context.Context, _ *score) error { _, err := r.Query(partition).DeleteAll(ctx); return err }, gone: true},
		"delete in a batch": {write: func(ctx context.Context, s *score) error {
			return db.Batch(ctx, o.Delete(at(s.Position)))
		}, gone: true},
	} {
		require.NoError(t, r.Put(t.Context(), &score{ModelID: "m", AccountID: 42, Position: 1, Points: 1}), name)
		ctx := repo.WithIdentityMap(t.Context())
		held := load(ctx, t, r, 1)
		require.NoError(t, c.write(ctx, held), name)
		again, err := r.Load(ctx, at(1))
		if c.gone {
			require.ErrorIs(t, err, repo.ErrNotFound, name)
			continue
		}
		require.NoError(t, err, name)
		assert.Equal(t, c.stays, again == held, name)
		stored, err := r.Get(ctx, at(1))
		require.NoError(t, err)
		assert.Equal(t, &stored, again, name)
	}
}

// TestIdentityMapFails: after a write that failed the item is read anew, so
// that a retry of a stale one comes to an end (rule G6).
func TestIdentityMapFails(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	ctx := repo.WithIdentityMap(t.Context())
	held := load(ctx, t, r, 1)
	_, err := r.Update(t.Context(), at(1), points.Set(5))
	require.NoError(t, err)
	tries := 0
	require.NoError(t, lock.Retry(ctx, 5, func(ctx context.Context) error {
		tries++
		s, err := r.Load(ctx, at(1))
		if err != nil {
			return err
		}
		s.Points++
		return r.Save(ctx, s)
	}))
	assert.Equal(t, 2, tries)
	assert.Equal(t, num("6"), rawScore(t, r, "1")["score"])
	assert.NotSame(t, held, load(ctx, t, r, 1))

	for _, write := range []func(*score) error{
		func(s *score) error { return r.Save(ctx, s) },
		func(s *score) error { return r.DB().Transact(ctx, r.Ops().Save(s)) },
		func(s *score) error { return r.DB().Batch(ctx, r.Overwrite().Ops().Put(s)) },
	} {
		held := load(ctx, t, r, 1)
		injected := tr.On("PutItem", "TransactWriteItems", "BatchWriteItem").Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
		require.Error(t, write(held))
		injected.Stop()
		assert.NotSame(t, held, load(ctx, t, r, 1))
	}
}

// TestIdentityMapRace: what a load has read before a write of another goroutine
// is not kept behind it.
func TestIdentityMapRace(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	ctx := repo.WithIdentityMap(t.Context())
	tr.On("GetItem").Nth(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		resp, err := send(req)
		if err == nil {
			_, err = r.Update(ctx, at(1), points.Set(8))
		}
		return resp, err
	})
	assert.Zero(t, load(ctx, t, r, 1).Points)
	assert.InDelta(t, 8, load(ctx, t, r, 1).Points, 0)
}

// TestIdentityMapWaits: who waits for another's request waits no longer than
// its context, and takes over where that fails.
func TestIdentityMapWaits(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	ctx := repo.WithIdentityMap(t.Context())
	asked, answer := make(chan struct{}), make(chan struct{})
	tr.On("GetItem").Nth(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		close(asked)
		<-answer
		return faults.Error(http.StatusBadRequest, "AccessDeniedException")(req, send)
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := r.Load(ctx, at(1))
		assert.ErrorContains(t, err, "AccessDeniedException")
	})
	<-asked
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err := r.Load(ended, at(1))
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, tr.Total())
	wg.Go(func() {
		_, err := r.Load(ctx, at(1))
		assert.NoError(t, err)
	})
	close(answer)
	wg.Wait()
	assert.Equal(t, 2, tr.Total())
}

// TestQueryLoad: a query hands out the instances there are and adds the others.
func TestQueryLoad(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 6)
	ctx := repo.WithIdentityMap(t.Context())
	held := load(ctx, t, r, 2)
	held.Points = 77
	seen := map[int]*score{}
	for s, err := range r.Query(partition).Load(ctx) {
		require.NoError(t, err)
		seen[s.Position] = s
	}
	require.Len(t, seen, 6)
	assert.Same(t, held, seen[2])
	tr.Reset()
	for s, err := range r.Query(key.Of("u0")).Index("user_idx").Prefetch(1).BatchSize(1).Load(ctx) {
		require.NoError(t, err)
		assert.Same(t, seen[s.Position], s)
	}
	for i, s := range seen {
		assert.Same(t, s, load(ctx, t, r, i))
	}
	assert.Zero(t, tr.Count("GetItem"))

	for s, err := range r.Query(partition).Load(t.Context()) {
		require.NoError(t, err)
		assert.NotSame(t, seen[s.Position], s, "there is no map")
	}
	for s, err := range r.Query(partition).BatchSize(2).Load(ctx) {
		require.NoError(t, err)
		assert.Equal(t, 1, s.Position)
		break
	}
	assert.Equal(t, map[string]int{"Query": 5}, tr.Counts(), "3 pages of an index, 1 whole, 1 of 2")
}

// TestQueryLoadWrites: what is written while the query goes is read again by
// key, and left out where it is gone.
func TestQueryLoadWrites(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 5)
	ctx := repo.WithIdentityMap(t.Context())
	var got []float64
	for s, err := range r.Query(partition).Load(ctx) {
		require.NoError(t, err)
		got = append(got, s.Points)
		switch s.Position {
		case 1:
			_, err = r.Update(ctx, at(2), points.Set(50))
			require.NoError(t, err)
			require.NoError(t, r.Delete(ctx, at(4)))
		case 3:
			s.Points = 60
			require.NoError(t, r.Save(ctx, s))
			assert.Same(t, s, load(ctx, t, r, 3))
		}
	}
	assert.Equal(t, []float64{0, 50, 1, 2}, got)
	assert.Equal(t, 2, tr.Count("GetItem"))
}

// TestQueryLoadPart: items in part are no instances.
func TestQueryLoadPart(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 3)
	ctx := repo.WithIdentityMap(t.Context())
	partial := r.Query(key.Of("u0")).Index("user_part_idx")
	for name, q := range map[string]repo.Query[score]{"projected": r.Query(partition).Project("tags"), "partial": partial} {
		for _, err := range q.Load(ctx) {
			require.ErrorIs(t, err, repo.ErrInvalid, name)
		}
	}
	assert.Zero(t, tr.Total())
	n := 0
	for s, err := range partial.Hydrate().Load(ctx) {
		require.NoError(t, err)
		assert.Same(t, s, load(ctx, t, r, s.Position))
		n++
	}
	assert.Equal(t, 1, n)
	assert.Zero(t, tr.Count("GetItem"))

	tr.On("Query").Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	for s, err := range r.Query(partition).Load(ctx) {
		assert.Nil(t, s)
		assert.ErrorContains(t, err, "AccessDeniedException")
	}
}

// TestIdentityMapHidden: an instance that expires is handed out no more, and
// one whose end was put off is (rule J4).
func TestIdentityMapHidden(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	r := lastings(t, clock.in)
	for i := range 2 {
		require.NoError(t, r.Put(t.Context(), &lasting{Name: "n", At: i, Kind: "k", Ends: noon.Unix() + 10}))
	}
	ctx := repo.WithIdentityMap(t.Context())
	var held []*lasting
	for l, err := range r.Query(key.Of("n")).Load(ctx) {
		require.NoError(t, err)
		held = append(held, l)
	}
	require.Len(t, held, 2)
	held[1].Ends += 3600
	require.NoError(t, r.Put(ctx, held[1]))
	clock.add(20 * time.Second)
	_, err := r.Load(ctx, key.Of("n").Range(0))
	require.ErrorIs(t, err, repo.ErrNotFound)
	again, err := r.Load(ctx, key.Of("n").Range(1))
	require.NoError(t, err)
	assert.Same(t, held[1], again)
}

// TestIdentityMapTables: repositories of one table have instances of their own,
// and a write by one is seen by the other; callbacks run once an instance.
func TestIdentityMapTables(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	found := 0
	spec := scoreSpec()
	spec.Callbacks = []repo.Callback{repo.On(repo.AfterFind, func(context.Context, *score) error { found++; return nil })}
	other, err := repo.New[score](r.DB(), spec)
	require.NoError(t, err)
	ctx := repo.WithIdentityMap(t.Context())
	a, b := load(ctx, t, r, 1), load(ctx, t, other, 1)
	assert.NotSame(t, a, b)
	assert.Same(t, b, load(ctx, t, other, 1))
	assert.Equal(t, 1, found)
	require.NoError(t, r.Save(ctx, a))
	assert.Same(t, a, load(ctx, t, r, 1))
	assert.Equal(t, int64(2), load(ctx, t, other, 1).Version)
	assert.Equal(t, 3, tr.Count("GetItem"))
}
