package wire

import (
	"bytes"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
)

// A cargo is what the options of a call carry. It asks the options themselves, in
// the place of a logger.
type cargo struct {
	sink    *Sink
	body    *Body
	found   int
	options dynamodb.Options
}

// Logf does nothing.
func (*cargo) Logf(logging.Classification, string, ...any) {}

var cargos = sync.Pool{New: func() any { return new(cargo) }}

// CargoOf returns the sink and the body that options carry, nil where they have
// none, for what sends requests without the SDK's middleware; false if they carry
// something else, which the SDK must see.
func CargoOf(opts []func(*dynamodb.Options)) (sink *Sink, body *Body, ok bool) {
	if len(opts) == 0 {
		return nil, nil, true
	}
	c := cargos.Get().(*cargo)
	c.options.Logger = c
	for _, opt := range opts {
		opt(&c.options)
	}
	sink, body, ok = c.sink, c.body, c.found == len(opts)
	*c = cargo{}
	cargos.Put(c)
	return sink, body, ok
}

// Write returns the body of a request, text, with the items and keys in the place
// of what stands for them. It is [ErrBody] if they can't be put there.
func (b *Body) Write(text []byte) ([]byte, error) { return b.splice(bytes.NewReader(text)) }

type bytesKey struct{}

// SetBytes notes in the metadata of an answer how many bytes its body had.
func SetBytes(meta *middleware.Metadata, n int) { meta.Set(bytesKey{}, n) }

// Bytes returns how many bytes were noted; false if none were.
func Bytes(meta middleware.Metadata) (n int, ok bool) {
	n, ok = meta.Get(bytesKey{}).(int)
	return n, ok
}
