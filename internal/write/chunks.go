package write

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A chunked sends writes in chunks.
type chunked struct {
	conn     *send.Conn
	rate     *send.Rate
	most     int       // units that a request is meant to take; 0 for any
	progress *progress // nil if nobody asks
}

// run returns the positions of the writes that were not done, in order, and why
// each was not. Those that can't be made are nil, and none of its business.
func (b *chunked) run(ctx context.Context, writes []*Write) fault.Undone {
	chunks := slices.Collect(b.chunks(writes))
	undone := make([]fault.Undone, len(chunks))
	b.conn.Each(len(chunks), func(i int) {
		left, err := b.chunk(ctx, writes, chunks[i])
		for _, at := range left {
			undone[i].Add(at, err)
		}
	})
	return slices.Concat(undone...)
}

// chunks yields the positions of writes in runs that one request can hold.
func (b *chunked) chunks(writes []*Write) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		chunk := make([]int, 0, min(len(writes), maxBatchWrite))
		bytes, units := 0, 0
		for i, w := range writes {
			if w == nil {
				continue
			}
			if w.marks != nil { // goes by itself, with its markers
				if !yield([]int{i}) {
					return
				}
				continue
			}
			n, u := w.wireBytes(), w.units()
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
func (b *chunked) chunk(ctx context.Context, writes []*Write, at []int) (left []int, err error) {
	if writes[at[0]].marks != nil {
		return b.marked(ctx, writes[at[0]], at)
	}
	err = b.conn.Persist(ctx, len(at), func() (int, error) {
		out, err := b.paced(ctx, writes, at)
		if err != nil {
			return 0, err
		}
		undone, err := leftOf(writes, at, out.UnprocessedItems)
		if err != nil {
			return 0, err
		}
		for _, i := range at {
			w := writes[i]
			if slices.Contains(undone, i) {
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
		writes[i].keepID(err)
	}
	return at, err
}

// marked sends a write of unique values by itself. What it consumes is not
// reported: the rate goes by its size, twice for the transaction that it may be.
func (b *chunked) marked(ctx context.Context, w *Write, at []int) (left []int, err error) {
	if err := b.rate.Wait(ctx); err != nil {
		return at, err
	}
	_, err = w.Send(ctx, b.conn)
	b.rate.Spent(2 * float64(w.units()))
	if err != nil {
		return at, err
	}
	b.progress.add(1, nil)
	return nil, nil
}

// paced is request within the rate, on whichever path the client takes.
func (b *chunked) paced(ctx context.Context, writes []*Write, at []int) (out *dynamodb.BatchWriteItemOutput, err error) {
	if err := b.rate.Wait(ctx); err != nil {
		return nil, err
	}
	units := 0.0
	defer func() { b.rate.Spent(units) }()
	out, err = b.request(ctx, writes, at, !b.conn.Standard)
	if unsent(err) {
		if err = standard(writes, at); err == nil {
			out, err = b.request(ctx, writes, at, false)
		}
	}
	if err == nil {
		units = send.Units(out.ConsumedCapacity)
	}
	return out, err
}

// request sends the writes at some positions, those that it can as JSON if
// direct.
func (b *chunked) request(ctx context.Context, writes []*Write, at []int, direct bool) (*dynamodb.BatchWriteItemOutput, error) {
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
		table := w.table.Name
		p, isPut := w.does.(*put)
		switch {
		case isPut && p.json != nil:
			puts.add(table, p.json, len(at))
		case direct && !isPut:
			start := len(keys)
			var err error
			if keys, err = w.table.Keys.AppendJSON(keys, w.key); err != nil {
				return nil, err
			}
			deletes.add(table, keys[start:], len(at))
		default:
			in.RequestItems[table] = append(in.RequestItems[table], w.does.batch(w))
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
	var a wire.Attempts
	out, err := b.conn.BatchWriteItem(ctx, in, append(opts[:len(opts):len(opts)], a.Option())...)
	if err != nil && !unsent(err) && (a.Done || a.Unknown(err)) {
		err = fault.Because(fault.ErrUnknown, err)
	}
	return out, err
}

// texts are items or keys in DynamoDB's JSON, by table.
type texts map[string][][]byte

func (t texts) add(table string, text []byte, room int) {
	if t[table] == nil {
		t[table] = make([][]byte, 0, room)
	}
	t[table] = append(t[table], text)
}

// standard turns the writes at some positions to the standard path.
func standard(writes []*Write, at []int) error {
	for _, i := range at {
		if p, puts := writes[i].does.(*put); puts {
			if err := p.standard(); err != nil {
				return err
			}
		}
	}
	return nil
}

var errLeft = errors.New("the answer leaves writes that were not asked for")

// leftOf returns which of the writes at some positions an answer leaves. Of one that
// leaves others nobody knows what was done.
func leftOf(writes []*Write, at []int, items map[string][]types.WriteRequest) (undone []int, err error) {
	n := 0
	for _, one := range items {
		n += len(one)
	}
	for _, i := range at {
		if w := writes[i]; n <= len(at) && w.among(items[w.table.Name]) {
			undone = append(undone, i)
		}
	}
	if len(undone) != n {
		return nil, fault.Because(fault.ErrUnknown, fault.Because(fault.ErrDecode, errLeft))
	}
	return undone, nil
}

// among reports whether the write is one of those left unprocessed.
func (w *Write) among(left []types.WriteRequest) bool {
	return slices.ContainsFunc(left, func(r types.WriteRequest) bool {
		switch {
		case r.PutRequest != nil:
			return w.table.Keys.ID(r.PutRequest.Item) == w.id
		case r.DeleteRequest != nil:
			return w.table.Keys.ID(r.DeleteRequest.Key) == w.id
		}
		return false
	})
}
