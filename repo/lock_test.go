package repo_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
)

// TestRetryUnderContention: 64 goroutines that read, change and save one item
// through lock.Retry lose no change (rule G6).
func TestRetryUnderContention(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := counters(t, db)
	require.NoError(t, r.Create(t.Context(), &counter{ID: "1"}))
	const goroutines = 64
	var wg sync.WaitGroup
	for n := range goroutines {
		wg.Go(func() {
			err := lock.Retry(t.Context(), 1000, func(ctx context.Context) error {
				c, err := r.Get(ctx, key.Of("1"))
				if err != nil {
					return err
				}
				c.N++
				if n%4 == 0 {
					return db.Transact(ctx, r.Ops().Save(&c))
				}
				return r.Save(ctx, &c)
			})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	c, err := r.Get(t.Context(), key.Of("1"))
	require.NoError(t, err)
	assert.Equal(t, counter{ID: "1", N: goroutines, Version: goroutines + 1}, c)
}
