package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrAnswer is the sentinel of an answer that DynamoDB can't have given: it is
// longer, of more members or nested deeper than what is stored there can be.
var ErrAnswer = errors.New("wire: no answer of DynamoDB")

var (
	errLong    = fmt.Errorf("%w: its body is too long", ErrAnswer)
	errMembers = fmt.Errorf("%w: it has too many members", ErrAnswer)
	errNested  = fmt.Errorf("%w: it is nested too deeply", ErrAnswer)
)

const (
	// inflation is how many bytes of JSON stand for one that is stored, at most: a
	// number such as 1E125 in a list takes 3 bytes there and 135 in an answer.
	inflation = 48
	// around is what lies about the items of an answer, at most.
	around = 64 << 10
	// nesting bounds the objects and arrays around a value: DynamoDB stores 32
	// levels, of two each, and an answer adds a few.
	nesting = 128
)

// Limit returns how many bytes of items an answer to an operation holds at most.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
func Limit(operation string) int {
	const item, page = 400 << 10, 1 << 20
	switch operation {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem":
		return item
	case "TransactGetItems", "TransactWriteItems":
		return 4 * page
	case "BatchGetItem", "BatchWriteItem":
		return 16 * page
	}
	return page + item
}

// Open takes the items out of the body of an answer with most bytes of items, into
// sink if that is not nil, and returns the rest, which the SDK's reader may be given,
// and whether sink has them. It is [ErrAnswer] of a body that would cost too much:
// the reader behind it calls itself for each level, and makes a value of each member.
func Open(text []byte, most int, sink *Sink) (rest []byte, split bool, err error) {
	most += around
	var deepest, members int
	if len(text) > most && bytes.Count(text, []byte(",")) > most {
		if deepest, members = measure(text); members > most {
			return nil, false, errMembers
		}
	}
	if sink != nil {
		if rest, split = sink.Split(text); split {
			return rest, true, nil
		}
	}
	if deepest == 0 {
		deepest, _ = measure(text)
	}
	if deepest > nesting {
		return nil, false, errNested
	}
	return text, false, nil
}

// measure returns how deep a JSON text is nested and how many commas are in it,
// outside of strings.
func measure(text []byte) (deepest, commas int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		case c == ',':
			commas++
		}
	}
	return deepest, commas
}

// Guard is an option of a call, behind those of a [Sink], that refuses what is no
// answer of DynamoDB before the SDK reads it: the SDK takes a body of any length
// and any depth, up to the end of its memory and its stack. A body that does not
// match its checksum, of which the SDK only warns, is [ErrChecksum].
func Guard(o *dynamodb.Options) {
	if c, asked := o.Logger.(*cargo); asked {
		c.found++
		return
	}
	o.APIOptions = append(o.APIOptions, Guarded)
}

// Guarded puts the guard into the middleware of a call, of whichever client.
func Guarded(stack *middleware.Stack) error {
	// Without that anchor the answer is the SDK's alone.
	_ = stack.Deserialize.Insert(guard{}, "OperationDeserializer", middleware.After)
	return nil
}

type guard struct{}

// ID returns the name of the middleware.
func (guard) ID() string { return "DynarepoGuard" }

// HandleDeserialize looks at the answer that next gives, unless a sink has.
func (guard) HandleDeserialize(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if err != nil {
		return out, metadata, err
	}
	return out, metadata, receive(ctx, out.RawResponse, nil)
}

// seen is a body that was looked at.
type seen struct{ whole }

// receive reads an answer, moves its items into sink, if there is one, and leaves
// the rest to the SDK.
func receive(ctx context.Context, raw any, sink *Sink) error {
	resp, ok := raw.(*smithyhttp.Response)
	if !ok || resp.Body == nil {
		return nil
	}
	if _, ok := resp.Body.(*seen); ok {
		return nil
	}
	op := awsmiddleware.GetOperationName(ctx)
	text, release, broken := ReadAll(resp.Body, resp.ContentLength, Limit(op))
	closeErr := resp.Body.Close()
	resp.Body = http.NoBody // the SDK reads on to the end of what failed, however far that is
	if errors.Is(broken, ErrAnswer) {
		return broken
	}
	success := resp.StatusCode/100 == 2
	if success && broken == nil && closeErr != nil && resp.Header.Get("X-Amz-Crc32") != "" {
		return &ChecksumError{Operation: op, Err: closeErr}
	}
	if !success || broken != nil { // of which the SDK tells
		sink = nil
	}
	rest, split, err := Open(text, Limit(op), sink)
	if err != nil {
		return err
	}
	resp.Body = &seen{wholeOf(rest, broken)}
	if split {
		resp.ContentLength = int64(len(text)) // of what was read: nobody reads on by it
		release()
	}
	return nil
}
