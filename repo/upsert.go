package repo

import (
	"context"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// Upsert is [Repo.Update] of an item that need not be there: it is the one
// write by key that may bring one into being (rule F1), in the same single
// UpdateItem request. It does not return [ErrNotFound].
//
// An item that it makes has what the changes set, the fields of its key, the
// composite keys that follow from both, both timestamps, version 1, the end
// that Spec.TTL gives and the defaults. These fill in what the item lacks, so
// of an item that was there before an attribute that is missing is filled in
// too. What would be part of an index's composite key is not: that index gets
// the item with its first write that sets all parts. No callbacks run and
// nothing is validated. Through a repository of several types, of which none is
// told, it is [ErrInvalid]; an item of a type that a view does not see is
// [ErrExists].
func (r *Repo[T]) Upsert(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	return Writer[T]{r.writes()}.Upsert(ctx, k, changes...)
}

// Upsert is [Repo.Upsert] under the writer's conditions, which an item that is
// not there must meet too.
func (w Writer[T]) Upsert(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	return w.change(ctx, write.Order{Verb: life.Upsert, Key: k, Edits: edits(changes)})
}
