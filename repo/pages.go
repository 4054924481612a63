package repo

import (
	"context"
	"iter"

	"github.com/dynarepo/dynarepo/internal/query"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// All returns the items in order, page after page: a sequence that sends
// nothing before it is ranged over, and one request no sooner than its items
// are needed (rule A8). It has at most one error, in its last pair beside the
// zero T. It can be ranged over any number of times, also at once.
func (q Query[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		r, err := q.of().Lend()
		if err != nil {
			var zero T
			yield(zero, err)
			return
		}
		itemsOfRun[T](ctx, r)(yield)
	}
}

// itemsOfRun yields the items of a run that was lent, each once.
func itemsOfRun[T any](ctx context.Context, r *query.Run) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for piece := range r.Pieces(ctx) {
			if piece.Err != nil {
				var zero T
				yield(zero, piece.Err)
				return
			}
			for i, item := range itemsOf[T](piece) {
				r.Give(i + 1)
				if !yield(item, nil) {
					return
				}
			}
			r.Read(piece.Items)
		}
	}
}

// Pages returns a page for each request, also for one that returned nothing:
// its items, the cursor after it (zero after the last), how many items were
// evaluated, and the read capacity units consumed (rule B5). The slices are
// the caller's. Otherwise it is as [Query.All].
func (q Query[T]) Pages(ctx context.Context) iter.Seq2[dyniter.Page[T], error] {
	return func(yield func(dyniter.Page[T], error) bool) {
		r, err := q.of().Run()
		if err != nil {
			yield(dyniter.Page[T]{}, err)
			return
		}
		for piece := range r.Pieces(ctx) {
			if piece.Err != nil {
				yield(dyniter.Page[T]{}, piece.Err)
				return
			}
			page := dyniter.Page[T]{Items: itemsOf[T](piece), Evaluated: piece.Cost.Evaluated, Consumed: piece.Cost.Consumed}
			page.Cursor = r.Cursor()
			if !yield(page, nil) {
				return
			}
		}
	}
}

// itemsOf returns the items of a piece; nil of a count and beside an error.
func itemsOf[T any](p query.Piece) []T {
	if !p.Items.IsValid() {
		return nil
	}
	return p.Items.Interface().([]T)
}
