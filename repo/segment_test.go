package repo_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

var entryKind = cond.Field(func(e *entry) *string { return &e.Kind })

// TestSegment: the segments of a scan, each read by itself with limits of its
// own and left and resumed at random, are the table, each item once (rules A1,
// A6, B3, B6).
func TestSegment(t *testing.T) {
	t.Parallel()
	const n = 60
	r, tr := spread(t, n)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for name, scan := range map[string]repo.Query[entry]{"table": r.Scan(), "global": r.Scan().Index("kind_idx"), "by conditions": r.Where(entryRank.Gte(0))} {
		for _, filtered := range []bool{false, true} {
			for _, of := range []int{1, 3, 8} {
				t.Run(fmt.Sprintf("%s filtered=%t of=%d", name, filtered, of), func(t *testing.T) {
					t.Parallel()
					rnd := rand.New(rand.NewPCG(seed, uint64(of)))
					q, want := scan, n
					if filtered {
						q, want = q.Where(entryPass.Eq(true)), n/3
					}
					seen := map[int]int{}
					for i := range of {
						own := q.Segment(i, of)
						all, err := own.Collect(t.Context())
						require.NoError(t, err)
						count, err := own.Count(t.Context())
						require.NoError(t, err)
						assert.Len(t, all, count)
						got := resumed(t, own, rnd, len(all))
						assert.Equal(t, all, got)
						for _, e := range got {
							seen[e.At]++
						}
					}
					assert.Len(t, seen, want)
					for at, times := range seen {
						assert.Equal(t, 1, times, "item %d", at)
					}
				})
			}
		}
	}
	t.Cleanup(func() {
		for _, sent := range bodies(tr) {
			assert.Contains(t, []any{1.0, 3.0, 8.0}, sent["TotalSegments"])
			assert.Less(t, sent["Segment"], sent["TotalSegments"])
		}
	})
}

// TestSegmentAlone: limits bound the segment, and its plan tells which it is.
func TestSegmentAlone(t *testing.T) {
	t.Parallel()
	r, tr := spread(t, 60)
	q := r.Scan().Segment(2, 4)
	all, err := q.Collect(t.Context())
	require.NoError(t, err)
	require.Greater(t, len(all), 5)
	tr.Reset()
	for _, q := range []repo.Query[entry]{q.RecordLimit(5).BatchSize(2), q.ScanLimit(5).BatchSize(2).Prefetch(2)} {
		got, err := q.Collect(t.Context())
		require.NoError(t, err)
		assert.Equal(t, all[:5], got)
		assert.Equal(t, []int{2, 2, 1}, tr.Limits("Scan"))
		tr.Reset()
	}
	for cost, q := range map[string]repo.Query[entry]{
		"Segment(2, 4) of table " + r.Table():                                     q,
		"Segment(2, 4) of index kind_idx":                                         q.Index("kind_idx"),
		"at most 7 items of Segment(0, 9) of table " + r.Table():                  r.Scan().Segment(0, 9).RecordLimit(7),
		"Segment(2, 4) of table " + r.Table() + ", until 7 items pass the filter": q.Where(entryPass.Eq(true)).RecordLimit(7),
	} {
		plan, err := q.Plan()
		require.NoError(t, err)
		assert.Equal(t, cost, plan.Cost)
		assert.Zero(t, plan.Segments)
		assert.Contains(t, plan.String(), "cost:        reads "+cost)
	}
	assert.Zero(t, tr.Total())
}

// TestSegmentRefused: what a segment can't be, and the cursor of another, is
// refused before any request (rules B4, B6, O7).
func TestSegmentRefused(t *testing.T) {
	t.Parallel()
	r, tr := spread(t, 30)
	own := r.Scan().Segment(1, 3)
	item, err := own.First(t.Context())
	require.NoError(t, err)
	at, err := own.CursorAfter(item)
	require.NoError(t, err)
	parsed, err := dyniter.ParseCursor(at.String())
	require.NoError(t, err)
	whole, err := r.Scan().CursorAfter(item)
	require.NoError(t, err)
	tr.Reset()
	for name, c := range map[string]struct {
		q  repo.Query[entry]
		is error
	}{
		"below the first":          {r.Scan().Segment(-1, 3), dyniter.ErrLimit},
		"behind the last":          {r.Scan().Segment(3, 3), dyniter.ErrLimit},
		"of none":                  {r.Scan().Segment(0, 0), dyniter.ErrLimit},
		"of too many":              {r.Scan().Segment(0, 1_000_001), dyniter.ErrLimit},
		"a query":                  {r.Query(entryPart).Segment(0, 3), index.ErrPlan},
		"a query of an index":      {r.Query(key.Of("k")).Index("kind_idx").Segment(0, 3), index.ErrPlan},
		"a query by conditions":    {r.Where(entryKind.Eq("k"), entryRank.Gte(0)).Segment(0, 3), index.ErrPlan},
		"in an order":              {r.Scan().Index("kind_idx").Segment(0, 3).Descending(), index.ErrPlan},
		"with all segments":        {own.Segments(3), index.ErrPlan},
		"all segments with it":     {r.Scan().Segments(1).Segment(0, 1), index.ErrPlan},
		"a cursor of another":      {r.Scan().Segment(2, 3).From(at), dyniter.ErrCursor},
		"a cursor of another many": {r.Scan().Segment(1, 4).From(at), dyniter.ErrCursor},
		"a token of another":       {r.Scan().Segment(2, 3).From(parsed), dyniter.ErrCursor},
		"a token of another many":  {r.Scan().Segment(1, 4).From(parsed), dyniter.ErrCursor},
		"a token kept":             {r.Scan().Segment(1, 4).Resume(&parsed), dyniter.ErrCursor},
		"a cursor of an index":     {own.Index("kind_idx").From(at), dyniter.ErrCursor},
		"a cursor of no segment":   {own.From(whole), dyniter.ErrCursor},
		"its cursor on the whole":  {r.Scan().From(at), dyniter.ErrCursor},
		"its cursor on all":        {r.Scan().Segments(3).From(parsed), dyniter.ErrCursor},
		"a cursor to keep of nil":  {own.Resume(nil), repo.ErrInvalid},
		"several items":            {r.Scan().Segments(2).StartAfter(item), index.ErrPlan},
	} {
		got, err := c.q.Collect(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, c.is, name)
		assert.Nil(t, got, name)
	}
	for name, do := range map[string]func(context.Context) (int, error){
		"a count":  own.Resume(&at).Count,
		"a delete": own.Resume(&at).DeleteAll,
		"an update": func(ctx context.Context) (int, error) {
			return own.Resume(&at).Update(ctx, entryPass.Set(true))
		},
	} {
		_, err := do(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	assert.Zero(t, tr.Total())
	assert.Equal(t, parsed.String(), at.String(), "a cursor that was refused stays")
}

// TestResumeKeeps: a loop that keeps its cursor is left anywhere, by a break, an
// error or a panic, and goes on with the next item, over every way to read
// (rules A6, B4, B6).
func TestResumeKeeps(t *testing.T) {
	t.Parallel()
	const n = 48
	db, tr := impatient(t, func(c *repo.Config) { c.CursorKeys = [][]byte{[]byte("0123456789abcdef")} })
	r := create[entry](t, db, entrySpec())
	for i := range n {
		require.NoError(t, r.Put(t.Context(), &entry{Name: "n", At: i, Kind: "k", Rank: i / 4, Pass: i%3 == 0}))
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for name, q := range map[string]repo.Query[entry]{
		"table":         r.Query(entryPart),
		"local":         r.Query(entryPart).Index("rank_idx").Descending(),
		"global":        r.Query(key.Of("k")).Index("kind_idx"),
		"hydrated":      r.Query(key.Of("k")).Index("kind_idx").Hydrate(),
		"scan":          r.Scan(),
		"segments of 1": r.Scan().Segments(1),
		"segments":      r.Scan().Segments(3),
		"of an index":   r.Scan().Index("kind_idx").Segments(4),
	} {
		for _, filtered := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s filtered=%t", name, filtered), func(t *testing.T) {
				q, want := q, n
				if filtered {
					q, want = q.Where(entryPass.Eq(true)), n/3
				}
				for round := range 6 {
					rnd := rand.New(rand.NewPCG(seed, uint64(round)))
					trouble := tr.On("*").Do(sometimes(rnd.Uint64()))
					seen := map[int]int{}
					at := dyniter.Cursor{}
					for loops := 0; loops == 0 || !at.IsZero(); loops++ {
						require.Less(t, loops, 20*n)
						for _, e := range piece(t, q.Resume(&at), rnd) {
							seen[e.At]++
						}
						parsed, err := dyniter.ParseCursor(at.String())
						require.NoError(t, err)
						at = parsed
					}
					trouble.Stop()
					assert.Len(t, seen, want)
					for at, times := range seen {
						assert.Equal(t, 1, times, "item %d", at)
					}
				}
			})
		}
	}
}

// TestResumeAfterFailedLoad: an item that could not be loaded comes again.
func TestResumeAfterFailedLoad(t *testing.T) {
	t.Parallel()
	r, tr, keys := numbered(t, 6)
	for changed := range 5 {
		ctx := repo.WithIdentityMap(t.Context())
		var at dyniter.Cursor
		var got []entry
		trouble := tr.On("GetItem").Times(1).Do(faults.Error(400, "ValidationException"))
		for loops := range 3 {
			for e, err := range r.Query(entryPart).BatchSize(5).Resume(&at).Load(ctx) {
				if err != nil {
					require.Zero(t, loops)
					assert.Len(t, got, changed+1)
					break
				}
				if got = append(got, *e); len(got) == 1 {
					// Written since the query began, it is read again.
					_, err = r.Update(ctx, keys[changed+1], entryRank.Set(99))
					require.NoError(t, err)
				}
			}
			if at.IsZero() {
				break
			}
		}
		trouble.Stop()
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5}, places(got))
	}
}

// piece reads a piece of q that ends at random, in a random way.
func piece(t *testing.T, q repo.Query[entry], rnd *rand.Rand) (got []entry) {
	t.Helper()
	if rnd.IntN(4) > 0 {
		q = q.BatchSize(1 + rnd.IntN(9))
	}
	if rnd.IntN(3) == 0 {
		q = q.RecordLimit(1 + rnd.IntN(9))
	}
	if rnd.IntN(3) == 0 {
		q = q.ScanLimit(1 + rnd.IntN(20))
	}
	if rnd.IntN(3) == 0 {
		q = q.Prefetch(1 + rnd.IntN(3))
	}
	stop, panics := rnd.IntN(12), rnd.IntN(3) == 0
	take := func(e entry) bool {
		got = append(got, e)
		stop--
		if stop < 0 && panics {
			panic("left")
		}
		return stop >= 0
	}
	defer func() {
		if p := recover(); p != nil {
			require.Equal(t, "left", p)
		}
	}()
	switch rnd.IntN(5) {
	case 0:
		for page, err := range q.Pages(t.Context()) {
			if err != nil {
				return got
			}
			got = append(got, page.Items...)
			if stop--; stop < 0 {
				return got
			}
		}
	case 1:
		for e, err := range q.Load(repo.WithIdentityMap(t.Context())) {
			if err != nil || !take(*e) {
				return got
			}
		}
	case 2:
		if e, err := q.First(t.Context()); err == nil {
			got = append(got, e)
		}
	case 3:
		got, _ = q.Collect(t.Context())
	default:
		for e, err := range q.All(t.Context()) {
			if err != nil || !take(e) {
				return got
			}
		}
	}
	return got
}

// sometimes fails one request in eight.
func sometimes(seed uint64) faults.Fault {
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(seed, 0))
	fail := faults.Error(400, "ValidationException")
	return func(req *http.Request, send faults.Send) (*http.Response, error) {
		mu.Lock()
		failing := rnd.IntN(8) == 0
		mu.Unlock()
		if failing {
			return fail(req, send)
		}
		return send(req)
	}
}
