package read

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// MaxKeys is how many keys a BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const MaxKeys = 100

// A Batch reads items by key in chunks.
type Batch struct {
	conn   *send.Conn
	table  *model.Table
	typ    reflect.Type // of the items
	opts   Options
	wanted []wanted       // each key once
	places map[string]int // in wanted, by the id of the key
	ids    strings.Builder

	mu   sync.Mutex
	cost dyniter.Meter // of its own
}

// wanted is a key and what came of it.
type wanted struct {
	key   [2]codec.Attribute // hash and sort, or hash alone
	found reflect.Value      // the zero Value if there was no item
	left  bool               // the run did not come to it
	unfit bool               // its answer can't be used
}

// NewBatch returns a batch of about so many keys, which finds items of type
// typ.
func NewBatch(c *send.Conn, t *model.Table, typ reflect.Type, o Options, keys int) *Batch {
	return &Batch{conn: c, table: t, typ: typ, opts: o, wanted: make([]wanted, 0, keys), places: make(map[string]int, keys)}
}

// Want asks for the item with a key and returns its place in wanted.
func (b *Batch) Want(attrs []codec.Attribute) int {
	var room [96]byte
	id := room[:0]
	for _, a := range attrs {
		id = values.AppendID(id, a.Value)
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

// Run reads what is wanted and returns what was wrong with items and what kept
// it from those that are left.
func (b *Batch) Run(ctx context.Context) (unfit, err error) {
	all := make([]int, len(b.wanted))
	for i := range all {
		all[i] = i
	}
	chunks := slices.Collect(slices.Chunk(all, MaxKeys))
	b.conn.Each(len(chunks), func(i int) {
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
func (b *Batch) chunk(ctx context.Context, places []int) (left []int, err error) {
	err = b.conn.Persist(ctx, len(places), func() (int, error) {
		unprocessed, err := b.request(ctx, places, !b.conn.Standard)
		if errors.Is(err, wire.ErrBody) {
			unprocessed, err = b.request(ctx, places, false)
		}
		if err != nil {
			return 0, err
		}
		places, err = b.asked(places, unprocessed)
		return len(places), err
	})
	if errors.Is(err, fault.ErrUnprocessed) {
		err = nil // what is left says it
	}
	return places, err
}

var errAnswer = errors.New("the answer is about tables, keys or items that were not asked for")

// asked returns the places of keys that are left of those asked for.
func (b *Batch) asked(places []int, left []values.Item) ([]int, error) {
	of := make(map[int]bool, len(left))
	for _, k := range left[:min(len(left), len(places))] {
		if place, ok := b.places[b.table.Keys.ID(k)]; ok && slices.Contains(places, place) {
			of[place] = true
		}
	}
	if len(of) < len(left) {
		return places, &unfitError{fault.Because(fault.ErrDecode, errAnswer)}
	}
	return slices.Sorted(maps.Keys(of)), nil
}

// believe refuses an answer about other tables.
func (b *Batch) believe(out *dynamodb.BatchGetItemOutput) error {
	for name := range out.Responses {
		if name != b.table.Name {
			return fault.Because(fault.ErrDecode, errAnswer)
		}
	}
	for name := range out.UnprocessedKeys {
		if name != b.table.Name {
			return fault.Because(fault.ErrDecode, errAnswer)
		}
	}
	return nil
}

// request sends one request, keeps what it found, and returns the keys that
// were left unprocessed.
func (b *Batch) request(ctx context.Context, places []int, direct bool) (unprocessed []values.Item, err error) {
	c, t := b.conn, b.table
	var opts []func(*dynamodb.Options)
	var sink *wire.Sink
	if !c.Standard {
		sink = wire.NewTables(map[string]*codec.Codec{t.Name: t.Codec})
		defer sink.Release()
		opts = sink.Options()
	}
	var keys []values.Item
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
	in, err := BatchInput(t, keys, b.opts)
	if err != nil {
		return nil, err
	}
	out, err := c.BatchGetItem(ctx, in, opts...)
	if err != nil {
		if !errors.Is(err, wire.ErrBody) { // nothing was sent
			b.cost.Add(send.FailedCost(err))
		}
		return nil, err
	}
	b.cost.Add(send.Cost(out.ResultMetadata, out.ConsumedCapacity...))
	if err = b.believe(out); err == nil {
		err = b.keep(ctx, sink, out.Responses[t.Name], len(places))
	}
	if err != nil {
		return nil, &unfitError{err}
	}
	return out.UnprocessedKeys[t.Name].Keys, nil
}

// keys returns the keys at places.
func (b *Batch) keys(places []int) []values.Item {
	keys := make([]values.Item, len(places))
	for i, place := range places {
		keys[i] = make(values.Item, len(b.table.Keys.Attrs))
		for _, a := range b.key(place) {
			keys[i][a.Name] = a.Value
		}
	}
	return keys
}

// texts returns the keys at places in DynamoDB's JSON.
func (b *Batch) texts(places []int) ([][]byte, error) {
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

func (b *Batch) key(place int) []codec.Attribute {
	return b.wanted[place].key[:len(b.table.Keys.Attrs)]
}

// keep decodes the items of an answer, at most so many, which are in sink if that has
// used it.
func (b *Batch) keep(ctx context.Context, sink *wire.Sink, raw []values.Item, most int) error {
	t := b.table
	var items reflect.Value
	if sink != nil && sink.Used() {
		if err := sink.Err(); err != nil {
			return fault.Decode(err)
		}
		if items = sink.Table(t.Name); !items.IsValid() {
			return nil
		}
	} else {
		var err error
		if items, _, err = Decode(t, b.typ, raw); err != nil {
			return err
		}
	}
	if items.Len() > most {
		return fault.Because(fault.ErrDecode, errAnswer)
	}
	if err := t.FoundAll(ctx, items); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var room [96]byte
	for i := range items.Len() {
		v := items.Index(i)
		if t.Expired(v, b.conn.Clock()) {
			continue
		}
		id, err := t.AppendItemID(room[:0], v)
		if err != nil {
			return fault.Because(fault.ErrDecode, err)
		}
		place, ok := b.places[string(id)]
		if !ok {
			return fault.Because(fault.ErrDecode, errAnswer)
		}
		b.wanted[place].found = v
	}
	return nil
}

// BatchInput builds the request of one chunk.
func BatchInput(t *model.Table, keys []values.Item, o Options) (*dynamodb.BatchGetItemInput, error) {
	ka := types.KeysAndAttributes{Keys: keys}
	if o.Consistent {
		ka.ConsistentRead = aws.Bool(true)
	}
	if o.Attrs != nil {
		e, err := Project(model.Distinct(slices.Concat(o.Attrs, t.Identity())))
		if err != nil {
			return nil, err
		}
		ka.ProjectionExpression, ka.ExpressionAttributeNames = e.Projection(), e.Names()
	}
	return &dynamodb.BatchGetItemInput{
		RequestItems:           map[string]types.KeysAndAttributes{t.Name: ka},
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	}, nil
}

// Found returns the item at a place that [Batch.Want] gave, the zero Value if
// there is none, and whether the run did not come to it.
func (b *Batch) Found(place int) (found reflect.Value, left bool) {
	w := &b.wanted[place]
	return w.found, w.left
}

// Left reports whether there are items that the run did not come to.
func (b *Batch) Left() bool {
	return slices.ContainsFunc(b.wanted, func(w wanted) bool { return w.left })
}

// Cost returns what the run has cost.
func (b *Batch) Cost() dyniter.Stats { return b.cost.Stats() }
