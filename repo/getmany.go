package repo

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
)

// maxBatchGet is how many keys a BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchGet = 100

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
	s := r.schema
	ids := make([]string, len(keys))
	attrs := make(map[string]item, len(keys))
	var errs []error
	for i, k := range keys {
		a, err := s.keyOf(k)
		if err != nil {
			errs = append(errs, fmt.Errorf("key %d: %w", i, err))
			continue
		}
		ids[i] = s.keyID(a)
		attrs[ids[i]] = a
	}
	if err := errors.Join(errs...); err != nil {
		return Many[T]{}, s.refuse("GetMany", err)
	}
	b := &batchGet[T]{repo: r, opts: newGetOptions(opts), attrs: attrs}
	unfit, err := b.run(ctx, ids)
	var many Many[T]
	var unread []key.Value
	for i, id := range ids {
		switch at, ok := b.found[id]; {
		case ok:
			many.Items = append(many.Items, *at)
		case b.left[id]:
			unread = append(unread, keys[i])
		case !b.unfit[id]:
			many.Missing = append(many.Missing, keys[i])
		}
	}
	if len(unread) > 0 {
		err = &UnprocessedError{Keys: unread, Err: err}
	}
	return many, s.fail("GetMany", "", s.keyNames(), errors.Join(unfit, err))
}

// batchGet reads items by key in chunks.
type batchGet[T any] struct {
	repo  *Repo[T]
	opts  getOptions
	attrs map[string]item // keys by their id

	mu    sync.Mutex
	found map[string]*T   // by the id of the key
	left  map[string]bool // ids of keys it did not come to
	unfit map[string]bool // ids of keys in answers that can't be used
	cost  dyniter.Stats
}

// run reads the items with the ids, each once, and returns what was wrong with
// items and what kept it from those that are left.
func (b *batchGet[T]) run(ctx context.Context, ids []string) (unfit, err error) {
	b.found, b.left, b.unfit = make(map[string]*T, len(ids)), map[string]bool{}, map[string]bool{}
	distinct := make([]string, 0, len(ids))
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			distinct = append(distinct, id)
		}
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, b.repo.db.cfg.Concurrency)
	for chunk := range slices.Chunk(distinct, maxBatchGet) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			left, failed := b.chunk(ctx, chunk)
			b.mu.Lock()
			defer b.mu.Unlock()
			into := b.left
			if bad, ok := errors.AsType[*unfitError](failed); ok {
				into, unfit = b.unfit, errors.Join(unfit, bad.error)
			} else {
				err = errors.Join(err, failed)
			}
			for _, id := range left {
				into[id] = true
			}
		})
	}
	wg.Wait()
	return unfit, err
}

// An unfitError is about the items of an answer, not about getting one.
type unfitError struct{ error }

// chunk reads at most 100 keys, the unprocessed ones again and again, and
// returns the ids of those it did not come to.
func (b *batchGet[T]) chunk(ctx context.Context, ids []string) (left []string, err error) {
	s, cfg := b.repo.schema, &b.repo.db.cfg
	err = persist(ctx, cfg.BatchAttempts, len(ids), func() (int, error) {
		keys := make([]item, len(ids))
		for i, id := range ids {
			keys[i] = b.attrs[id]
		}
		in, err := s.batchGetInput(keys, b.opts)
		if err != nil {
			return 0, err
		}
		unprocessed, err := b.request(ctx, in)
		if err != nil {
			return 0, err
		}
		ids = ids[:0:0]
		for _, k := range unprocessed {
			ids = append(ids, s.keyID(k))
		}
		return len(ids), nil
	})
	if errors.Is(err, ErrUnprocessed) {
		err = nil // what is left says it
	}
	return ids, err
}

// request sends one request, keeps what it found, and returns the keys that
// were left unprocessed.
func (b *batchGet[T]) request(ctx context.Context, in *dynamodb.BatchGetItemInput) (unprocessed []item, err error) {
	r, s := b.repo, b.repo.schema
	var opts []func(*dynamodb.Options)
	var sink *wire.Sink
	if !r.db.cfg.StandardCodec {
		sink = wire.NewTables(map[string]*codec.Codec{s.table: s.codec})
		defer sink.Release()
		opts = append(opts, sink.Option())
	}
	out, err := r.db.client.BatchGetItem(ctx, in, opts...)
	if err != nil {
		b.spent(failedCost(err))
		return nil, err
	}
	spent := cost(out.ResultMetadata, out.ConsumedCapacity...)
	if sink != nil && sink.Used() {
		spent.Bytes = int64(sink.Bytes())
	}
	b.spent(spent)
	if err := b.keep(ctx, sink, out.Responses[s.table]); err != nil {
		return nil, &unfitError{err}
	}
	return out.UnprocessedKeys[s.table].Keys, nil
}

// keep decodes the items of an answer, which are in sink if that has used it.
func (b *batchGet[T]) keep(ctx context.Context, sink *wire.Sink, raw []item) error {
	r, s := b.repo, b.repo.schema
	var items []T
	if sink != nil && sink.Used() {
		if err := sink.Err(); err != nil {
			return decodeError(err)
		}
		items, _ = sink.Table(s.table).Interface().([]T)
	} else {
		items = make([]T, 0, len(raw))
		for _, m := range raw {
			var one T
			switch err := r.decode(m, &one); {
			case errors.Is(err, codec.ErrSkip):
			case err != nil:
				return err
			default:
				items = append(items, one)
			}
		}
	}
	if err := r.found(ctx, items); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range items {
		if s.expired(reflect.ValueOf(&items[i]).Elem(), r.db.cfg.Now()) {
			continue
		}
		id, err := s.itemID(reflect.ValueOf(&items[i]).Elem())
		if err != nil {
			return because(ErrDecode, err)
		}
		b.found[id] = &items[i]
	}
	return nil
}

func (b *batchGet[T]) spent(c dyniter.Stats) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cost.Add(c)
}

// batchGetInput builds the request of one chunk.
func (s *schema) batchGetInput(keys []item, o getOptions) (*dynamodb.BatchGetItemInput, error) {
	ka := types.KeysAndAttributes{Keys: keys}
	if o.consistent {
		ka.ConsistentRead = aws.Bool(true)
	}
	if o.attrs != nil {
		e, err := project(distinct(slices.Concat(o.attrs, s.keyNames())))
		if err != nil {
			return nil, err
		}
		ka.ProjectionExpression, ka.ExpressionAttributeNames = e.Projection(), e.Names()
	}
	return &dynamodb.BatchGetItemInput{
		RequestItems:           map[string]types.KeysAndAttributes{s.table: ka},
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	}, nil
}
