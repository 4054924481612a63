package query

import (
	"context"
	"sync"

	"github.com/dynarepo/dynarepo/internal/pager"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// ahead is sequential, in a goroutine that runs ahead of out.
func (r *Run) ahead(ctx context.Context, out func(Piece) bool) dyniter.Stop {
	sizing := pager.NewPager(r.limits)
	done := r.concurrently(ctx, r.spec.prefetch-1, out, []sizer{&sizing})
	if !done {
		return dyniter.StopNone
	}
	return sizing.Stop()
}

// parallel reads all segments at once.
func (r *Run) parallel(ctx context.Context, out func(Piece) bool) dyniter.Stop {
	b := newBudget(r.limits, r.places)
	sizers := make([]sizer, len(r.places))
	for i := range sizers {
		sizers[i] = b.share()
	}
	if !r.concurrently(ctx, r.spec.prefetch, out, sizers) {
		return dyniter.StopNone
	}
	return b.stop()
}

// concurrently reads a segment for each sizer in a goroutine of its own, with
// room for so many pieces between them and out, and reports whether out let
// all come to their end. Every goroutine has ended when it returns.
func (r *Run) concurrently(ctx context.Context, room int, out func(Piece) bool, sizers []sizer) (done bool) {
	reading, cancel := context.WithCancel(ctx)
	pieces := make(chan Piece, room)
	var wg sync.WaitGroup
	for n, size := range sizers {
		at := r.places[n]
		wg.Go(func() {
			r.segment(reading, n, at, size, func(got Piece) bool {
				pieces <- got // always taken: by out, or by the clearing up below
				// Not at the end of ctx, which comes as the next request's error.
				return reading.Err() == nil || ctx.Err() != nil
			})
		})
	}
	go func() {
		wg.Wait()
		close(pieces)
	}()
	defer func() { // on break, error and panic alike
		cancel()
		for range pieces { // the senders end
		}
	}()
	for got := range pieces {
		if !out(got) {
			return false
		}
	}
	return true
}
