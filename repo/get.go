package repo

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/key"
)

// A GetOption changes how items are read by key.
type GetOption interface{ applyGet(*read.Options) }

type getOptionFunc func(*read.Options)

func (f getOptionFunc) applyGet(o *read.Options) { f(o) }

// Consistent asks for a strongly consistent read, at twice the capacity. The
// default is eventually consistent.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
func Consistent() GetOption {
	return getOptionFunc(func(o *read.Options) { o.Consistent = true })
}

func newGetOptions(opts []GetOption) read.Options {
	if len(opts) == 0 {
		return read.Options{}
	}
	var o read.Options
	for _, opt := range opts {
		opt.applyGet(&o)
	}
	return o
}

// Get returns the item with the key, in one GetItem request. There is none:
// [ErrNotFound], which names the table and the key attributes. Missing or
// surplus key parts and values of the wrong kind are [ErrInvalid] and
// key.ErrKey before any request (rule E1). An item whose composite key
// disagrees with its parts is [ErrMismatch], one of another model [ErrForeign].
// Attributes without a field are ignored, NULL is the zero value (rule E3).
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func (r *Repo[T]) Get(ctx context.Context, k key.Value, opts ...GetOption) (T, error) {
	return r.read(ctx, "Get", k, opts)
}

// read is Get, named op in errors.
func (r *Repo[T]) read(ctx context.Context, op string, k key.Value, opts []GetOption) (T, error) {
	var found T
	if err := r.ready(op); err != nil {
		return found, err
	}
	err := read.Get(ctx, r.db.conn, r.table, op, k, newGetOptions(opts), reflect.ValueOf(&found).Elem())
	return found, err
}

// Exists reports whether there is an item with the key, in one GetItem request
// that asks for nothing but the key. Errors are those of [Repo.Get], but a
// missing item is no error.
func (r *Repo[T]) Exists(ctx context.Context, k key.Value, opts ...GetOption) (bool, error) {
	if err := r.ready("Exists"); err != nil {
		return false, err
	}
	return read.Has(ctx, r.db.conn, r.table, k, newGetOptions(opts))
}
