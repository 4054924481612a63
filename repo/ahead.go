package repo

import (
	"context"
	"sync"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// maxSegments is how many segments a Scan may have.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
const maxSegments = 1_000_000

// Prefetch reads up to n pages ahead of the loop, n of 1 or more, in a
// goroutine that has ended when the loop has, however it ends. Requests stay
// the same; when the loop is left, up to n more pages than it saw were read.
func (q Query[T]) Prefetch(n int) Query[T] { return Query[T]{q.repo, q.spec.ahead(n)} }

// Segments scans in n segments at once, n of 1 or more: one sequence of the
// items of all, in no order, with one page of each segment read ahead. Limits
// hold for all segments together. The goroutines have ended when the loop has.
// The cursor of a page holds the place of every segment; it resumes a scan of
// as many segments. A Query, which has no segments, is refused as [ErrInvalid].
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.ParallelScan
func (q Query[T]) Segments(n int) Query[T] { return Query[T]{q.repo, q.spec.parallel(n)} }

// ahead is sequential, in a goroutine that runs ahead of out.
func (r *run) ahead(ctx context.Context, out func(piece) bool) dyniter.Stop {
	pager := dyniter.NewPager(r.limits)
	done := r.concurrently(ctx, r.spec.prefetch-1, out, []sizer{&pager})
	if !done {
		return dyniter.StopNone
	}
	return pager.Stop()
}

// parallel reads all segments at once.
func (r *run) parallel(ctx context.Context, out func(piece) bool) dyniter.Stop {
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
func (r *run) concurrently(ctx context.Context, room int, out func(piece) bool, sizers []sizer) (done bool) {
	reading, cancel := context.WithCancel(ctx)
	pieces := make(chan piece, room)
	var wg sync.WaitGroup
	for n, size := range sizers {
		at := r.places[n]
		wg.Go(func() {
			r.segment(reading, n, at, size, func(got piece) bool {
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
		for got := range pieces {
			r.stats.Add(got.cost)
		}
	}()
	for got := range pieces {
		if !out(got) {
			return false
		}
	}
	return true
}
