package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrBody is the sentinel of a request that could not be written this way,
// since the SDK serializes it in a form that is not known here. Nothing was
// sent: the call can be made again with attribute values.
var ErrBody = errors.New("wire: the request's body is not as expected")

// placeholder is the attribute that stands for an item until it is written. It
// is in no table: a request that went out with it would be refused for want
// of the key.
var placeholder = "dynarepo-" + rand.Text()

// open and end are what stands around an item's number in the request.
var (
	open = []byte(`{"` + placeholder + `":{"N":"`)
	end  = []byte(`"}}`)
)

// maxItems is what TransactWriteItems takes, see
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html.
const maxItems = 100

// firstItem is the memory that a body begins with.
const firstItem = 1 << 10

// Direct reports whether client applies the options of a call for certain, so
// that its requests can be written by a [Body].
func Direct(client any) bool {
	_, ok := client.(*dynamodb.Client)
	return ok
}

// A Body holds the items of one PutItem, BatchWriteItem or TransactWriteItems,
// 100 at most, as JSON and writes them into the request. It serves one call; its memory is
// not used again, since the transport may read it after the answer.
type Body struct {
	text  []byte
	ends  []int  // where each item ends in text
	first [1]int // memory of ends for one item
}

// Add appends an item that encode appends to what it is given, such as
// codec.AppendItem does, and returns what to put in its place in the input. On
// an error, which is that of encode, the body is as before.
func (b *Body) Add(encode func(dst []byte) ([]byte, error)) (map[string]types.AttributeValue, error) {
	if b.text == nil {
		b.text = make([]byte, 0, firstItem)
		b.ends = b.first[:0]
	}
	text, err := encode(b.text)
	if err != nil {
		return nil, err
	}
	b.text = text
	b.ends = append(b.ends, len(text))
	return map[string]types.AttributeValue{
		placeholder: &types.AttributeValueMemberN{Value: strconv.Itoa(len(b.ends) - 1)},
	}, nil
}

// Size returns the length of the i-th item's JSON, in bytes. It is never less
// than the size that DynamoDB counts (rule F9).
func (b *Body) Size(i int) int { return len(b.item(i)) }

func (b *Body) item(i int) []byte {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.text[start:b.ends[i]]
}

// Option returns the option to pass to the call. The call fails with [ErrBody]
// before anything is sent if the items can't be put where they belong.
func (b *Body) Option() func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			if stack.Serialize.Insert((*putter)(b), "OperationSerializer", middleware.After) != nil {
				return ErrBody
			}
			return nil
		})
	}
}

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

// splice returns what stream holds with every item in the place of its
// placeholder.
func (b *Body) splice(stream io.Reader) ([]byte, error) {
	sized, ok := stream.(interface{ Len() int })
	if !ok || len(b.ends) > maxItems {
		return nil, ErrBody
	}
	// The text lies at the end of the memory that the result grows into, which
	// can't overtake it: every item stands once, and all fit in front.
	all := make([]byte, len(b.text)+sized.Len())
	text, out := all[len(b.text):], all[:0]
	if _, err := io.ReadFull(stream, text); err != nil {
		return nil, errors.Join(ErrBody, err)
	}
	var put [maxItems]bool
	for range b.ends {
		before, rest, ok := bytes.Cut(text, open)
		if !ok {
			return nil, ErrBody
		}
		digits, rest, ok := bytes.Cut(rest, end)
		i, err := strconv.Atoi(string(digits))
		if !ok || err != nil || i < 0 || i >= len(b.ends) || put[i] {
			return nil, ErrBody
		}
		put[i] = true
		out = append(append(out, before...), b.item(i)...)
		text = rest
	}
	if bytes.Contains(text, []byte(placeholder)) {
		return nil, ErrBody
	}
	return append(out, text...), nil
}
