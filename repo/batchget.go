package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// maxBatchGet is how many keys a BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchGet = 100

// batchGet reads items by key in chunks.
type batchGet[T any] struct {
	repo   *Repo[T]
	opts   getOptions
	wanted []wanted[T]    // each key once
	places map[string]int // in wanted, by the id of the key
	ids    strings.Builder

	mu   sync.Mutex
	cost dyniter.Stats
}

// wanted is a key and what came of it.
type wanted[T any] struct {
	key   [2]codec.Attribute // hash and sort, or hash alone
	found *T                 // nil if there was no item
	left  bool               // the run did not come to it
	unfit bool               // its answer can't be used
}

func newBatchGet[T any](r *Repo[T], o getOptions, keys int) *batchGet[T] {
	return &batchGet[T]{repo: r, opts: o, wanted: make([]wanted[T], 0, keys), places: make(map[string]int, keys)}
}

// want asks for the item with a key and returns its place in wanted.
func (b *batchGet[T]) want(attrs []codec.Attribute) int {
	var room [96]byte
	id := room[:0]
	for _, a := range attrs {
		id = appendValueID(id, a.Value)
	}
	if place, twice := b.places[string(id)]; twice {
		return place
	}
	start := b.ids.Len()
	b.ids.Write(id)
	b.places[b.ids.String()[start:]] = len(b.wanted)
	w := wanted[T]{}
	copy(w.key[:], attrs)
	b.wanted = append(b.wanted, w)
	return len(b.wanted) - 1
}

// run reads what is wanted and returns what was wrong with items and what kept
// it from those that are left.
func (b *batchGet[T]) run(ctx context.Context) (unfit, err error) {
	all := make([]int, len(b.wanted))
	for i := range all {
		all[i] = i
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, b.repo.db.cfg.Concurrency)
	for chunk := range slices.Chunk(all, maxBatchGet) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			left, failed := b.chunk(ctx, chunk)
			b.mu.Lock()
			defer b.mu.Unlock()
			bad, isUnfit := errors.AsType[*unfitError](failed)
			if isUnfit {
				unfit = errors.Join(unfit, bad.error)
			} else {
				err = errors.Join(err, failed)
			}
			for _, place := range left {
				b.wanted[place].unfit, b.wanted[place].left = isUnfit, !isUnfit
			}
		})
	}
	wg.Wait()
	return unfit, err
}

// An unfitError is about the items of an answer, not about getting one.
type unfitError struct{ error }

// chunk reads at most 100 keys, the unprocessed ones again and again, and
// returns the places of those it did not come to.
func (b *batchGet[T]) chunk(ctx context.Context, places []int) (left []int, err error) {
	s, cfg := b.repo.schema, &b.repo.db.cfg
	err = persist(ctx, cfg.BatchAttempts, len(places), func() (int, error) {
		unprocessed, err := b.request(ctx, places, b.repo.db.direct)
		if errors.Is(err, wire.ErrBody) {
			unprocessed, err = b.request(ctx, places, false)
		}
		if err != nil {
			return 0, err
		}
		places = places[:0:0]
		for _, k := range unprocessed {
			if place, ok := b.places[s.keyID(k)]; ok {
				places = append(places, place)
			}
		}
		return len(places), nil
	})
	if errors.Is(err, ErrUnprocessed) {
		err = nil // what is left says it
	}
	return places, err
}

// request sends one request, keeps what it found, and returns the keys that
// were left unprocessed.
func (b *batchGet[T]) request(ctx context.Context, places []int, direct bool) (unprocessed []item, err error) {
	r, s := b.repo, b.repo.schema
	var opts []func(*dynamodb.Options)
	var sink *wire.Sink
	if !r.db.cfg.StandardCodec {
		sink = wire.NewTables(map[string]*codec.Codec{s.table: s.codec})
		defer sink.Release()
		opts = sink.Options()
	}
	var keys []item
	if direct {
		body := wire.NewBody()
		defer body.Release()
		texts, err := b.texts(places)
		if err != nil {
			return nil, err
		}
		keys, opts = body.Keys(texts), slices.Concat(opts, body.Options())
	} else {
		keys = b.keys(places)
	}
	in, err := s.batchGetInput(keys, b.opts)
	if err != nil {
		return nil, err
	}
	out, err := r.db.client.BatchGetItem(ctx, in, opts...)
	if err != nil {
		if !errors.Is(err, wire.ErrBody) { // nothing was sent
			b.spent(failedCost(err))
		}
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

// keys returns the keys at places.
func (b *batchGet[T]) keys(places []int) []item {
	keys := make([]item, len(places))
	for i, place := range places {
		keys[i] = make(item, len(b.repo.schema.keyAttrs))
		for _, a := range b.key(place) {
			keys[i][a.Name] = a.Value
		}
	}
	return keys
}

// texts returns the keys at places in DynamoDB's JSON.
func (b *batchGet[T]) texts(places []int) ([][]byte, error) {
	const firstKey = 96
	keys := make([][]byte, len(places))
	text := make([]byte, 0, firstKey*len(places))
	for i, place := range places {
		start := len(text)
		var err error
		if text, err = codec.AppendAttributes(text, b.key(place)...); err != nil {
			return nil, err
		}
		keys[i] = text[start:]
	}
	return keys, nil
}

func (b *batchGet[T]) key(place int) []codec.Attribute {
	return b.wanted[place].key[:len(b.repo.schema.keyAttrs)]
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
	var room [96]byte
	for i := range items {
		v := reflect.ValueOf(&items[i]).Elem()
		if s.expired(v, r.db.cfg.Now()) {
			continue
		}
		id, err := s.appendItemID(room[:0], v)
		if err != nil {
			return because(ErrDecode, err)
		}
		if place, ok := b.places[string(id)]; ok {
			b.wanted[place].found = &items[i]
		}
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
		e, err := project(distinct(slices.Concat(o.attrs, s.identity())))
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
