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
	p := pager.NewPager(c.Limits)
	var sent []int
	handed := 0
	for {
		limit, ok := p.Next()
		if !ok {
			return p, sent
		}
		sent = append(sent, limit)
		asked := limit
		if most > 0 && (asked == 0 || asked > most) {
			asked = most
		}
		evaluated, returned, more := c.Answer(p.Evaluated(), asked)
		keep := p.Take(evaluated, returned, more)
		require.LessOrEqual(t, keep, returned)
		handed += keep
		require.Equal(t, handed, p.Returned())
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
			p, sent := run(t, c, 0)
			assert.Equal(t, c.Sent, sent)
			assert.Equal(t, c.Records, p.Returned())
			assert.Equal(t, c.Requests, p.Requests())
			assert.Equal(t, c.Evaluated, p.Evaluated())
			assert.Equal(t, c.Stop, p.Stop())
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
				p, sent := run(t, c, most)
				for _, limit := range sent {
					if limit == 0 {
						assert.Zero(t, c.Limits.Scan+c.Limits.Batch)
					}
				}
				assert.Equal(t, whole.Returned(), p.Returned(), "cap %d", most)
				if c.Limits.Scan > 0 {
					assert.LessOrEqual(t, p.Evaluated(), c.Limits.Scan)
				}
				if !c.Limits.Filtered && c.Limits.Records > 0 {
					assert.LessOrEqual(t, p.Evaluated(), c.Limits.Records)
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
		p, sent := run(t, pagertest.Case{Pass: pass, Limits: pager.Limits{Records: wanted, Filtered: true}}, 0)

		least, passed := least(pass, wanted)
		require.Equal(t, passed, p.Returned())
		require.LessOrEqual(t, p.Evaluated(), max(wanted, 2*least), "wanted %d of %v", wanted, pass)
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
	var p pager.Pager
	limit, ok := p.Next()
	assert.True(t, ok)
	assert.Zero(t, limit)
	assert.Equal(t, 4, p.Take(5, 4, true))
	assert.Equal(t, dyniter.StopNone, p.Stop())
	assert.Zero(t, p.Take(0, 0, false))
	_, ok = p.Next()
	assert.False(t, ok)
	assert.Equal(t, dyniter.StopExhausted, p.Stop())
}

func TestPagerNextChangesNothing(t *testing.T) {
	t.Parallel()
	p := pager.NewPager(pager.Limits{Records: 3, Filtered: true})
	p.Take(3, 0, true)
	p.Take(3, 0, true)
	for range 3 {
		limit, ok := p.Next()
		assert.True(t, ok)
		assert.Equal(t, 6, limit)
	}
	assert.Equal(t, 2, p.Requests())
}

func TestPagerCopyGoesOnAlone(t *testing.T) {
	t.Parallel()
	p := pager.NewPager(pager.Limits{Records: 3})
	other := p
	p.Take(3, 3, true)
	assert.Equal(t, dyniter.StopRecordLimit, p.Stop())
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
			p := pager.NewPager(l)
			limit, ok := p.Next()
			assert.True(t, ok)
			assert.LessOrEqual(t, limit, math.MaxInt32)
		}
	})
	t.Run("estimates do not overflow", func(t *testing.T) {
		t.Parallel()
		const large = math.MaxInt / 4
		p := pager.NewPager(pager.Limits{Records: large, Filtered: true})
		p.Take(2*large, large-10, true)
		limit, ok := p.Next()
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
			p := pager.NewPager(l)
			_, ok := p.Next()
			assert.False(t, ok)
			assert.Equal(t, stop, p.Stop())
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
	p := pager.NewPager(pager.Limits{Records: 10, Filtered: true})
	for {
		limit, ok := p.Next()
		if !ok {
			return p.Requests()
		}
		start := p.Evaluated()
		end := min(start+limit, 1000)
		p.Take(end-start, end/50-start/50, end-start == limit)
	}
}
