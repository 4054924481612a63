package iter

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/dynarepo/dynarepo/internal/place"
)

// A token is the unpadded base64url form (RFC 4648, section 5) of
//
//	version   1 byte
//	flags     1 byte: signed or not
//	digest    16 bytes of the SHA-256 of the binding
//	places    their number, then for each 0 (start), 1 (done) or 1 more than the
//	          number of its attributes, which follow: name, kind, data
//	signature 16 bytes of the HMAC-SHA256 of all the above, if signed
//
// Numbers are varints, strings have their length before them. Half of the
// HMAC is what RFC 2104, section 5 still recommends; it keeps tokens short.
const (
	tokenVersion = 1
	tokenSigned  = 1

	digestSize = 16
	macSize    = 16
	headSize   = 2 + digestSize

	// maxToken bounds what is parsed; real ones have some hundred bytes.
	maxToken = 64 << 10
	// maxAttributes is above the 10 of an index with 4 hash and 4 sort
	// attributes on a table with 2.
	maxAttributes = 16
)

// macLabel keeps a signature apart from any other use of the same key.
const macLabel = "dynarepo cursor\n"

// String returns the token of c: URL-safe text that [ParseCursor] takes, the
// same each time; "" for the zero Cursor.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	at := *c.at
	raw := at.raw
	if raw == nil {
		raw = at.encode()
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// MarshalText returns the token of c, as [Cursor.String] does, or a
// [*CursorError] if it is over 64 KiB, which takes hundreds
// of segments.
func (c Cursor) MarshalText() ([]byte, error) {
	token := c.String()
	if len(token) > maxToken {
		return nil, &CursorError{tooLong}
	}
	return []byte(token), nil
}

// UnmarshalText is [ParseCursor] into c, which it leaves alone on an error.
func (c *Cursor) UnmarshalText(text []byte) error {
	parsed, err := ParseCursor(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// ParseCursor returns the cursor of a token, the zero Cursor for "". It looks at
// the form alone: what is not exactly as [Cursor.String] writes it, or over
// 64 KiB, is a [*CursorError] (it is [ErrCursor]). Who signed it and what it
// belongs to is checked by [Cursor.Places].
func ParseCursor(token string) (Cursor, error) {
	if token == "" {
		return Cursor{}, nil
	}
	if len(token) > maxToken {
		return Cursor{}, &CursorError{tooLong}
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < headSize {
		return Cursor{}, &CursorError{malformed}
	}
	if raw[0] != tokenVersion {
		return Cursor{}, &CursorError{otherVersion}
	}
	if raw[1]&^tokenSigned != 0 || raw[1] == tokenSigned && len(raw) < headSize+macSize {
		return Cursor{}, &CursorError{malformed}
	}
	body := split(raw).places
	places, ok := decodePlaces(body)
	// Writing it again finds every other spelling of the same: line breaks and
	// stray bits in the base64, long varints, bytes that trail.
	if !ok || !bytes.Equal(appendPlaces(nil, places), body) || base64.RawURLEncoding.EncodeToString(raw) != token {
		return Cursor{}, &CursorError{malformed}
	}
	at := &position{places: places, raw: raw}
	return Cursor{&at}, nil
}

// parts are the parts of a raw token.
type parts struct {
	signed []byte // all but the signature
	digest [digestSize]byte
	places []byte
	mac    []byte // nil if there is none
}

// split cuts a raw token whose sizes were checked.
func split(raw []byte) parts {
	p := parts{signed: raw, digest: [digestSize]byte(raw[2:])}
	if raw[1] == tokenSigned {
		p.signed, p.mac = raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	}
	p.places = p.signed[headSize:]
	return p
}

// signedBy reports whether key made the signature.
func (p parts) signedBy(key []byte) bool {
	return len(key) > 0 && hmac.Equal(p.mac, sign(nil, key, p.signed))
}

// sign appends the signature of msg to b.
func sign(b, key, msg []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(macLabel))
	h.Write(msg)
	var sum [sha256.Size]byte
	return append(b, h.Sum(sum[:0])[:macSize]...)
}

// encode returns the raw token of a cursor made here.
func (at *position) encode() []byte {
	size := headSize + macSize + binary.MaxVarintLen64
	for _, p := range at.places {
		size++
		for _, v := range p.Key {
			size += len(v.Name) + len(v.Data) + 5
		}
	}
	digest := digest(at.binding)
	raw := append(make([]byte, 0, size), tokenVersion, 0)
	raw = appendPlaces(append(raw, digest[:]...), at.places)
	if len(at.key) > 0 {
		raw[1] = tokenSigned
		raw = sign(raw, at.key, raw)
	}
	return raw
}

// digest returns what stands for the binding in a token.
func digest(b place.Binding) [digestSize]byte {
	buf := make([]byte, 0, 128)
	for _, s := range []string{b.Table, b.Index, b.Partition} {
		buf = appendString(buf, s)
	}
	if b.Descending {
		buf = append(buf, 1)
	} else {
		buf = append(buf, 0)
	}
	buf = binary.AppendUvarint(buf, uint64(b.Segments))
	if b.Segment > 0 {
		buf = binary.AppendUvarint(buf, uint64(b.Segment))
	}
	sum := sha256.Sum256(buf)
	return [digestSize]byte(sum[:])
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendPlaces(b []byte, places []place.Place) []byte {
	b = binary.AppendUvarint(b, uint64(len(places)))
	for _, p := range places {
		switch {
		case p.Done:
			b = append(b, 1)
		case p.Key == nil:
			b = append(b, 0)
		default:
			b = binary.AppendUvarint(b, uint64(len(p.Key))+1)
		}
		for _, v := range p.Key {
			b = append(appendString(b, v.Name), v.Kind)
			b = appendString(b, v.Data)
		}
	}
	return b
}

// decodePlaces reads places off the front of b; ok is false if there are none.
func decodePlaces(b []byte) (places []place.Place, ok bool) {
	r := reader{rest: b}
	// A place has a byte at least, so the count is bounded before it is allocated.
	places = make([]place.Place, r.count(len(b)))
	for i := range places {
		switch n := r.count(maxAttributes + 1); n {
		case 0:
		case 1:
			places[i].Done = true
		default:
			places[i].Key = make([]place.Value, n-1)
		}
		for j := range places[i].Key {
			v := place.Value{Name: r.string(), Kind: r.byte(), Data: r.string()}
			known := slices.ContainsFunc(places[i].Key[:j], func(u place.Value) bool { return u.Name == v.Name })
			r.bad = r.bad || known || v.Name == "" || v.Kind != 'S' && v.Kind != 'N' && v.Kind != 'B'
			places[i].Key[j] = v
		}
	}
	return places, !r.bad && len(places) > 0
}

// reader takes values off the front of rest. Once bad, it gives zero values.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) count(most int) int {
	n, size := binary.Uvarint(r.rest)
	if r.bad || size <= 0 || n > uint64(most) {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

func (r *reader) bytes(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) string() string { return string(r.bytes(r.count(len(r.rest)))) }

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}
