package repo

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/key"
)

// Many is what was found of many keys.
type Many[T any] struct {
	Items   []T         // in the order of the keys, missing ones left out
	Missing []key.Value // keys without an item, in the order of the keys
}

// GetMany returns the items with the keys, in BatchGetItem requests of at most
// 100 keys, several at once (Config.Concurrency); no keys, no request. A key
// given twice is asked for once and answered twice. Keys that DynamoDB leaves
// unprocessed are asked for again, with jittered backoff, until all are done,
// the context ends, or Config.BatchAttempts in a row brought nothing: then the
// error is an [*UnprocessedError] with the keys that are left, and what was
// read is returned beside it; so it is for an error of the SDK. An item of
// another model, by the literals of an index's key, is missing. Other errors
// are those of [Repo.Get]: an item that does not fit keeps the others of its
// request from being returned, neither found nor missing. Every bad key is told
// before any request (rule E2).
func (r *Repo[T]) GetMany(ctx context.Context, keys []key.Value) (Many[T], error) {
	return r.getMany(ctx, keys, read.Options{})
}

func (r *Repo[T]) getMany(ctx context.Context, keys []key.Value, o read.Options) (Many[T], error) {
	if err := r.ready("GetMany"); err != nil {
		return Many[T]{}, err
	}
	found, missing, err := read.Many(ctx, r.db.conn, r.table, reflect.TypeFor[T](), keys, o)
	many := Many[T]{Missing: missing}
	if len(found) > 0 {
		many.Items = make([]T, len(found))
	}
	for i, one := range found {
		many.Items[i] = *one.Addr().Interface().(*T)
	}
	return many, err
}
