package repo

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
)

// maxBatchGet is how many keys a BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchGet = 100

// Backoff between attempts for unprocessed keys: doubled from the first to the
// cap, and a random part of it waited.
const (
	backoffFirst = 50 * time.Millisecond
	backoffCap   = 5 * time.Second
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
// read is returned beside it; so it is for an error of the SDK. Other errors
// are those of [Repo.Get]; every bad key is told before any request (rule E2).
func (r *Repo[T]) GetMany(ctx context.Context, keys []key.Value, opts ...GetOption) (Many[T], error) {
	s := r.schema
	b := &batchGet{schema: s, client: r.db.client, cfg: &r.db.cfg, opts: newGetOptions(opts)}
	ids := make([]string, len(keys))
	var errs []error
	var distinct []string
	attrs := map[string]item{}
	for i, k := range keys {
		a, err := s.keyOf(k)
		if err != nil {
			errs = append(errs, fmt.Errorf("key %d: %w", i, err))
			continue
		}
		ids[i] = s.keyID(a)
		if _, seen := attrs[ids[i]]; !seen {
			attrs[ids[i]] = a
			distinct = append(distinct, ids[i])
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Many[T]{}, s.refuse("GetMany", err)
	}
	found, left, err := b.run(ctx, distinct, attrs)
	var many Many[T]
	var unread []key.Value
	for i, id := range ids {
		a, ok := found[id]
		switch {
		case ok:
			var one T
			if derr := r.decode(a, &one); derr != nil {
				err = errors.Join(err, derr)
				continue
			}
			many.Items = append(many.Items, one)
		case slices.Contains(left, id):
			unread = append(unread, keys[i])
		default:
			many.Missing = append(many.Missing, keys[i])
		}
	}
	if len(unread) > 0 {
		err = &UnprocessedError{Keys: unread, Err: err}
	}
	return many, s.fail("GetMany", "", s.keyNames(), err)
}

// keyID returns a text that is the same for the same key of the table.
func (s *schema) keyID(m item) string {
	id := ""
	for _, a := range s.keyAttrs {
		id += valueID(m[a.Name()])
	}
	return id
}

// valueID returns a text that is the same for the same key attribute, and
// stays unambiguous when others follow.
func valueID(av types.AttributeValue) string {
	v := value("", av)
	if v.Kind == 'N' {
		v.Data = canonical(v.Data)
	}
	return strconv.Itoa(len(v.Data)) + ":" + v.Data
}

var plainInt = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// canonical returns the one text of a number, however it is written.
func canonical(n string) string {
	if plainInt.MatchString(n) {
		return n
	}
	r, ok := new(big.Rat).SetString(n)
	if !ok {
		return n
	}
	return r.RatString()
}

// batchGet reads items by key in chunks.
type batchGet struct {
	schema *schema
	client Client
	cfg    *Config
	opts   getOptions

	mu   sync.Mutex
	cost dyniter.Stats
}

// run returns the items found by the id of their key, and the ids it did not
// come to, with what kept it from them.
func (b *batchGet) run(ctx context.Context, ids []string, attrs map[string]item) (found map[string]item, left []string, err error) {
	found = make(map[string]item, len(ids))
	var errs []error
	var wg sync.WaitGroup
	slots := make(chan struct{}, b.cfg.Concurrency)
	for chunk := range slices.Chunk(ids, maxBatchGet) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			keys := make([]item, len(chunk))
			for i, id := range chunk {
				keys[i] = attrs[id]
			}
			items, unread, err := b.chunk(ctx, keys)
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, m := range items {
				found[b.schema.keyID(m)] = m
			}
			for _, k := range unread {
				left = append(left, b.schema.keyID(k))
			}
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	return found, left, errors.Join(errs...)
}

// chunk reads at most 100 keys, the unprocessed ones again and again.
func (b *batchGet) chunk(ctx context.Context, keys []item) (found, left []item, err error) {
	barren := 0 // requests in a row that brought nothing
	for again := false; len(keys) > 0; again = true {
		if barren == b.cfg.BatchAttempts {
			return found, keys, nil
		}
		if again {
			if err := backoff(ctx, max(1, barren)); err != nil {
				return found, keys, err
			}
		}
		in, err := b.schema.batchGetInput(keys, b.opts)
		if err != nil {
			return found, keys, err
		}
		out, err := b.client.BatchGetItem(ctx, in)
		if err != nil {
			b.spent(failedCost(err))
			return found, keys, err
		}
		b.spent(cost(out.ResultMetadata, out.ConsumedCapacity...))
		found = append(found, out.Responses[b.schema.table]...)
		unprocessed := out.UnprocessedKeys[b.schema.table].Keys
		if barren++; len(unprocessed) < len(keys) {
			barren = 0
		}
		keys = unprocessed
	}
	return found, nil, nil
}

func (b *batchGet) spent(c dyniter.Stats) {
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

// backoff waits before attempt n, counted from 1, with full jitter.
func backoff(ctx context.Context, n int) error {
	d := min(backoffCap, backoffFirst<<min(n-1, 10))
	t := time.NewTimer(rand.N(d))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
