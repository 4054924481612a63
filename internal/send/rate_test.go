package send_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/send"
)

const perSecond = 100.0

// A long read keeps to its rate within 10 % over 10 s, by any number of
// goroutines and with pages of any cost.
func TestRateOverTenSeconds(t *testing.T) {
	t.Parallel()
	even := func(units float64) func() float64 { return func() float64 { return units } }
	upTo := func(units float64) func() float64 { return func() float64 { return units * rand.Float64() } }
	tests := []struct {
		name       string
		goroutines int
		latency    time.Duration
		cost       func() float64 // of a page; a second has 100 units
	}{
		{"1 goroutine", 1, 5 * time.Millisecond, even(2)},
		{"1 goroutine, a page of a second", 1, 20 * time.Millisecond, even(100)},
		{"1 goroutine, a page of 1.28 s", 1, 20 * time.Millisecond, even(128)},
		{"1 goroutine, a page of 1.6 s, nearly as slow", 1, 1500 * time.Millisecond, even(160)},
		{"1 goroutine, a page of 2.5 s", 1, 20 * time.Millisecond, even(250)},
		{"1 goroutine, a page of 3.2 s", 1, 20 * time.Millisecond, even(320)},
		{"1 goroutine, pages of 0 to 0.5 s", 1, 20 * time.Millisecond, upTo(50)},
		{"8 goroutines", 8, 30 * time.Millisecond, even(2)},
		{"8 goroutines, slow answers", 8, 400 * time.Millisecond, even(8)},
		{"8 goroutines, a page of a second", 8, 50 * time.Millisecond, even(100)},
		{"8 goroutines, a page of 1.28 s", 8, 50 * time.Millisecond, even(128)},
		{"8 goroutines, a page of 2.5 s", 8, 50 * time.Millisecond, even(250)},
		{"8 goroutines, a page of 3.2 s, slow answers", 8, 2 * time.Second, even(320)},
		{"8 goroutines, pages of 0 to 0.2 s", 8, 100 * time.Millisecond, upTo(20)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rate := send.NewRate(perSecond)
				spent := readFor(t, rate, tt.goroutines, 10*time.Second, tt.latency, tt.cost)
				assert.InEpsilon(t, 10*perSecond, spent, 0.10)
			})
		})
	}
}

// readFor sends requests for so long, each of them answered after latency, and
// returns what they cost.
func readFor(t *testing.T, rate *send.Rate, goroutines int, span, latency time.Duration, cost func() float64) (spent float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	end := time.Now().Add(span)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for rate.Wait(ctx) == nil && time.Now().Before(end) {
				units := cost()
				mu.Lock()
				spent += units
				mu.Unlock()
				time.Sleep(latency)
				rate.Spent(units)
			}
		})
	}
	wg.Wait()
	return spent
}

// Even pages of any cost never exceed the rate by more than half a second's
// units, once the cost of the first is known.
func TestRateNeverRunsAhead(t *testing.T) {
	t.Parallel()
	for _, units := range []float64{1, 30, 50, 70, 128, 320, 900} {
		synctest.Test(t, func(t *testing.T) {
			rate := send.NewRate(perSecond)
			start := time.Now()
			for n := range 50 {
				require.NoError(t, rate.Wait(t.Context()))
				rate.Spent(units)
				if allowed := perSecond * (time.Since(start).Seconds() + 0.5); n > 0 {
					require.LessOrEqual(t, float64(n+1)*units, allowed+1e-3, "page %d of %g units", n, units)
				}
			}
			assert.InDelta(t, 50*units/perSecond, time.Since(start).Seconds(), max(units/perSecond, 0.5)+0.01, "nor far behind")
		})
	}
}

// A page dearer than a second's units is paid for before the next, and requests
// under way are reckoned with.
func TestRateSettles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := send.NewRate(10)
		assert.Zero(t, waited(t, rate), "nothing was spent yet")
		rate.Spent(35)
		assert.Equal(t, 6500*time.Millisecond, waited(t, rate), "for the first page, and to half a second before a second one")
		assert.Equal(t, 3500*time.Millisecond, waited(t, rate), "as if the one under way cost the same")
		rate.Spent(10)
		rate.Spent(0)
		assert.Zero(t, waited(t, rate), "less was spent than reckoned")
		assert.Equal(t, time.Second, waited(t, rate), "a failure does not make the next one cheap")
	})
}

func TestRateSavesLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := send.NewRate(100)
		time.Sleep(time.Hour)
		sent := 0
		for waited(t, rate) == 0 {
			rate.Spent(1)
			sent++
		}
		assert.Equal(t, 51, sent, "half a second's worth, and one ahead")
	})
}

func TestRateFailedRequestsCostNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := send.NewRate(1)
		for range 100 {
			assert.Zero(t, waited(t, rate))
			rate.Spent(0)
		}
		rate.Spent(0)
		assert.Zero(t, waited(t, rate))
		rate.Spent(-5)
		assert.Zero(t, waited(t, rate), "no units are given back")
	})
}

// Requests of which nobody knows the cost go one at a time.
func TestRateFirstCost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := send.NewRate(10)
		assert.Zero(t, waited(t, rate))
		var wg sync.WaitGroup
		wg.Go(func() {
			time.Sleep(5 * time.Second)
			rate.Spent(1)
		})
		assert.InDelta(t, 5, waited(t, rate).Seconds(), 0.1)
		assert.Zero(t, waited(t, rate), "the others need not wait")
		wg.Wait()
	})
}

func TestRateWithoutWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := send.NewRate(10)
		rate.Spent(20)
		assert.Equal(t, 3500*time.Millisecond, waited(t, rate))
	})
}

func TestRateContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rate := send.NewRate(1)
		require.NoError(t, rate.Wait(t.Context()))
		rate.Spent(math.MaxFloat64)

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, rate.Wait(ctx), context.DeadlineExceeded)
		assert.Equal(t, 3*time.Second, time.Since(start))

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, send.NewRate(1).Wait(ended), context.Canceled, "though nothing is owed")
		assert.Equal(t, 48*time.Hour-3500*time.Millisecond, waited(t, rate), "a day to pay, and a day to save: no cost is beyond that")
	})
}

func TestRateNil(t *testing.T) {
	t.Parallel()
	for _, units := range []float64{0, -1, math.NaN()} {
		assert.Nil(t, send.NewRate(units))
	}
	synctest.Test(t, func(t *testing.T) {
		var rate *send.Rate
		for range 3 {
			assert.Zero(t, waited(t, rate))
			rate.Spent(1e9)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, rate.Wait(ctx), context.Canceled)
	})
}

// waited returns how long a Wait took.
func waited(t *testing.T, rate *send.Rate) time.Duration {
	t.Helper()
	start := time.Now()
	require.NoError(t, rate.Wait(t.Context()))
	return time.Since(start)
}
