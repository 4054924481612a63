package pager_test

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	dyniter "github.com/dynarepo/dynarepo/iter"

	"github.com/dynarepo/dynarepo/internal/pager"
	"github.com/dynarepo/dynarepo/internal/pager/pagertest"
)

// run reads a case to its end and returns the Pager and the Limits sent. The
// server evaluates at most most items in a request; 0 is no such cap.
func run(t testing.TB, c pagertest.Case, most int) (pager.Pager, []int) {
	t.Helper()
	pager := pager.NewPager(c.Limits)
	var sent []int
	handed := 0
	for {
		limit, ok := pager.Next()
		if !ok {
			return pager, sent
		}
		sent = append(sent, limit)
		asked := limit
		if most > 0 && (asked == 0 || asked > most) {
			asked = most
		}
		evaluated, returned, more := c.Answer(pager.Evaluated(), asked)
		keep := pager.Take(evaluated, returned, more)
		require.LessOrEqual(t, keep, returned)
		handed += keep
		require.Equal(t, handed, pager.Returned())
		require.LessOrEqual(t, len(sent), 4*len(c.Pass)+4, "it does not end")
	}
}

func TestPagerCases(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(pagertest.Cases), 60)
	names := map[string]bool{}
	for _, c := range pagertest.Cases {
		require.False(t, names[c.Name], "two cases named %q", c.Name)
		names[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			require.Len(t, c.Sent, c.Requests)
			pager, sent := run(t, c, 0)
			assert.Equal(t, c.Sent, sent)
			assert.Equal(t, c.Records, pager.Returned())
			assert.Equal(t, c.Requests, pager.Requests())
			assert.Equal(t, c.Evaluated, pager.Evaluated())
			assert.Equal(t, c.Stop, pager.Stop())
		})
	}
}

// Pages that the server cuts short, as it does at 1 MB, change neither what is
// returned nor how much may be evaluated.
func TestPagerCappedByServer(t *testing.T) {
	t.Parallel()
	for _, c := range pagertest.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			whole, _ := run(t, c, 0)
			for _, most := range []int{1, 3, 7} {
				pager, sent := run(t, c, most)
				for _, limit := range sent {
					if limit == 0 {
						assert.Zero(t, c.Limits.Scan+c.Limits.Batch)
					}
				}
				assert.Equal(t, whole.Returned(), pager.Returned(), "cap %d", most)
				if c.Limits.Scan > 0 {
					assert.LessOrEqual(t, pager.Evaluated(), c.Limits.Scan)
				}
				if !c.Limits.Filtered && c.Limits.Records > 0 {
					assert.LessOrEqual(t, pager.Evaluated(), c.Limits.Records)
				}
			}
		})
	}
}

func TestPagerCappedSequences(t *testing.T) {
	t.Parallel()
	pass := func(n int) []bool {
		all := make([]bool, n)
		for i := range all {
			all[i] = true
		}
		return all
	}
	tests := []struct {
		name   string
		pass   []bool
		limits pager.Limits
		most   int
		sent   []int
	}{
		{"no limits", pass(10), pager.Limits{}, 4, []int{0, 0, 0}},
		{"no limits, cap at the last item", pass(8), pager.Limits{}, 4, []int{0, 0, 0}},
		{"record limit counts down", pass(10), pager.Limits{Records: 9}, 4, []int{9, 5, 1}},
		{"scan limit counts down", pass(10), pager.Limits{Scan: 9, Filtered: true}, 4, []int{9, 5, 1}},
		{"batch above the cap", pass(10), pager.Limits{Batch: 6}, 4, []int{6, 6, 6}},
		{"adaptive page goes by what was evaluated", make([]bool, 12), pager.Limits{Records: 2, Filtered: true}, 3, []int{2, 2, 4, 7, 10}},
		{"nor do barren pages double beyond it", append(pass(3), make([]bool, 14)...), pager.Limits{Records: 4, Filtered: true}, 3, []int{4, 1, 2, 4, 8, 12, 15}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, sent := run(t, pagertest.Case{Pass: tt.pass, Limits: tt.limits}, tt.most)
			assert.Equal(t, tt.sent, sent)
		})
	}
}

// TestPagerBounds holds rule A5 to its two bounds over random data.
func TestPagerBounds(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 5))
	for range 8_000 {
		pass := randomPass(rng)
		wanted := 1 + rng.IntN(60)
		pager, sent := run(t, pagertest.Case{Pass: pass, Limits: pager.Limits{Records: wanted, Filtered: true}}, 0)

		least, passed := least(pass, wanted)
		require.Equal(t, passed, pager.Returned())
		require.LessOrEqual(t, pager.Evaluated(), max(wanted, 2*least), "wanted %d of %v", wanted, pass)
		bound := 2*math.Log2(float64(least)/float64(wanted)+1) + 12
		require.LessOrEqual(t, float64(len(sent)), bound, "wanted %d of %v", wanted, pass)
	}
}

// least returns how many items must be evaluated at least to return so many that
// pass, or to know that there are no more of them, and how many pass by then.
func least(pass []bool, wanted int) (evaluated, passed int) {
	for i, p := range pass {
		if p {
			passed++
		}
		if passed == wanted {
			return i + 1, passed
		}
	}
	return len(pass), passed
}

// randomPass returns up to 3,000 items, in stretches of which each passes a
// share of its own.
func randomPass(rng *rand.Rand) []bool {
	var pass []bool
	for range 1 + rng.IntN(4) {
		share := math.Pow(rng.Float64(), 4)
		if rng.IntN(4) == 0 {
			share = 0
		}
		for range rng.IntN(1 << rng.IntN(bits.Len(750))) {
			pass = append(pass, rng.Float64() < share)
		}
	}
	return pass
}

func TestPagerZero(t *testing.T) {
	t.Parallel()
	var pager pager.Pager
	limit, ok := pager.Next()
	assert.True(t, ok)
	assert.Zero(t, limit)
	assert.Equal(t, 4, pager.Take(5, 4, true))
	assert.Equal(t, dyniter.StopNone, pager.Stop())
	assert.Zero(t, pager.Take(0, 0, false))
	_, ok = pager.Next()
	assert.False(t, ok)
	assert.Equal(t, dyniter.StopExhausted, pager.Stop())
}

func TestPagerNextChangesNothing(t *testing.T) {
	t.Parallel()
	pager := pager.NewPager(pager.Limits{Records: 3, Filtered: true})
	pager.Take(3, 0, true)
	pager.Take(3, 0, true)
	for range 3 {
		limit, ok := pager.Next()
		assert.True(t, ok)
		assert.Equal(t, 6, limit)
	}
	assert.Equal(t, 2, pager.Requests())
}

func TestPagerCopyGoesOnAlone(t *testing.T) {
	t.Parallel()
	pager := pager.NewPager(pager.Limits{Records: 3})
	other := pager
	pager.Take(3, 3, true)
	assert.Equal(t, dyniter.StopRecordLimit, pager.Stop())
	limit, ok := other.Next()
	assert.True(t, ok)
	assert.Equal(t, 3, limit)
}

func TestPagerExtremes(t *testing.T) {
	t.Parallel()
	t.Run("a Limit fits the API", func(t *testing.T) {
		t.Parallel()
		for _, l := range []pager.Limits{
			{Records: math.MaxInt},
			{Scan: math.MaxInt - 1},
			{Batch: math.MaxInt - 1},
			{Records: math.MaxInt - 1, Scan: math.MaxInt - 1, Batch: math.MaxInt - 1, Filtered: true},
		} {
			pager := pager.NewPager(l)
			limit, ok := pager.Next()
			assert.True(t, ok)
			assert.LessOrEqual(t, limit, math.MaxInt32)
		}
	})
	t.Run("estimates do not overflow", func(t *testing.T) {
		t.Parallel()
		const large = math.MaxInt / 4
		pager := pager.NewPager(pager.Limits{Records: large, Filtered: true})
		pager.Take(2*large, large-10, true)
		limit, ok := pager.Next()
		assert.True(t, ok)
		assert.Equal(t, 21, limit)
	})
	t.Run("negative limits send nothing", func(t *testing.T) {
		t.Parallel()
		for l, stop := range map[pager.Limits]dyniter.Stop{
			{Records: -1}:                 dyniter.StopRecordLimit,
			{Scan: -1}:                    dyniter.StopScanLimit,
			{Records: -1, Filtered: true}: dyniter.StopRecordLimit,
		} {
			pager := pager.NewPager(l)
			_, ok := pager.Next()
			assert.False(t, ok)
			assert.Equal(t, stop, pager.Stop())
		}
	})
}

func TestPagerAllocatesNothing(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() { readThousand() })
	assert.Zero(t, allocs)
}

func BenchmarkPager(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if requests := readThousand(); requests != 7 {
			b.Fatalf("%d requests", requests)
		}
	}
}

// readThousand pages through 1,000 items of which every 50th passes, and returns
// how many requests it took to get 10.
func readThousand() int {
	pager := pager.NewPager(pager.Limits{Records: 10, Filtered: true})
	for {
		limit, ok := pager.Next()
		if !ok {
			return pager.Requests()
		}
		start := pager.Evaluated()
		end := min(start+limit, 1000)
		pager.Take(end-start, end/50-start/50, end-start == limit)
	}
}
