package wire

import (
	"bytes"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
)

// A Cargo is what the options of a call carry, nil where they have none of a kind.
type Cargo struct {
	Sink     *Sink
	Body     *Body
	Attempts *Attempts
}

// A cargo asks the options what they carry, in the place of a logger.
type cargo struct {
	Cargo

	found   int
	options dynamodb.Options
}

// Logf does nothing.
func (*cargo) Logf(logging.Classification, string, ...any) {}

var cargos = sync.Pool{New: func() any { return new(cargo) }}

// CargoOf returns what options carry, for what sends requests without the SDK's
// middleware; false if they carry something else, which the SDK must see.
func CargoOf(opts []func(*dynamodb.Options)) (carried Cargo, ok bool) {
	if len(opts) == 0 {
		return carried, true
	}
	c := cargos.Get().(*cargo)
	c.options.Logger = c
	for _, opt := range opts {
		opt(&c.options)
	}
	carried, ok = c.Cargo, c.found == len(opts)
	*c = cargo{}
	cargos.Put(c)
	return carried, ok
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
