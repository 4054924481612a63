package repo

import (
	"context"

	"github.com/dynarepo/dynarepo/key"
)

// Delete removes the item with the key, in one unconditional DeleteItem
// request, and is quiet if there is none (rule F4). A key that is none is
// [ErrInvalid] and key.ErrKey before any request. A model with unique values
// sends what [Unique] says.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (r *Repo[T]) Delete(ctx context.Context, k key.Value) error {
	return Writer[T]{r.writes()}.Delete(ctx, k)
}

// Destroy removes an item that was loaded, in one DeleteItem request. If the
// model has a lock, the request is guarded by the item's version: the stored
// item is of another version or gone: the error is lock.ErrStale and the store
// is unchanged (rule G2). Without a lock it is quiet if there is none. item
// itself is left as it is. A model with unique values sends what [Unique] says.
func (r *Repo[T]) Destroy(ctx context.Context, item *T) error {
	return Writer[T]{r.writes()}.Destroy(ctx, item)
}
