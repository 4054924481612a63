package wire

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// A Cargo is what the options of a call carry, for what sends requests without
// the SDK's middleware. It asks the options themselves, in the place of a logger.
type Cargo struct {
	Sink *Sink // nil if the call has none
	Body *Body // nil if the call has none

	found   int
	options dynamodb.Options
}

// Logf does nothing.
func (*Cargo) Logf(logging.Classification, string, ...any) {}

var cargos = sync.Pool{New: func() any { return new(Cargo) }}

// CargoOf returns the sink and the body that options carry; false if they carry
// something else, which the SDK must see.
func CargoOf(opts []func(*dynamodb.Options)) (sink *Sink, body *Body, ok bool) {
	if len(opts) == 0 {
		return nil, nil, true
	}
	c := cargos.Get().(*Cargo)
	c.options.Logger = c
	for _, opt := range opts {
		opt(&c.options)
	}
	sink, body, ok = c.Sink, c.Body, c.found == len(opts)
	*c = Cargo{}
	cargos.Put(c)
	return sink, body, ok
}

// Write returns the body of a request, text, with the items and keys in the place
// of what stands for them. It is [ErrBody] if they can't be put there.
func (b *Body) Write(text []byte) ([]byte, error) {
	if b == nil {
		return text, nil
	}
	return b.splice(bytes.NewReader(text))
}

// Split moves the items of an answer into the sink and returns the rest of it. It
// is the answer itself where it is in a form that is not known here.
func (s *Sink) Split(body []byte) (rest []byte) {
	s.Reset()
	rest, err := s.split(body)
	if err == nil {
		s.used = true
		return rest
	}
	s.Reset()
	if !errors.Is(err, codec.ErrSyntax) {
		s.used, s.err = true, err
	}
	return body
}

// ReadAll reads the body of an answer of so many bytes, -1 if that is not known,
// into memory that release takes back. What was read comes beside an error.
func ReadAll(body io.Reader, length int64) (text []byte, release func(), err error) {
	buf := bodies.Get().(*bytes.Buffer)
	buf.Reset()
	buf.Grow(int(min(max(length+bytes.MinRead, firstBody), maxPooled)))
	_, err = buf.ReadFrom(body)
	return buf.Bytes(), func() {
		if buf.Cap() <= maxPooled {
			bodies.Put(buf)
		}
	}, err
}

type bytesKey struct{}

// SetBytes notes in the metadata of an answer how many bytes its body had.
func SetBytes(meta *middleware.Metadata, n int) { meta.Set(bytesKey{}, n) }

// Bytes returns how many bytes were noted; false if none were.
func Bytes(meta middleware.Metadata) (n int, ok bool) {
	n, ok = meta.Get(bytesKey{}).(int)
	return n, ok
}
