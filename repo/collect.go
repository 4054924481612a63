package repo

import "context"

// Collect returns all items in order, nil if there are none. On an error it
// returns the items read before it beside the error. Requests are those of
// [Query.All].
func (q Query[T]) Collect(ctx context.Context) ([]T, error) {
	r, err := q.of().Run()
	if err != nil {
		return nil, err
	}
	var all []T
	for piece := range r.Pieces(ctx) {
		switch items := itemsOf[T](piece); {
		case piece.Err != nil:
			return all, piece.Err
		case all == nil && len(items) > 0:
			all = items
		default:
			all = append(all, items...)
		}
	}
	return all, nil
}

// First returns the first item, or [ErrNotFound]. With key conditions alone it
// asks for 1 item; with a filter it reads as the query says until one passes
// (rule E4).
func (q Query[T]) First(ctx context.Context) (T, error) {
	var zero T
	r, err := q.of().First()
	if err != nil {
		return zero, err
	}
	for item, err := range itemsOfRun[T](ctx, r) {
		return item, err
	}
	return zero, r.Fail(ErrNotFound)
}

// Count returns how many items the query would return, loading none: it sends
// the same requests under the same limits with Select COUNT (rule A7). Where key
// parts of the model are literals, so that items of others may be among those
// found, their keys are loaded to tell (rule K7). On an error it returns what
// was counted before it beside the error.
func (q Query[T]) Count(ctx context.Context) (int, error) { return q.of().Count(ctx) }
