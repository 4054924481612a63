package codec

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// A token tells the type of an attribute value on the wire.
type token byte

const (
	tokS    token = 'S'
	tokN    token = 'N'
	tokB    token = 'B'
	tokBOOL token = 'T'
	tokNULL token = '0'
	tokM    token = 'M'
	tokL    token = 'L'
	tokSS   token = 's'
	tokNS   token = 'n'
	tokBS   token = 'b'
)

func (t token) name() string {
	switch t {
	case tokBOOL:
		return "BOOL"
	case tokNULL:
		return "NULL"
	case tokSS:
		return "SS"
	case tokNS:
		return "NS"
	case tokBS:
		return "BS"
	}
	return string(rune(t))
}

// elem is the type of a set's elements; 0 for what is no set.
func (t token) elem() token {
	switch t {
	case tokSS:
		return tokS
	case tokNS:
		return tokN
	case tokBS:
		return tokB
	}
	return 0
}

// scanner reads JSON from front to back.
type scanner struct {
	data []byte
	pos  int
	text []byte // the last string that had escapes
	raw  []byte // the last base64 that was decoded
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// take skips white space and c, and reports whether c was there.
func (s *scanner) take(c byte) bool {
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return s.takeNext(c)
}

func (s *scanner) takeNext(c byte) bool {
	s.space()
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// at reports whether c stands right here.
func (s *scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

// prefix skips p if it stands right here.
func (s *scanner) prefix(p string) bool {
	if end := s.pos + len(p); end <= len(s.data) && string(s.data[s.pos:end]) == p {
		s.pos = end
		return true
	}
	return false
}

// str reads a JSON string. The bytes are valid until the next call.
func (s *scanner) str() ([]byte, error) {
	if !s.take('"') {
		return nil, ErrSyntax
	}
	start := s.pos
	end := plainEnd(s.data, start)
	if end < len(s.data) && s.data[end] == '"' {
		s.pos = end + 1
		return s.data[start:end], nil
	}
	return s.hard(start, end)
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainEnd returns where the first byte from i on is that is a quote, a
// backslash, a control character or not ASCII.
func plainEnd(data []byte, i int) int {
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		quote := x ^ ones*'"'
		slash := x ^ ones*'\\'
		// The lowest bit that is set is exact, whatever borrows do above.
		if m := (x | (x - ones*' ') | (quote - ones) | (slash - ones)) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(data) {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
		i++
	}
	return i
}

// hard reads a string that is not plain from i on.
func (s *scanner) hard(start, i int) ([]byte, error) {
	for i < len(s.data) {
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			if !utf8.Valid(s.data[start:i]) {
				return nil, ErrText
			}
			return s.data[start:i], nil
		case c == '\\':
			return s.escaped(start, i)
		case c < ' ':
			return nil, ErrSyntax
		default:
			i++
		}
	}
	return nil, ErrSyntax
}

func (s *scanner) escaped(start, i int) ([]byte, error) {
	out := s.text[:0]
	out = append(out, s.data[start:i]...)
	for i < len(s.data) {
		c := s.data[i]
		i++
		switch {
		case c == '"':
			s.pos, s.text = i, out
			if !utf8.Valid(out) {
				return nil, ErrText
			}
			return out, nil
		case c < ' ':
			return nil, ErrSyntax
		case c != '\\':
			out = append(out, c)
			continue
		}
		if i == len(s.data) {
			return nil, ErrSyntax
		}
		c = s.data[i]
		i++
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := s.hex(i)
			if !ok {
				return nil, ErrSyntax
			}
			i += 4
			if utf16.IsSurrogate(r) {
				// A half of a pair alone becomes U+FFFD, as in encoding/json.
				low, ok := rune(0), false
				if i+1 < len(s.data) && s.data[i] == '\\' && s.data[i+1] == 'u' {
					low, ok = s.hex(i + 2)
				}
				if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return nil, ErrSyntax
		}
	}
	return nil, ErrSyntax
}

func (s *scanner) hex(i int) (rune, bool) {
	if i+4 > len(s.data) {
		return 0, false
	}
	var r rune
	for _, c := range s.data[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// bytes reads a base64 string. The bytes are valid until the next call.
func (s *scanner) bytes() ([]byte, error) {
	text, err := s.str()
	if err != nil {
		return nil, err
	}
	s.raw, err = base64.StdEncoding.AppendDecode(s.raw[:0], text)
	if err != nil {
		return nil, ErrSyntax
	}
	return s.raw, nil
}

func (s *scanner) boolean() (bool, error) {
	s.space()
	switch {
	case s.prefix("true"):
		return true, nil
	case s.prefix("false"):
		return false, nil
	}
	return false, ErrSyntax
}

// open reads the begin of an attribute value, such as {"S":, up to the colon.
func (s *scanner) open() (token, error) {
	if !s.take('{') {
		return 0, ErrSyntax
	}
	name, err := s.str()
	if err != nil {
		return 0, err
	}
	var t token
	switch string(name) {
	case "S", "N", "B", "M", "L":
		t = token(name[0])
	case "BOOL":
		t = tokBOOL
	case "NULL":
		t = tokNULL
	case "SS":
		t = tokSS
	case "NS":
		t = tokNS
	case "BS":
		t = tokBS
	default:
		return 0, ErrSyntax
	}
	if !s.take(':') {
		return 0, ErrSyntax
	}
	return t, nil
}

// more reads what follows an element: a comma, or the end of the list.
func (s *scanner) more(end byte) (bool, error) {
	if !s.at(',') && !s.at(end) {
		s.space()
	}
	switch {
	case s.at(','):
		s.pos++
		return true, nil
	case s.at(end):
		s.pos++
		return false, nil
	}
	return false, ErrSyntax
}

// skip passes over any JSON value, depth levels deep at most.
func (s *scanner) skip(depth int) error {
	if depth < 0 {
		return ErrDepth
	}
	s.space()
	if s.pos >= len(s.data) {
		return ErrSyntax
	}
	switch c := s.data[s.pos]; c {
	case '"':
		_, err := s.str()
		return err
	case '{', '[':
		s.pos++
		end := c + 2 // in ASCII, both
		if s.take(end) {
			return nil
		}
		for more := true; more; {
			if c == '{' {
				if _, err := s.str(); err != nil {
					return err
				}
				if !s.take(':') {
					return ErrSyntax
				}
			}
			err := s.skip(depth - 1)
			if err != nil {
				return err
			}
			if more, err = s.more(end); err != nil {
				return err
			}
		}
		return nil
	default:
		return s.literal()
	}
}

func (s *scanner) literal() error {
	start := s.pos
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '-' && c != '+' && c != '.' && c != 'E' {
			break
		}
		s.pos++
	}
	if !json.Valid(s.data[start:s.pos]) {
		return ErrSyntax
	}
	return nil
}
