package repo

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/key"
)

// Many is what was found of many keys.
type Many[T any] struct {
	Items   []T         // in the order of the keys, missing ones left out
	Missing []key.Value // keys without an item, in the order of the keys
}

// An UnprocessedError holds the keys that DynamoDB left unprocessed when the
// attempts were spent or the context ended. It is [ErrUnprocessed].
type UnprocessedError struct {
	Keys []key.Value // in the order of the call
	Err  error       // what ended it: nil for spent attempts, or the context's error or the SDK's
}

// Error says how many keys are left.
func (e *UnprocessedError) Error() string {
	text := fmt.Sprintf("%v: %d", ErrUnprocessed, len(e.Keys))
	if e.Err != nil {
		text += ": " + plainText(e.Err)
	}
	return text
}

// Unwrap returns [ErrUnprocessed] and what ended it.
func (e *UnprocessedError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrUnprocessed}
	}
	return []error{ErrUnprocessed, e.Err}
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
func (r *Repo[T]) GetMany(ctx context.Context, keys []key.Value, opts ...GetOption) (Many[T], error) {
	found, missing, err := r.schema.getMany(ctx, r.db, reflect.TypeFor[T](), keys, newGetOptions(opts))
	many := Many[T]{Missing: missing}
	if len(found) > 0 {
		many.Items = make([]T, len(found))
	}
	for i, one := range found {
		many.Items[i] = *one.Addr().Interface().(*T)
	}
	return many, err
}

// getMany returns what was found of items of type t, and the keys of those that
// are not there, both in the order of the keys.
func (s *schema) getMany(ctx context.Context, db *DB, t reflect.Type, keys []key.Value, o getOptions) (found []reflect.Value, missing []key.Value, err error) {
	b := newBatchGet(db, s, t, o, len(keys))
	places := make([]int, len(keys))
	var errs []error
	for i, k := range keys {
		var room [2]codec.Attribute
		attrs, err := s.appendKey(room[:0], k)
		if err != nil {
			errs = append(errs, fmt.Errorf("key %d: %w", i, err))
			continue
		}
		places[i] = b.want(attrs)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, s.refuse("GetMany", err)
	}
	unfit, err := b.run(ctx)
	var unread []key.Value
	for i, place := range places {
		switch got := &b.wanted[place]; {
		case got.found.IsValid():
			found = append(slices.Grow(found, len(keys)-i), got.found)
		case got.left:
			unread = append(unread, keys[i])
		case !got.unfit:
			missing = append(missing, keys[i])
		}
	}
	if len(unread) > 0 {
		err = &UnprocessedError{Keys: unread, Err: err}
	}
	return found, missing, s.fail("GetMany", "", s.keyNames, errors.Join(unfit, err))
}
