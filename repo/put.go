package repo

import (
	"context"
)

// Create stores item, which must not be there: in one PutItem request, guarded
// by "no such key" (rule F1). There is one: [ErrExists]. The version, if the
// model has a lock, is 1 then, and both timestamps are now, but a creation time
// that the caller has set is kept. A key that can't be stored is [ErrInvalid]
// and key.ErrKey before any request; a unique value that is taken is [ErrUnique].
// A model with unique values sends what [Unique] says.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (r *Repo[T]) Create(ctx context.Context, item *T) error {
	return Writer[T]{r.writes()}.Create(ctx, item)
}

// Put stores item whatever was there, in one unconditional PutItem request. If
// the model has a lock, the version rises by 1 unchecked; timestamps are set as
// by [Repo.Create]. Errors are those of Create but ErrExists. A model with unique
// values sends what [Unique] says.
func (r *Repo[T]) Put(ctx context.Context, item *T) error {
	return Writer[T]{r.writes()}.Put(ctx, item)
}

// Save stores an item that was loaded, in one PutItem request guarded by its
// version, which rises by 1 (rule G1). The stored item is of another version
// or gone: the error is lock.ErrStale and the store is unchanged (rules G2,
// G3). An item of version 0 was never stored under the lock and must not be
// there with a version. Without a lock Save is [Repo.Put], but never sets the
// creation time. Errors are those of Create but ErrExists. A model with unique
// values sends what [Unique] says.
func (r *Repo[T]) Save(ctx context.Context, item *T) error {
	return Writer[T]{r.writes()}.Save(ctx, item)
}
