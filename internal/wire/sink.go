package wire

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// A Sink takes the items out of the answers of calls. It serves one call at a
// time; the next call drops what it held. The zero Sink is not ready for use.
type Sink struct {
	items   *codec.Page            // of Query, Scan, GetItem and the writes that return an item
	tables  map[string]*codec.Page // of BatchGetItem
	codecs  []*codec.Codec         // of TransactGetItems, by position
	pages   map[*codec.Codec]*codec.Page
	places  []place // of TransactGetItems, by position
	used    bool
	err     error
	options []func(*dynamodb.Options)
}

// A place is where an item is in the page of its codec, -1 if it is in none, and
// why it could not be decoded.
type place struct {
	at  int
	err error
}

// NewSink returns a sink of the items of Query and Scan, the item of GetItem
// and the attributes that PutItem, UpdateItem and DeleteItem return.
func NewSink(c *codec.Codec) *Sink { return &Sink{items: c.NewPage()} }

// NewTables returns a sink of the items of BatchGetItem by the name of their
// table. Tables that it does not name are left to the SDK.
func NewTables(tables map[string]*codec.Codec) *Sink {
	s := &Sink{tables: make(map[string]*codec.Page, len(tables))}
	for name, c := range tables {
		s.tables[name] = c.NewPage()
	}
	return s
}

// NewPositions returns a sink of the items of TransactGetItems, each of the
// codec at the position of its request.
func NewPositions(codecs []*codec.Codec) *Sink {
	s := &Sink{codecs: codecs, pages: make(map[*codec.Codec]*codec.Page), places: make([]place, len(codecs))}
	for _, c := range codecs {
		if s.pages[c] == nil {
			s.pages[c] = c.NewPage()
		}
	}
	return s
}

// Options returns what to pass to the call, one option.
func (s *Sink) Options() []func(*dynamodb.Options) {
	s.Reset()
	if s.options == nil {
		insert := func(stack *middleware.Stack) error {
			// Without that anchor the items stay with the SDK.
			_ = stack.Deserialize.Insert((*taker)(s), "OperationDeserializer", middleware.After)
			return nil
		}
		s.options = []func(*dynamodb.Options){func(o *dynamodb.Options) {
			if c, asked := o.Logger.(*cargo); asked {
				c.Sink = s
				c.found++
				return
			}
			o.APIOptions = append(o.APIOptions, insert)
		}}
	}
	return s.options
}

// Reset drops what the last call left, so that a sink that is kept for later
// keeps no items.
func (s *Sink) Reset() {
	s.each((*codec.Page).Reset)
	for i := range s.places {
		s.places[i] = place{at: -1}
	}
	s.used, s.err = false, nil
}

// Used reports whether the sink took the items of the call, none included. If
// not, they are in the SDK's output.
func (s *Sink) Used() bool { return s.used }

// Err returns why the items that were taken could not be decoded, or nil. Then
// none is given out, though the call went well.
func (s *Sink) Err() error { return s.err }

// Told returns how many items of Query or Scan the answer had, those included that
// were left out.
func (s *Sink) Told() int { return s.items.Told() }

// Items returns the items in the order of the answer, a []T that is valid
// until the next call.
func (s *Sink) Items() reflect.Value { return s.items.Slice() }

// Take returns the items in the order of the answer, a []T that is the
// caller's from now on; nil if there are none.
func (s *Sink) Take() reflect.Value { return s.items.Take() }

// Reuse gives the sink memory that [Sink.Take] gave out and nobody reads any
// more, for the next call.
func (s *Sink) Reuse(items reflect.Value) { s.items.Reuse(items) }

// Table returns the items of a table, a []T that is the caller's from now on;
// the zero Value if the sink was not made for the table.
func (s *Sink) Table(name string) reflect.Value {
	if p := s.tables[name]; p != nil {
		return p.Take()
	}
	return reflect.Value{}
}

// At returns the item at a position of TransactGetItems, a T; the zero Value if
// there is no such item, and why it could not be decoded. It is valid until the
// next call.
func (s *Sink) At(i int) (reflect.Value, error) {
	p := s.places[i]
	if p.at < 0 {
		return reflect.Value{}, p.err
	}
	return s.pages[s.codecs[i]].Slice().Index(p.at), nil
}

// Release gives the sink's working memory back. It must not be used any more;
// what was taken from it stays good.
func (s *Sink) Release() {
	s.each((*codec.Page).Release)
}

func (s *Sink) each(do func(*codec.Page)) {
	if s.items != nil {
		do(s.items)
	}
	for _, p := range s.tables {
		do(p)
	}
	for _, p := range s.pages {
		do(p)
	}
}

// taker is the middleware of a sink.
type taker Sink

// ID returns the name of the middleware.
func (t *taker) ID() string { return "DynarepoTakeItems" }

// HandleDeserialize takes the items out of the answer that next gives. It runs
// once for each attempt, and sees the body decompressed.
func (t *taker) HandleDeserialize(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	s := (*Sink)(t)
	s.Reset()
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if err != nil {
		return out, metadata, err
	}
	return out, metadata, receive(ctx, out.RawResponse, s)
}
