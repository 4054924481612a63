package assoc

import (
	"context"
	"errors"
	"iter"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// maxBatchGet is how many keys a BatchGetItem has at most.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchGet = 100

// Items are the targets of one owner, as they are when they are asked for. It
// is a value: every method returns a new one, nothing is sent before it is
// ranged over, and it can be ranged over again.
type Items[T any] struct {
	err   error
	query *repo.Query[T]            // finds them; nil if ids do
	ids   func(context.Context) seq // of the targets
	to    *side[T]
	keep  []func(*T) bool
	lost  *[]key.Value
}

// seq are ids as they are found.
type seq = iter.Seq2[string, error]

// Of returns the targets of an owner. Targets by ids that the owner keeps, as
// it keeps them in memory, are read in that order by BatchGetItem requests of
// 100 at most, one after the other as they are needed; no ids, no request
// (rule M2). Ids without an item are skipped. Targets by a foreign key are read
// by a query, page by page, in its order; those by link items by a query of
// the links and BatchGetItem requests.
func (r *Relation[O, T]) Of(owner *O) Items[T] {
	id, err := r.ownerID(owner)
	items := Items[T]{err: err, to: r.to}
	switch {
	case err != nil:
	case r.link == nil && r.from.kept == nil:
		q := r.query(id)
		items.query = &q
	case r.link == nil:
		items.ids = func(context.Context) seq {
			return func(yield func(string, error) bool) {
				ids, err := r.from.ids(owner)
				if err != nil {
					yield("", r.refuse("the ids of the owner", err))
					return
				}
				for _, id := range ids {
					if !yield(id, nil) {
						return
					}
				}
			}
		}
	default:
		items.ids = func(ctx context.Context) seq { return r.find(ctx, id) }
	}
	return items
}

// Where leaves out the targets for which keep is false. They are read all the
// same: a condition that DynamoDB evaluates goes on [Relation.Query], where
// there is one. The relation does not change (rule M3).
func (i Items[T]) Where(keep func(*T) bool) Items[T] {
	i.keep = append(i.keep[:len(i.keep):len(i.keep)], keep)
	return i
}

// Missing adds to into, as it comes by them, the keys of ids that lead to no
// item; an id that can't be a key is the key of its text. It is written by the
// goroutine that ranges.
func (i Items[T]) Missing(into *[]key.Value) Items[T] {
	i.lost = into
	return i
}

// All returns the targets. At most one error comes, as the last pair, with the
// zero T.
func (i Items[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for it, err := range i.unfiltered(ctx) {
			if err == nil && !i.keeps(&it) {
				continue
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

func (i Items[T]) keeps(it *T) bool {
	for _, keep := range i.keep {
		if !keep(it) {
			return false
		}
	}
	return true
}

func (i Items[T]) unfiltered(ctx context.Context) iter.Seq2[T, error] {
	if i.err == nil && i.query != nil {
		return i.query.All(ctx)
	}
	return func(yield func(T, error) bool) {
		var zero T
		if i.err != nil {
			yield(zero, i.err)
			return
		}
		if i.ids == nil {
			yield(zero, &Error{Relation: "the zero Items", Rule: "a relation makes items"})
			return
		}
		for ids, err := range dyniter.Chunk(i.ids(ctx), maxBatchGet) {
			if err != nil {
				yield(zero, err)
				return
			}
			many, err := i.get(ctx, ids)
			for _, it := range many.Items {
				if !yield(it, nil) {
					return
				}
			}
			if err != nil {
				yield(zero, err)
				return
			}
		}
	}
}

// get reads the items with ids, and notes those that are missing.
func (i Items[T]) get(ctx context.Context, ids []string) (repo.Many[T], error) {
	var keys, bad []key.Value
	for _, id := range ids {
		if k, ok := i.to.keyOrText(id); ok {
			keys = append(keys, k)
		} else {
			bad = append(bad, k)
		}
	}
	many, err := i.to.repo.GetMany(ctx, keys)
	if i.lost != nil {
		*i.lost = append(append(*i.lost, bad...), many.Missing...)
	}
	return many, err
}

// Collect returns all targets, nil if there are none. On an error it returns
// those read before it.
func (i Items[T]) Collect(ctx context.Context) ([]T, error) { return dyniter.Collect(i.All(ctx)) }

// First returns the first target, which is the one of a has one or belongs to.
// There is none: repo.ErrNotFound.
func (i Items[T]) First(ctx context.Context) (T, error) {
	if i.found() {
		return i.query.First(ctx)
	}
	it, err := dyniter.First(i.All(ctx))
	if errors.Is(err, dyniter.ErrEmpty) {
		err = &repo.Error{Op: "First", Table: i.to.repo.Table(), Err: repo.ErrNotFound}
	}
	return it, err
}

// found reports whether a query alone finds the items.
func (i Items[T]) found() bool { return i.err == nil && i.query != nil && len(i.keep) == 0 }

// Count returns how many targets there are. It reads them, unless a query alone
// finds them.
func (i Items[T]) Count(ctx context.Context) (int, error) {
	if i.found() {
		return i.query.Count(ctx)
	}
	n := 0
	for _, err := range i.All(ctx) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
