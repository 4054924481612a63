package repo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Limits of a BatchWriteItem.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	maxBatchWrite = 25
	maxBatchBytes = 16 << 20
)

// A BatchError tells which operations of a batch were not done. Those that are
// not in it were.
type BatchError struct {
	Left []int // positions of the operations, in order
	Err  error // why: [ErrUnprocessed] where attempts were spent, the SDK's error, or the context's
}

// Error says how many operations are left, and why.
func (e *BatchError) Error() string {
	return fmt.Sprintf("%d operations are left: %s", len(e.Left), plainText(e.Err))
}

// Unwrap returns why.
func (e *BatchError) Unwrap() error { return e.Err }

// Batch writes any number of puts and deletes, over any repositories, in
// BatchWriteItem requests of at most 25 operations and 16 MB, several at once
// (Config.Concurrency). It is no transaction, runs no callbacks and knows no
// conditions: a guarded operation is [ErrInvalid], and so is a put of a model
// with a lock unless [Repo.Overwrite] says that it overwrites (rules F5, G5),
// and two operations on one item. Every such fault is told before any request.
// A write of a model with unique fields is sent by itself, as [Repo.Put] or
// [Repo.Delete] sends it.
//
// What DynamoDB leaves unprocessed is sent again alone, with jittered backoff,
// until all is done, the context ends, or Config.BatchAttempts in a row brought
// nothing. What is left then is in the [*BatchError].
func (db *DB) Batch(ctx context.Context, ops ...Op) error {
	return db.BatchWith(ctx, BatchOptions{}, ops...)
}

// fail wraps an error of an operation that is on no table alone.
func (db *DB) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, wrapped := errors.AsType[*Error](err); wrapped {
		return err
	}
	return &Error{Op: op, Table: "several tables", Err: err}
}

// makeWrites makes the writes of ops, and tells every fault at once: why one
// can't be made, what check finds, and two on one item.
func makeWrites(ctx context.Context, op, token string, ops []Op, check func(*write) error) ([]*write, error) {
	writes := make([]*write, len(ops))
	var errs []error
	fault := func(i int, err error) { errs = append(errs, fmt.Errorf("operation %d: %w", i, err)) }
	on := newItemSet(len(ops))
	var room [96]byte
	for i, o := range ops {
		if o.op == nil {
			fault(i, because(ErrInvalid, errNoOp))
			continue
		}
		w, err := o.make(ctx, op == "Batch", token)
		if err != nil {
			fault(i, err)
			continue
		}
		id := room[:0]
		err = check(w)
		if err == nil && w.put {
			id, err = w.schema.appendItemID(id, w.value)
		} else if err == nil {
			id = w.schema.appendKeyID(id, w.key)
		}
		if err != nil {
			fault(i, because(ErrInvalid, err))
			continue
		}
		writes[i] = w
		if w.id, err = on.take(w.schema.table, id, i); err != nil {
			fault(i, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &Error{Op: op, Table: "several tables", Err: err}
	}
	return writes, nil
}

var (
	errNoOp     = errors.New("an empty operation")
	errSameItem = errors.New("is on the same item")
	errGuarded  = errors.New("a batch has no conditions: put and delete only")
	errLocked   = errors.New("a batch does not check versions: say Overwrite to put an item of a model with a lock")
)

// An itemSet is the items that operations are on.
type itemSet struct {
	taken map[[2]string]int // position of the operation, by the table and the id of the key
	ids   strings.Builder   // memory of the ids
	many  int               // how many there will be
}

func newItemSet(many int) *itemSet { return &itemSet{taken: make(map[[2]string]int, many), many: many} }

// take returns the id of an item, of which the operation at a position is the
// only one, else an error.
func (t *itemSet) take(table string, id []byte, at int) (kept string, err error) {
	start := t.ids.Len()
	if start == 0 {
		t.ids.Grow(t.many * len(id))
	}
	t.ids.Write(id)
	kept = t.ids.String()[start:]
	one := [2]string{table, kept}
	if other, twice := t.taken[one]; twice {
		err = because(ErrInvalid, fmt.Errorf("%w as operation %d", errSameItem, other))
	}
	t.taken[one] = at
	return kept, err
}

func (w *write) batchable() error {
	switch {
	case w.update != nil || w.check || len(w.guard) > 0:
		return errGuarded
	case w.put && w.schema.version != nil && !w.blind:
		return errLocked
	}
	return nil
}

func (w *write) request() types.WriteRequest {
	if w.put {
		return types.WriteRequest{PutRequest: &types.PutRequest{Item: w.item}}
	}
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: w.key}}
}

// batchWrite sends writes in chunks.
type batchWrite struct {
	db       *DB
	rate     *dyniter.Rate
	most     int       // units that a request is meant to take; 0 for any
	progress *progress // nil if nobody asks
}

// run returns the positions of the writes that were not done, in order, and
// what kept them from it.
func (b *batchWrite) run(ctx context.Context, writes []*write) (left []int, err error) {
	chunks := slices.Collect(b.chunks(writes))
	undone, errs := make([][]int, len(chunks)), make([]error, len(chunks))
	b.db.each(len(chunks), func(i int) { undone[i], errs[i] = b.chunk(ctx, writes, chunks[i]) })
	left = slices.Concat(undone...)
	slices.Sort(left)
	return left, errors.Join(errs...)
}

// chunks yields the positions of writes in runs that one request can hold.
func (b *batchWrite) chunks(writes []*write) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		chunk := make([]int, 0, min(len(writes), maxBatchWrite))
		bytes, units := 0, 0
		for i, w := range writes {
			if w.marks != nil { // goes by itself, with its markers
				if !yield([]int{i}) {
					return
				}
				continue
			}
			n, u := w.wireSize(), w.units()
			full := len(chunk) == maxBatchWrite || bytes+n > maxBatchBytes || b.most > 0 && units+u > b.most
			if full && len(chunk) > 0 {
				if !yield(chunk) {
					return
				}
				chunk, bytes, units = make([]int, 0, min(len(writes)-i, maxBatchWrite)), 0, 0
			}
			chunk, bytes, units = append(chunk, i), bytes+n, units+u
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}
}

// chunk sends the writes at some positions until DynamoDB has processed all of
// them, and returns the positions of those it has not.
func (b *batchWrite) chunk(ctx context.Context, writes []*write, at []int) (left []int, err error) {
	if writes[at[0]].marks != nil {
		return b.marked(ctx, writes[at[0]], at)
	}
	err = persist(ctx, b.db.cfg.BatchAttempts, len(at), func() (int, error) {
		out, err := b.paced(ctx, writes, at)
		if err != nil {
			return 0, err
		}
		var undone []int
		for _, i := range at {
			w := writes[i]
			if w.among(out.UnprocessedItems[w.schema.table]) {
				undone = append(undone, i)
				continue
			}
			forget(ctx, nil, w)
			_ = w.done(ctx) // without callbacks
		}
		b.progress.add(len(at)-len(undone), out.ConsumedCapacity)
		at = undone
		return len(at), nil
	})
	for _, i := range at {
		forget(ctx, err, writes[i])
	}
	return at, err
}

// marked sends a write of unique values by itself. What it consumes is not
// reported: the rate goes by its size, twice for the transaction that it may be.
func (b *batchWrite) marked(ctx context.Context, w *write, at []int) (left []int, err error) {
	if err := b.rate.Wait(ctx); err != nil {
		return at, err
	}
	_, err = w.send(ctx, b.db.client)
	b.rate.Spent(2 * float64(w.units()))
	if err != nil {
		return at, err
	}
	b.progress.add(1, nil)
	return nil, nil
}

// paced is request within the rate, on whichever path the client takes.
func (b *batchWrite) paced(ctx context.Context, writes []*write, at []int) (out *dynamodb.BatchWriteItemOutput, err error) {
	if err := b.rate.Wait(ctx); err != nil {
		return nil, err
	}
	units := 0.0
	defer func() { b.rate.Spent(units) }()
	out, err = b.request(ctx, writes, at, b.db.direct)
	if errors.Is(err, wire.ErrBody) {
		if err = standard(writes, at); err == nil {
			out, err = b.request(ctx, writes, at, false)
		}
	}
	if err == nil {
		units = unitsOf(out.ConsumedCapacity)
	}
	return out, err
}

// request sends the writes at some positions, those that it can as JSON if
// direct.
func (b *batchWrite) request(ctx context.Context, writes []*write, at []int, direct bool) (*dynamodb.BatchWriteItemOutput, error) {
	body := wire.NewBody()
	defer body.Release()
	var opts []func(*dynamodb.Options)
	in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{}}
	if b.rate != nil || b.progress != nil {
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
	puts, deletes := texts{}, texts{}
	var keys []byte
	for _, i := range at {
		w := writes[i]
		table := w.schema.table
		switch {
		case w.json != nil:
			puts.add(table, w.json, len(at))
		case direct && !w.put:
			start := len(keys)
			var err error
			if keys, err = w.schema.appendKeyJSON(keys, w.key); err != nil {
				return nil, err
			}
			deletes.add(table, keys[start:], len(at))
		default:
			in.RequestItems[table] = append(in.RequestItems[table], w.request())
		}
	}
	for table, items := range puts {
		in.RequestItems[table] = append(in.RequestItems[table], body.Puts(items))
	}
	for table, keys := range deletes {
		in.RequestItems[table] = append(in.RequestItems[table], body.Deletes(keys))
	}
	if len(puts)+len(deletes) > 0 {
		opts = body.Options()
	}
	return b.db.client.BatchWriteItem(ctx, in, opts...)
}

// texts are items or keys in DynamoDB's JSON, by table.
type texts map[string][][]byte

func (t texts) add(table string, text []byte, room int) {
	if t[table] == nil {
		t[table] = make([][]byte, 0, room)
	}
	t[table] = append(t[table], text)
}

// appendKeyJSON appends a key of the table in DynamoDB's JSON.
func (s *schema) appendKeyJSON(dst []byte, m item) ([]byte, error) {
	var room [2]codec.Attribute
	attrs := room[:0]
	for _, name := range s.keyNames {
		attrs = append(attrs, codec.Attribute{Name: name, Value: m[name]})
	}
	return codec.AppendAttributes(dst, attrs...)
}

// standard turns the writes at some positions to the standard path.
func standard(writes []*write, at []int) error {
	for _, i := range at {
		if err := writes[i].standard(); err != nil {
			return err
		}
	}
	return nil
}

// wireSize bounds the bytes that the write takes in a request.
func (w *write) wireSize() int {
	if w.json != nil {
		return len(w.json)
	}
	return wireSize(w.item) + wireSize(w.key)
}

// among reports whether the write is one of those left unprocessed.
func (w *write) among(left []types.WriteRequest) bool {
	return slices.ContainsFunc(left, func(r types.WriteRequest) bool {
		switch {
		case r.PutRequest != nil:
			return w.schema.keyID(r.PutRequest.Item) == w.id
		case r.DeleteRequest != nil:
			return w.schema.keyID(r.DeleteRequest.Key) == w.id
		}
		return false
	})
}
