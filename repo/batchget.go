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
type batchGet struct {
	db     *DB
	schema *schema
	typ    reflect.Type // of the items
	opts   getOptions
	wanted []wanted       // each key once
	places map[string]int // in wanted, by the id of the key
	ids    strings.Builder

	mu   sync.Mutex
	cost dyniter.Stats
}

// wanted is a key and what came of it.
type wanted struct {
	key   [2]codec.Attribute // hash and sort, or hash alone
	found reflect.Value      // the zero Value if there was no item
	left  bool               // the run did not come to it
	unfit bool               // its answer can't be used
}

func newBatchGet(db *DB, s *schema, typ reflect.Type, o getOptions, keys int) *batchGet {
	return &batchGet{db: db, schema: s, typ: typ, opts: o, wanted: make([]wanted, 0, keys), places: make(map[string]int, keys)}
}

// want asks for the item with a key and returns its place in wanted.
func (b *batchGet) want(attrs []codec.Attribute) int {
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
	w := wanted{}
	copy(w.key[:], attrs)
	b.wanted = append(b.wanted, w)
	return len(b.wanted) - 1
}

// run reads what is wanted and returns what was wrong with items and what kept
// it from those that are left.
func (b *batchGet) run(ctx context.Context) (unfit, err error) {
	all := make([]int, len(b.wanted))
	for i := range all {
		all[i] = i
	}
	chunks := slices.Collect(slices.Chunk(all, maxBatchGet))
	b.db.each(len(chunks), func(i int) {
		left, failed := b.chunk(ctx, chunks[i])
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
	return unfit, err
}

// An unfitError is about the items of an answer, not about getting one.
type unfitError struct{ error }

// chunk reads at most 100 keys, the unprocessed ones again and again, and
// returns the places of those it did not come to.
func (b *batchGet) chunk(ctx context.Context, places []int) (left []int, err error) {
	s, cfg := b.schema, &b.db.cfg
	err = persist(ctx, cfg.BatchAttempts, len(places), func() (int, error) {
		unprocessed, err := b.request(ctx, places, b.db.direct)
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
func (b *batchGet) request(ctx context.Context, places []int, direct bool) (unprocessed []item, err error) {
	db, s := b.db, b.schema
	var opts []func(*dynamodb.Options)
	var sink *wire.Sink
	if !db.cfg.StandardCodec {
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
	out, err := db.client.BatchGetItem(ctx, in, opts...)
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
func (b *batchGet) keys(places []int) []item {
	keys := make([]item, len(places))
	for i, place := range places {
		keys[i] = make(item, len(b.schema.keyAttrs))
		for _, a := range b.key(place) {
			keys[i][a.Name] = a.Value
		}
	}
	return keys
}

// texts returns the keys at places in DynamoDB's JSON.
func (b *batchGet) texts(places []int) ([][]byte, error) {
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

func (b *batchGet) key(place int) []codec.Attribute {
	return b.wanted[place].key[:len(b.schema.keyAttrs)]
}

// keep decodes the items of an answer, which are in sink if that has used it.
func (b *batchGet) keep(ctx context.Context, sink *wire.Sink, raw []item) error {
	db, s := b.db, b.schema
	var items reflect.Value
	if sink != nil && sink.Used() {
		if err := sink.Err(); err != nil {
			return decodeError(err)
		}
		if items = sink.Table(s.table); !items.IsValid() {
			return nil
		}
	} else {
		items = reflect.MakeSlice(reflect.SliceOf(b.typ), len(raw), len(raw))
		n := 0
		for _, m := range raw {
			switch err := s.decode(m, items.Index(n)); {
			case errors.Is(err, codec.ErrSkip):
			case err != nil:
				return err
			default:
				n++
			}
		}
		items = items.Slice(0, n)
	}
	if err := s.foundAll(ctx, items); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var room [96]byte
	for i := range items.Len() {
		v := items.Index(i)
		if s.expired(v, db.cfg.Now()) {
			continue
		}
		id, err := s.appendItemID(room[:0], v)
		if err != nil {
			return because(ErrDecode, err)
		}
		if place, ok := b.places[string(id)]; ok {
			b.wanted[place].found = v
		}
	}
	return nil
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
