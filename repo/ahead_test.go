package repo_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestLazy: nothing is sent before the loop, and no request sooner than its
// items are needed (rule A8).
func TestLazy(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 9)
	for name, q := range map[string]repo.Query[entry]{
		"query": r.Query(entryPart), "scan": r.Scan(), "global": r.Query(key.Of("k")).Index("kind_idx"),
	} {
		tr.Reset()
		seq := q.BatchSize(3).All(t.Context())
		assert.Zero(t, tr.Total(), name)
		n := 0
		for _, err := range seq {
			require.NoError(t, err)
			assert.Equal(t, 1+n/3, tr.Total(), "%s: item %d", name, n)
			if n++; n == 4 {
				break
			}
		}
		assert.Equal(t, 2, tr.Total(), name)
		for _, err := range seq { // again, from the beginning
			require.NoError(t, err)
			break
		}
		assert.Equal(t, 3, tr.Total(), name)
	}
}

// TestPrefetch reads as far ahead as it is told, and not a page more, and sends
// the very requests that it sends without.
func TestPrefetch(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 40)
	plain := r.Query(entryPart).BatchSize(2)
	want, err := plain.Collect(t.Context())
	require.NoError(t, err)
	sent := bodies(tr)
	require.Len(t, sent, 21)
	for n := 1; n <= 3; n++ {
		tr.Reset()
		got, err := plain.Prefetch(n).Collect(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, sent, bodies(tr))

		tr.Reset()
		for _, err := range plain.Prefetch(n).All(t.Context()) {
			require.NoError(t, err)
			assert.Eventually(t, func() bool { return tr.Total() == 1+n }, 5*time.Second, time.Millisecond, "page 1 and %d ahead", n)
			break
		}
		assert.LessOrEqual(t, tr.Total(), 1+n)
	}
	tr.Reset()
	got, err := plain.Prefetch(3).RecordLimit(5).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want[:5], got)
	assert.Equal(t, []int{2, 2, 1}, tr.Limits("Query"), "limits keep the reading ahead within them")
}

// TestJoined: however a loop that reads ahead ends, nothing of it goes on, and
// what it cost is told.
func TestJoined(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]func(repo.Query[entry]) repo.Query[entry]{
		"prefetch": func(q repo.Query[entry]) repo.Query[entry] { return q.Prefetch(2) },
		"segments": func(q repo.Query[entry]) repo.Query[entry] { return q.Segments(3) },
		"both":     func(q repo.Query[entry]) repo.Query[entry] { return q.Segments(2).Prefetch(4) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, tr := spread(t, 60)
			under := running(tr)
			q := ahead(r.Scan().BatchSize(2))
			metered, meter := repo.WithMeter(t.Context())
			over := func(stop dyniter.Stop) {
				t.Helper()
				assert.Zero(t, under.Load())
				assert.Equal(t, stop, meter.Stats().Stop)
				assert.GreaterOrEqual(t, meter.Stats().Requests, tr.Total(), "one that is cancelled may not get as far as that")
				tr.Reset()
				metered, meter = repo.WithMeter(t.Context())
			}

			for _, err := range q.All(metered) {
				require.NoError(t, err)
				break
			}
			over(dyniter.StopCaller)

			func() {
				defer func() { assert.Equal(t, "stop", recover()) }()
				for range q.All(metered) {
					panic("stop")
				}
			}()
			over(dyniter.StopCaller)

			ctx, cancel := context.WithCancel(metered)
			defer cancel()
			var last error
			for _, err := range q.All(ctx) {
				for sent := -1; sent != tr.Total() || under.Load() > 0; {
					sent = tr.Total()
					time.Sleep(20 * time.Millisecond) // all that reads ahead waits for the loop then
				}
				cancel()
				last = err
			}
			require.ErrorIs(t, last, context.Canceled, "a read that the context ended is not complete")
			over(dyniter.StopContext)

			trouble := tr.On("Scan").After(3).Do(faults.Error(400, "ValidationException"))
			_, err := q.Collect(metered)
			require.ErrorAs(t, err, new(*repo.Error))
			assert.EqualError(t, err, "repo: Scan "+r.Table()+": ValidationException")
			over(dyniter.StopError)
			trouble.Stop()

			got, err := q.Collect(metered)
			require.NoError(t, err)
			assert.Len(t, got, 60)
			over(dyniter.StopExhausted)
		})
	}
}

// TestSegments: a parallel scan hands out every item exactly once, whatever
// its pages, and also when it is left at random and resumed by the cursor of a
// page.
func TestSegments(t *testing.T) {
	t.Parallel()
	const n = 90
	r, tr := spread(t, n)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for _, segments := range []int{1, 2, 5} {
		for _, filtered := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d filtered=%t", segments, filtered), func(t *testing.T) {
				t.Parallel()
				q, want := r.Scan(), n
				if filtered {
					q, want = q.Where(entryPass.Eq(true)), n/3
				}
				for round := range 8 {
					rnd := rand.New(rand.NewPCG(seed, uint64(round)))
					seen := map[int]int{}
					for next, more := q.Segments(segments), true; more; {
						part := next
						if rnd.IntN(3) > 0 {
							part = part.BatchSize(1 + rnd.IntN(9))
						}
						if rnd.IntN(3) == 0 {
							part = part.Prefetch(1 + rnd.IntN(3))
						}
						if rnd.IntN(3) == 0 {
							part = part.RecordLimit(1 + rnd.IntN(20))
						}
						left := 1 + rnd.IntN(8)
						for page, err := range part.Pages(t.Context()) {
							require.NoError(t, err)
							for _, e := range page.Items {
								seen[e.At]++
							}
							more = !page.Cursor.IsZero()
							token, err := dyniter.ParseCursor(page.Cursor.String())
							require.NoError(t, err)
							next = q.Segments(segments).From(token)
							if left--; left == 0 {
								break
							}
						}
					}
					require.Len(t, seen, want)
					for at, times := range seen {
						require.Equal(t, 1, times, "item %d", at)
					}
				}
			})
		}
	}
	t.Cleanup(func() {
		for _, sent := range bodies(tr) {
			if total := sent["TotalSegments"]; total != nil {
				assert.Less(t, sent["Segment"], total)
			}
		}
	})
}

// TestSegmentLimits: limits hold for all segments together.
func TestSegmentLimits(t *testing.T) {
	t.Parallel()
	const n = 60
	r, _ := spread(t, n)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		q, passing := r.Scan().Segments(2+rnd.IntN(5)), n
		records, scan := 1+rnd.IntN(n+10), 1+rnd.IntN(n+10)
		if rnd.IntN(2) == 0 {
			q, passing = q.Where(entryPass.Eq(true)), n/3
		}
		if rnd.IntN(3) == 0 {
			q = q.BatchSize(1 + rnd.IntN(10))
		}
		if rnd.IntN(2) == 0 {
			got, err := q.RecordLimit(records).Collect(t.Context())
			require.NoError(t, err)
			assert.Len(t, got, min(records, passing))
			count, err := q.RecordLimit(records).Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, len(got), count)
			continue
		}
		metered, meter := repo.WithMeter(t.Context())
		got, err := q.ScanLimit(scan).RecordLimit(records).Collect(metered)
		require.NoError(t, err)
		assert.LessOrEqual(t, meter.Stats().Evaluated, min(scan, n))
		assert.LessOrEqual(t, len(got), records)
		if passing == n {
			assert.Len(t, got, min(records, scan, n))
		}
		assert.Equal(t, len(got), meter.Stats().Returned)
		assert.Contains(t, []dyniter.Stop{dyniter.StopExhausted, dyniter.StopRecordLimit, dyniter.StopScanLimit}, meter.Stats().Stop)
	}

	// One segment holds everything: when the others are at their end, all that
	// is left is its.
	one, tr, _ := numbered(t, 150)
	metered, meter := repo.WithMeter(t.Context())
	got, err := one.Scan().Segments(4).RecordLimit(100).Collect(metered)
	require.NoError(t, err)
	assert.Len(t, got, 100)
	assert.Equal(t, dyniter.StopRecordLimit, meter.Stats().Stop)
	assert.LessOrEqual(t, tr.Total(), 14+3, "a quarter of what is left each time, if the others answer last")
	got, err = one.Scan().Segments(4).RecordLimit(150).Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, got, 150)
	metered, meter = repo.WithMeter(t.Context())
	got, err = one.Scan().Segments(4).ScanLimit(50).Collect(metered)
	require.NoError(t, err)
	assert.Len(t, got, 50)
	assert.Equal(t, dyniter.StopScanLimit, meter.Stats().Stop)
}

// TestSegmentsRefused: what has no segments, or tells no place of a parallel
// scan, is refused before any request.
func TestSegmentsRefused(t *testing.T) {
	t.Parallel()
	r, tr := spread(t, 8)
	var cursor dyniter.Cursor
	for page, err := range r.Scan().Segments(2).BatchSize(1).Pages(t.Context()) {
		require.NoError(t, err)
		cursor = page.Cursor
		break
	}
	tr.Reset()
	for name, c := range map[string]struct {
		q  repo.Query[entry]
		is error
	}{
		"a query":               {r.Query(entryPart).Segments(2), index.ErrPlan},
		"a query of one":        {r.Query(entryPart).Segments(1), index.ErrPlan},
		"none":                  {r.Scan().Segments(0), dyniter.ErrLimit},
		"over a million":        {r.Scan().Segments(1_000_001), dyniter.ErrLimit},
		"no prefetch":           {r.Scan().Prefetch(0), dyniter.ErrLimit},
		"a place of an item":    {r.Scan().Segments(2).StartAfter(entry{Name: "n", At: 1}), repo.ErrInvalid},
		"a cursor of fewer":     {r.Scan().Segments(3).From(cursor), dyniter.ErrCursor},
		"a cursor of several":   {r.Scan().From(cursor), dyniter.ErrCursor},
		"the cursor on a query": {r.Query(entryPart).From(cursor), dyniter.ErrCursor},
	} {
		got, err := c.q.Collect(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, c.is, name)
		assert.Nil(t, got, name)
	}
	_, err := r.Scan().Segments(2).CursorAfter(entry{Name: "n", At: 1})
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}
