package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrBody is the sentinel of a request that could not be written this way,
// since the SDK serializes it in a form that is not known here. Nothing was
// sent: the call can be made again with attribute values.
var ErrBody = errors.New("the request's body is not as expected")

// placeholder is the attribute that stands for an item until it is written. It
// is in no table: a request that went out with it would be refused for want
// of the key.
var placeholder = "dynarepo-" + rand.Text()

// open and end are what stands around a part's number in the request.
var (
	name = []byte(placeholder)
	open = []byte(`{"` + placeholder + `":{"N":"`)
	end  = []byte(`"}}`)
)

// A request of a BatchWriteItem, around its item or key. A part of several stands
// in the place of one delete, placeholder and all.
const (
	putOpen    = `{"PutRequest":{"Item":`
	deleteOpen = `{"DeleteRequest":{"Key":`
	requestEnd = `}}`
)

// maxParts is what TransactWriteItems takes, see
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html.
const maxParts = 100

// Direct reports whether client applies the options of a call for certain, so
// that its requests can be written by a [Body].
func Direct(client any) bool {
	_, ok := client.(*dynamodb.Client)
	return ok
}

// A Body holds the items and keys of one request as JSON, such as
// codec.AppendItem makes it, and writes them where the placeholders are that
// its methods return for the input, 100 at most. It serves one call and keeps
// what it was given, which must not change before its release.
type Body struct {
	parts   []part
	items   [][]byte                          // memory of the parts that are one item
	stands  []map[string]types.AttributeValue // what stands for each part; never changed
	options []func(*dynamodb.Options)
}

var spare = sync.Pool{New: func() any {
	b := &Body{}
	insert := func(stack *middleware.Stack) error {
		if stack.Serialize.Insert((*putter)(b), "OperationSerializer", middleware.After) != nil {
			return ErrBody
		}
		return nil
	}
	b.options = []func(*dynamodb.Options){func(o *dynamodb.Options) {
		if c, asked := o.Logger.(*cargo); asked {
			c.Body = b
			c.found++
			return
		}
		o.APIOptions = append(o.APIOptions, insert)
	}}
	return b
}}

// NewBody returns an empty body. [Body.Release] gives its memory back.
func NewBody() *Body {
	b := spare.Get().(*Body)
	b.reset()
	return b
}

// Release gives the body's memory back, when the call is over. It must not be
// used any more.
func (b *Body) Release() {
	b.reset() // what lies in the pool keeps no items
	spare.Put(b)
}

func (b *Body) reset() {
	clear(b.parts)
	clear(b.items)
	b.parts, b.items = b.parts[:0], b.items[:0]
}

// A part is what goes in the place of one placeholder: items or keys with
// commas between, each as a request if there is open.
type part struct {
	texts [][]byte
	open  string // of each request, or ""
}

func (p *part) size() int {
	n := len(p.texts) * (len(p.open) + len(requestEnd) + 1)
	for _, t := range p.texts {
		n += len(t)
	}
	return n
}

func (p *part) append(dst []byte) []byte {
	for i, t := range p.texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		if p.open == "" {
			dst = append(dst, t...)
			continue
		}
		dst = append(append(append(dst, p.open...), t...), requestEnd...)
	}
	return dst
}

// Len returns how many items and keys the body holds.
func (b *Body) Len() (n int) {
	for i := range b.parts {
		n += len(b.parts[i].texts)
	}
	return n
}

// Item returns what stands for an item of a PutItem or TransactWriteItems.
func (b *Body) Item(text []byte) map[string]types.AttributeValue {
	n := len(b.items)
	b.items = append(b.items, text)
	return b.add(part{texts: b.items[n:]})
}

// Keys returns what stands for the keys of one table in a BatchGetItem.
func (b *Body) Keys(keys [][]byte) []map[string]types.AttributeValue {
	return []map[string]types.AttributeValue{b.add(part{texts: keys})}
}

// Puts returns what stands for the puts of items into one table in a
// BatchWriteItem.
func (b *Body) Puts(items [][]byte) types.WriteRequest { return b.requests(part{items, putOpen}) }

// Deletes returns what stands for the deletes of keys of one table in a
// BatchWriteItem.
func (b *Body) Deletes(keys [][]byte) types.WriteRequest {
	return b.requests(part{keys, deleteOpen})
}

func (b *Body) requests(p part) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: b.add(p)}}
}

func (b *Body) add(p part) map[string]types.AttributeValue {
	n := len(b.parts)
	b.parts = append(b.parts, p)
	if n == len(b.stands) {
		b.stands = append(b.stands, map[string]types.AttributeValue{
			placeholder: &types.AttributeValueMemberN{Value: strconv.Itoa(n)},
		})
	}
	return b.stands[n]
}

// Options returns what to pass to the call, one option. The call fails with
// [ErrBody] before anything is sent if the items can't be put where they
// belong.
func (b *Body) Options() []func(*dynamodb.Options) { return b.options }

// putter is the middleware of a body.
type putter Body

// ID returns the name of the middleware.
func (p *putter) ID() string { return "DynarepoPutItems" }

// HandleSerialize puts the items where their placeholders are. It runs once for
// a call, however often it is sent.
func (p *putter) HandleSerialize(
	ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
) (out middleware.SerializeOutput, metadata middleware.Metadata, err error) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok || req.GetStream() == nil {
		return out, metadata, ErrBody
	}
	stream := req.GetStream()
	text, err := (*Body)(p).splice(stream)
	if err != nil {
		return out, metadata, err
	}
	if r, ok := stream.(*bytes.Reader); ok {
		r.Reset(text) // SetStream would clone the request
		req.ContentLength = int64(len(text))
	} else if in.Request, err = req.SetStream(bytes.NewReader(text)); err != nil {
		return out, metadata, errors.Join(ErrBody, err)
	}
	return next.HandleSerialize(ctx, in)
}

// splice returns what stream holds with every part in the place of its
// placeholder.
func (b *Body) splice(stream io.Reader) ([]byte, error) {
	sized, ok := stream.(interface{ Len() int })
	if !ok || len(b.parts) > maxParts {
		return nil, ErrBody
	}
	// The text lies at the end of the memory that the result grows into, which
	// can't overtake it: every part stands once, and all fit in front.
	room := 0
	for i := range b.parts {
		room += b.parts[i].size()
	}
	all := make([]byte, room+sized.Len())
	text, out := all[room:], all[:0]
	if _, err := io.ReadFull(stream, text); err != nil {
		return nil, errors.Join(ErrBody, err)
	}
	var put [maxParts]bool
	for range b.parts {
		before, rest, ok := bytes.Cut(text, open)
		if !ok {
			return nil, ErrBody
		}
		digits, rest, ok := bytes.Cut(rest, end)
		i, err := strconv.Atoi(string(digits))
		if !ok || err != nil || i < 0 || i >= len(b.parts) || put[i] {
			return nil, ErrBody
		}
		put[i] = true
		if b.parts[i].open != "" {
			var opens, ends bool
			before, opens = bytes.CutSuffix(before, []byte(deleteOpen))
			rest, ends = bytes.CutPrefix(rest, []byte(requestEnd))
			if !opens || !ends {
				return nil, ErrBody
			}
		}
		out = b.parts[i].append(append(out, before...))
		text = rest
	}
	if bytes.Contains(text, name) {
		return nil, ErrBody
	}
	return append(out, text...), nil
}
