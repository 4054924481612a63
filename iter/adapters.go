package iter

import (
	"errors"
	"fmt"
	"iter"
)

// ErrEmpty is the error of [First] when there is nothing to return.
var ErrEmpty = errors.New("iter: no items")

// Collect returns all items of seq in order, nil if there are none. On an error
// it returns the items read before it beside the error.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var items []T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// First returns the first item of seq and asks for no second. Without any it
// returns the zero T and [ErrEmpty]; an error that comes first is returned as
// it is.
func First[T any](seq iter.Seq2[T, error]) (T, error) {
	var zero T
	for item, err := range seq {
		if err != nil {
			return zero, err
		}
		return item, nil
	}
	return zero, ErrEmpty
}

// Chunk returns the items of seq in slices of n, in order; the last may be
// shorter, none is empty. Each slice is the caller's to keep. Items read before
// an error come in a slice of their own, before the error. An n below 1 makes a
// sequence of one error, [ErrLimit], and seq is not asked for.
func Chunk[T any](seq iter.Seq2[T, error], n int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		if n < 1 {
			yield(nil, fmt.Errorf("%w: chunk size %d", ErrLimit, n))
			return
		}
		var chunk []T
		for item, err := range seq {
			if err != nil {
				if len(chunk) == 0 || yield(chunk, nil) {
					yield(nil, err)
				}
				return
			}
			chunk = append(chunk, item)
			if len(chunk) == n {
				if !yield(chunk, nil) {
					return
				}
				// Only a full chunk shows that room for n is worth having.
				chunk = make([]T, 0, n)
			}
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}

// Map returns f of each item of seq, in order. An error of f ends the sequence
// as an error of seq does.
func Map[T, U any](seq iter.Seq2[T, error], f func(T) (U, error)) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		var zero U
		for item, err := range seq {
			if err != nil {
				yield(zero, err)
				return
			}
			mapped, err := f(item)
			if err != nil {
				yield(zero, err)
				return
			}
			if !yield(mapped, nil) {
				return
			}
		}
	}
}
