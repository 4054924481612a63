package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// ErrChecksum is the sentinel of an answer whose body does not match the CRC32
// that DynamoDB sent with it. The SDK retries such reads. Without the header
// X-Amz-Crc32 nothing is checked.
var ErrChecksum = errors.New("the answer does not match its checksum")

// A ChecksumError is [ErrChecksum] for one operation.
type ChecksumError struct {
	Operation string
	Err       error // what the SDK's check said
}

// Error names the operation.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("%s: the answer does not match its checksum", e.Operation)
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

var bodies = sync.Pool{New: func() any { return new(room) }}

// A room is memory for a body, and what bounds the reading of it.
type room struct {
	bytes.Buffer

	bound io.LimitedReader
}

// ReadAll reads the body of an answer of so many bytes, -1 if that is not known,
// into memory that release takes back. What was read comes beside an error, which
// is [ErrAnswer] of more than an answer with most bytes of items can have.
func ReadAll(body io.Reader, length int64, most int) (text []byte, release func(), err error) {
	longest := int64(most)*inflation + around
	buf := bodies.Get().(*room)
	buf.Reset()
	release = func() {
		buf.bound.R = nil
		if buf.Cap() <= maxPooled {
			bodies.Put(buf)
		}
	}
	if length > longest {
		return nil, release, errLong
	}
	buf.Grow(int(min(max(length+bytes.MinRead, firstBody), maxPooled)))
	buf.bound = io.LimitedReader{R: body, N: longest + 1}
	if _, err = buf.ReadFrom(&buf.bound); err == nil && buf.bound.N <= 0 {
		return nil, release, errLong
	}
	return buf.Bytes(), release, err
}

// Whole returns a body that is there, and that ends in err if that is not nil.
func Whole(text []byte, err error) io.ReadCloser {
	w := wholeOf(text, err)
	return &w
}

func wholeOf(text []byte, err error) whole { return whole{*bytes.NewReader(text), err} }

type whole struct {
	bytes.Reader

	err error
}

// Read returns what is there, and then the error.
func (w *whole) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if errors.Is(err, io.EOF) && w.err != nil {
		err = w.err
	}
	return n, err
}

// WriteTo does what Read does.
func (w *whole) WriteTo(to io.Writer) (int64, error) {
	n, err := w.Reader.WriteTo(to)
	return n, errors.Join(err, w.err)
}

// Close does nothing.
func (w *whole) Close() error { return nil }

// Split moves the items of an answer into the sink and returns the rest of it, or
// the answer itself and false where it can't be split.
func (s *Sink) Split(body []byte) (rest []byte, ok bool) {
	s.Reset()
	rest, err := s.split(body)
	if err == nil {
		s.used = true
		return rest, true
	}
	s.Reset()
	if !errors.Is(err, codec.ErrSyntax) {
		s.used, s.err = true, err
	}
	return body, false
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
