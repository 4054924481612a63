package repo

import (
	"sync"
	"sync/atomic"
)

// each calls do for 0 to n-1, up to Config.Concurrency at once, and returns when
// all have come back. It starts few goroutines, since the stack of each grows
// under the SDK's, and none for one call.
func (db *DB) each(n int, do func(i int)) {
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var wg sync.WaitGroup
	for range min(n, db.cfg.Concurrency) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}
