package repo

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/key"
)

// Get returns the item with the key, in one GetItem request. There is none:
// [ErrNotFound], which names the table and the key attributes. Missing or
// surplus key parts and values of the wrong kind are [ErrInvalid] and
// key.ErrKey before any request (rule E1). An item whose composite key
// disagrees with its parts is [ErrMismatch], one of another model [ErrForeign].
// Attributes without a field are ignored, NULL is the zero value (rule E3).
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func (r *Repo[T]) Get(ctx context.Context, k key.Value) (T, error) {
	return r.get(ctx, "Get", k, read.Options{})
}

// get is Get, named op in errors.
func (r *Repo[T]) get(ctx context.Context, op string, k key.Value, o read.Options) (T, error) {
	var found T
	if err := r.ready(op); err != nil {
		return found, err
	}
	err := read.Get(ctx, r.db.conn, r.table, op, k, o, reflect.ValueOf(&found).Elem())
	return found, err
}

// Exists reports whether there is an item with the key, in one GetItem request
// that asks for nothing but the key. Errors are those of [Repo.Get], but a
// missing item is no error.
func (r *Repo[T]) Exists(ctx context.Context, k key.Value) (bool, error) {
	return r.exists(ctx, k, read.Options{})
}

func (r *Repo[T]) exists(ctx context.Context, k key.Value, o read.Options) (bool, error) {
	if err := r.ready("Exists"); err != nil {
		return false, err
	}
	return read.Has(ctx, r.db.conn, r.table, k, o)
}
