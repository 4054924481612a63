package repo

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/write"
)

// SaveChanges stores what differs between before, an item as it was loaded, and
// item, a changed copy of it, in one UpdateItem request. It sets the attributes
// whose stored form differs, each as a whole, nested ones too, removes those
// that are gone, and makes the composite keys of indexes anew. Attributes that
// the type does not have stay, unlike with [Repo.Save]. Nothing differs but the
// update time: no request, and item stays as it is. What was changed in place,
// in a map, a slice or behind a pointer that both items share, does not differ.
//
// Like Save it runs callbacks and validation, sets the update time, and is
// guarded by the version, which rises by 1: the stored item is of another
// version or gone: lock.ErrStale. Without a lock the item must only be there,
// else [ErrNotFound] (rule F1); [Repo.IfUnchanged] with before guards more.
// Refused as [ErrInvalid] before any request are two items of different keys or
// versions, and differences of more attributes than an expression has room for.
func (r *Repo[T]) SaveChanges(ctx context.Context, before, item *T) error {
	return Writer[T]{r.writes()}.SaveChanges(ctx, before, item)
}

// SaveChanges is [Repo.SaveChanges] under the writer's conditions, which are not
// looked at if nothing differs.
func (w Writer[T]) SaveChanges(ctx context.Context, before, item *T) error {
	return w.do(ctx, write.Order{Verb: life.SaveChanges, Before: reflect.ValueOf(before), Item: reflect.ValueOf(item)})
}
