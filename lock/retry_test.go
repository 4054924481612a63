package lock_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/lock"
)

// TestRetry: until it is not stale, at most so many times, and what is no lost
// race at once (rule G6).
func TestRetry(t *testing.T) {
	t.Parallel()
	stale, other := fmt.Errorf("save: %w", lock.ErrStale), errors.New("other")
	for name, c := range map[string]struct {
		attempts int
		errs     []error
		calls    int
		want     error
	}{
		"first":        {3, []error{nil}, 1, nil},
		"third":        {3, []error{stale, stale, nil}, 3, nil},
		"spent":        {3, []error{stale, stale, stale}, 3, stale},
		"other":        {3, []error{other}, 1, other},
		"stale, other": {3, []error{stale, other}, 2, other},
		"one":          {1, []error{stale}, 1, stale},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				err := lock.Retry(t.Context(), c.attempts, func(context.Context) error {
					calls++
					return c.errs[calls-1]
				})
				assert.Equal(t, c.want, err)
				assert.Equal(t, c.calls, calls)
			})
		})
	}
}

// TestRetryWaits: each wait is random and below twice the one before, a second
// at most.
func TestRetryWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		distinct := map[time.Duration]bool{}
		longest := time.Duration(0)
		for range 50 {
			last, n := time.Now(), 0
			err := lock.Retry(t.Context(), 14, func(context.Context) error {
				if n > 0 {
					wait := time.Since(last)
					limit := min(time.Second, 5*time.Millisecond<<(n-1))
					require.Less(t, wait, limit)
					distinct[wait], longest = true, max(longest, wait)
				}
				last = time.Now()
				n++
				return lock.ErrStale
			})
			require.ErrorIs(t, err, lock.ErrStale)
			require.Equal(t, 14, n)
		}
		assert.Greater(t, len(distinct), 600, "of 650 waits")
		assert.Greater(t, longest, 900*time.Millisecond)
	})
}

// TestRetryContext: a context that ends ends the wait, and both errors are
// told.
func TestRetryContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		err := lock.Retry(ctx, 100, func(got context.Context) error {
			assert.Equal(t, ctx, got)
			if calls++; calls == 5 {
				cancel()
			}
			return lock.ErrStale
		})
		require.ErrorIs(t, err, lock.ErrStale)
		require.ErrorIs(t, err, context.Canceled)
		assert.Less(t, calls, 100)
	})
}

func TestRetryAttempts(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, -1} {
		err := lock.Retry(t.Context(), n, func(context.Context) error { panic("not called") })
		assert.EqualError(t, err, fmt.Sprintf("lock: Retry takes 1 attempt or more, not %d", n))
	}
}
