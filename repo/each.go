package repo

import "sync"

// each calls do for 0 to n-1, up to Config.Concurrency at once, and returns when
// all have come back.
func (db *DB) each(n int, do func(i int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, db.cfg.Concurrency)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wg.Wait()
}
