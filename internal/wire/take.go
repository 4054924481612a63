package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// ErrChecksum is the sentinel of an answer whose body does not match the CRC32
// that DynamoDB sent with it. The SDK retries such reads. Without the header
// X-Amz-Crc32 nothing is checked.
var ErrChecksum = errors.New("wire: the answer does not match its checksum")

// A ChecksumError is [ErrChecksum] for one operation.
type ChecksumError struct {
	Operation string
	Err       error // what the SDK's check said
}

// Error names the operation.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("wire: %s: the answer does not match its checksum", e.Operation)
}

// Unwrap returns [ErrChecksum] and the SDK's error.
func (e *ChecksumError) Unwrap() []error { return []error{ErrChecksum, e.Err} }

// RetryableError tells the SDK's retryer to send reads again. Writes are not,
// since they had their effect.
func (e *ChecksumError) RetryableError() bool {
	switch e.Operation {
	case "GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems":
		return true
	}
	return false
}

const (
	firstBody = 16 << 10 // when the length is not known
	maxPooled = 2 << 20  // a page is 1 MB and its JSON little more
)

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// take moves the items of an answer into s and leaves the rest to the SDK.
func (s *Sink) take(ctx context.Context, raw any) error {
	resp, ok := raw.(*smithyhttp.Response)
	if !ok || resp.StatusCode/100 != 2 || resp.Body == nil {
		return nil
	}
	buf := bodies.Get().(*bytes.Buffer)
	buf.Reset()
	buf.Grow(int(min(max(resp.ContentLength+bytes.MinRead, firstBody), maxPooled)))
	_, err := buf.ReadFrom(resp.Body)
	if err != nil {
		// A body that breaks off is the SDK's to report.
		resp.Body = &broken{Reader: bytes.NewReader(buf.Bytes()), err: err, Closer: resp.Body}
		return nil
	}
	if err := resp.Body.Close(); err != nil && resp.Header.Get("X-Amz-Crc32") != "" {
		return &ChecksumError{Operation: awsmiddleware.GetOperationName(ctx), Err: err}
	}
	rest, err := s.split(buf.Bytes())
	if err != nil {
		s.Reset()
		if !errors.Is(err, codec.ErrSyntax) {
			s.used, s.err = true, err
		}
		resp.Body = newWhole(buf.Bytes()) // the buffer is the SDK's now
		return nil
	}
	s.used = true
	resp.Body = newWhole(rest)
	resp.ContentLength = int64(buf.Len()) // of what was read: nobody reads on by it
	if buf.Cap() <= maxPooled {
		bodies.Put(buf)
	}
	return nil
}

// whole is a body that is there.
type whole struct{ bytes.Reader }

func newWhole(text []byte) *whole {
	var w whole
	w.Reset(text)
	return &w
}

// Close does nothing.
func (w *whole) Close() error { return nil }

// broken is a body that ends in an error.
type broken struct {
	*bytes.Reader
	io.Closer

	err error
}

// Read returns what was read before the error, and then the error.
func (b *broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

// WriteTo does what Read does.
func (b *broken) WriteTo(w io.Writer) (int64, error) {
	n, err := b.Reader.WriteTo(w)
	return n, errors.Join(err, b.err)
}

// splitter copies a body without its items.
type splitter struct {
	sink *Sink
	body []byte
	rest []byte
	done int // how much of body is in rest, or was left out
	hint int // of Count
}

// split decodes the items in body and returns the rest. An error means that
// body can't be split; one that concerns an item only is kept in s.
func (s *Sink) split(body []byte) ([]byte, error) {
	p := splitter{sink: s, body: body, rest: make([]byte, 0, 256)}
	end, err := codec.WalkObject(body, 0, p.member)
	if err != nil {
		return nil, err
	}
	if !codec.Rest(body, end) {
		return nil, codec.ErrSyntax
	}
	if s.err != nil {
		s.each((*codec.Page).Reset)
	}
	return append(p.rest, body[p.done:]...), nil
}

func (p *splitter) member(name []byte, at int) (int, error) {
	s := p.sink
	switch string(name) {
	case "Count":
		p.hint = codec.Integer(p.body, at)
	case "Items":
		if s.items != nil && p.opens(at, '[') {
			return p.array(s.items, at)
		}
	case "Item", "Attributes":
		if s.items != nil && p.opens(at, '{') {
			return p.object(s.items, at)
		}
	case "Responses":
		switch {
		case s.tables != nil && p.opens(at, '{'):
			return codec.WalkObject(p.body, at, func(name []byte, at int) (int, error) {
				if page := s.tables[string(name)]; page != nil && p.opens(at, '[') {
					return p.array(page, at)
				}
				return 0, nil
			})
		case s.codecs != nil && p.opens(at, '['):
			return codec.WalkArray(p.body, at, p.position)
		}
	}
	return 0, nil
}

func (p *splitter) position(i, at int) (int, error) {
	s := p.sink
	if i >= len(s.codecs) || !p.opens(at, '{') {
		return 0, codec.ErrSyntax
	}
	return codec.WalkObject(p.body, at, func(name []byte, at int) (int, error) {
		if string(name) != "Item" || !p.opens(at, '{') {
			return 0, nil
		}
		page := s.pages[s.codecs[i]]
		n, err := page.Object(p.body[at:])
		switch {
		case err == nil:
			s.places[i].at = page.Len() - 1
		case !errors.Is(err, codec.ErrSyntax):
			s.places[i].err = err
			end, err := codec.SkipValue(p.body, at)
			return p.leaveOut(at, end-at, "{}", err)
		}
		return p.leaveOut(at, n, "{}", err)
	})
}

func (p *splitter) opens(at int, c byte) bool { return at < len(p.body) && p.body[at] == c }

func (p *splitter) array(page *codec.Page, at int) (int, error) {
	n, err := page.Array(p.body[at:], p.hint)
	return p.leaveOut(at, n, "[]", err)
}

func (p *splitter) object(page *codec.Page, at int) (int, error) {
	n, err := page.Object(p.body[at:])
	return p.leaveOut(at, n, "{}", err)
}

// leaveOut puts empty in place of the n bytes that were decoded, or that could
// not be.
func (p *splitter) leaveOut(at, n int, empty string, err error) (int, error) {
	end := at + n
	if err != nil {
		if errors.Is(err, codec.ErrSyntax) {
			return 0, err
		}
		p.sink.err = errors.Join(p.sink.err, err)
		if end, err = codec.SkipValue(p.body, at); err != nil {
			return 0, err
		}
	}
	p.rest = append(append(p.rest, p.body[p.done:at]...), empty...)
	p.done = end
	return end, nil
}
