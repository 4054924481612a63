package iter_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/place"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Every byte of a signed token counts.
func TestCursorFlipped(t *testing.T) {
	t.Parallel()
	token := dyniter.NewCursor(door.Key{}, binding, newKeys, stored, place.Place{Done: true}).String()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	b := binding
	b.Segments = 2
	for i := range raw {
		for bit := range 8 {
			flipped := append([]byte(nil), raw...)
			flipped[i] ^= 1 << bit
			assert.Error(t, use(base64.RawURLEncoding.EncodeToString(flipped), b, newKeys), "byte %d, bit %d", i, bit)
		}
	}
	for i := range token {
		for _, char := range []byte("Aa0-_=+/\n ") {
			if token[i] != char {
				changed := token[:i] + string(char) + token[i+1:]
				assert.Error(t, use(changed, b, newKeys), "character %d is %q", i, char)
			}
		}
	}
}

// use parses a token and takes its places.
func use(token string, b place.Binding, keys [][]byte) error {
	c, err := dyniter.ParseCursor(token)
	if err == nil {
		_, err = c.Places(door.Key{}, b, keys)
	}
	return err
}

func TestParseCursorMalformed(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("d", 16)
	tests := map[string]struct {
		raw    string
		reason string
	}{
		"one byte":                 {"\x01", "malformed token"},
		"no places":                {"\x01\x00" + digest, "malformed token"},
		"zero places":              {"\x01\x00" + digest + "\x00", "malformed token"},
		"version":                  {"\x02\x00" + digest + "\x01\x00", "unknown version of token"},
		"flags":                    {"\x01\x02" + digest + "\x01\x00", "malformed token"},
		"signature cut":            {"\x01\x01" + digest + "\x01\x00", "malformed token"},
		"fewer places":             {"\x01\x00" + digest + "\x02\x00", "malformed token"},
		"trailing byte":            {"\x01\x00" + digest + "\x01\x00\x00", "malformed token"},
		"count beyond the token":   {"\x01\x00" + digest + "\xff\xff\xff\xff\x0f\x00", "malformed token"},
		"count beyond 64 bits":     {"\x01\x00" + digest + strings.Repeat("\xff", 12), "malformed token"},
		"long varint":              {"\x01\x00" + digest + "\x81\x00\x00", "malformed token"},
		"too many attributes":      {"\x01\x00" + digest + "\x01\x12" + attributes(17), "malformed token"},
		"name cut":                 {"\x01\x00" + digest + "\x01\x02\x05ab", "malformed token"},
		"no name":                  {"\x01\x00" + digest + "\x01\x02\x00S\x01x", "malformed token"},
		"kind missing":             {"\x01\x00" + digest + "\x01\x02\x01a", "malformed token"},
		"kind of no key":           {"\x01\x00" + digest + "\x01\x02\x01aM\x01x", "malformed token"},
		"the same attribute twice": {"\x01\x00" + digest + "\x01\x03\x01aS\x01x\x01aS\x01y", "malformed token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := dyniter.ParseCursor(base64.RawURLEncoding.EncodeToString([]byte(tt.raw)))
			assert.True(t, c.IsZero())
			requireReason(t, err, tt.reason)
		})
	}
}

// attributes returns n attributes of different names, as they stand in a token.
func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("\x01" + string(rune('a'+i)) + "S\x00")
	}
	return b.String()
}

// TestTokenForm holds tokens to the form that their version promises, byte for
// byte: what clients keep must stay good.
func TestTokenForm(t *testing.T) {
	t.Parallel()
	digest := sha256.Sum256([]byte("\x06scores\x08user_idx\x01p\x01\x03"))
	unsigned := "\x01\x00" + string(digest[:16]) + "\x03\x00\x01\x03\x02idS\x01a\x01nN\x0242"
	signed := "\x01\x01" + unsigned[2:]
	mac := hmac.New(sha256.New, newKey)
	mac.Write([]byte("dynarepo cursor\n" + signed))
	signed += string(mac.Sum(nil)[:16])

	b := place.Binding{Table: "scores", Index: "user_idx", Partition: "p", Descending: true, Segments: 3}
	places := []place.Place{{}, {Done: true}, {Key: []place.Value{
		{Name: "id", Kind: 'S', Data: "a"},
		{Name: "n", Kind: 'N', Data: "42"},
	}}}
	assert.Equal(t, base64.RawURLEncoding.EncodeToString([]byte(unsigned)), dyniter.NewCursor(door.Key{}, b, nil, places...).String())
	assert.Equal(t, base64.RawURLEncoding.EncodeToString([]byte(signed)), dyniter.NewCursor(door.Key{}, b, newKeys, places...).String())

	most := "\x01\x00" + string(digest[:16]) + "\x01\x11" + attributes(16)
	_, err := dyniter.ParseCursor(base64.RawURLEncoding.EncodeToString([]byte(most)))
	require.NoError(t, err)
}

// Anyone can sign with an empty key, which a setting left out may give.
func TestCursorForgedWithEmptyKey(t *testing.T) {
	t.Parallel()
	raw := must(base64.RawURLEncoding.DecodeString(dyniter.NewCursor(door.Key{}, binding, newKeys, stored).String()))
	raw = raw[:len(raw)-16]
	mac := hmac.New(sha256.New, nil)
	mac.Write(append([]byte("dynarepo cursor\n"), raw...))
	forged := base64.RawURLEncoding.EncodeToString(append(raw, mac.Sum(nil)[:16]...))
	requireReason(t, use(forged, binding, [][]byte{{}}), "signature is by none of the keys")
	requireReason(t, use(forged, binding, [][]byte{newKey, nil}), "signature is by none of the keys")
}

func TestParseCursorText(t *testing.T) {
	t.Parallel()
	token := dyniter.NewCursor(door.Key{}, binding, nil, stored).String()
	require.NotZero(t, len(token)%4, "the fixture wants stray bits")
	last := token[len(token)-1]
	for name, text := range map[string]string{
		"padded":          token + "=",
		"line break":      token[:5] + "\n" + token[5:],
		"carriage return": token + "\r",
		"space":           " " + token,
		"stray bits":      token[:len(token)-1] + string(last+1),
		"other alphabet":  "+/" + token[2:],
		"cut":             token[:len(token)-1],
		"not base64":      "hello, world",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := dyniter.ParseCursor(text)
			assert.True(t, c.IsZero())
			requireReason(t, err, "malformed token")
		})
	}
}

func TestCursorTooLong(t *testing.T) {
	t.Parallel()
	b := place.Binding{Table: "t", Segments: 1000}
	places := make([]place.Place, b.Segments)
	for i := range places {
		places[i] = place.Place{Key: []place.Value{{Name: "id", Kind: 'S', Data: strings.Repeat("x", 60)}}}
	}
	c := dyniter.NewCursor(door.Key{}, b, nil, places...)
	_, err := c.MarshalText()
	requireReason(t, err, "token too long")
	_, err = dyniter.ParseCursor(c.String())
	requireReason(t, err, "token too long")
	got, err := c.Places(door.Key{}, b, nil)
	require.NoError(t, err, "it is good in this process")
	assert.Equal(t, places, got)
}

func TestCursorText(t *testing.T) {
	t.Parallel()
	type answer struct {
		Next dyniter.Cursor `json:"next,omitzero"`
	}
	c := dyniter.NewCursor(door.Key{}, binding, newKeys, stored)
	text, err := json.Marshal(answer{c})
	require.NoError(t, err)
	assert.JSONEq(t, `{"next":"`+c.String()+`"}`, string(text))
	var back answer
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, c.String(), back.Next.String())

	text, err = json.Marshal(answer{})
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(text))

	require.ErrorIs(t, back.Next.UnmarshalText([]byte("?")), dyniter.ErrCursor)
	assert.Equal(t, c.String(), back.Next.String(), "an error leaves it alone")
	require.NoError(t, back.Next.UnmarshalText(nil))
	assert.True(t, back.Next.IsZero())
}

// A page's cursor is made for each page and written only when asked for.
func TestCursorAllocations(t *testing.T) {
	signed, unsigned := dyniter.NewCursor(door.Key{}, binding, newKeys, stored), dyniter.NewCursor(door.Key{}, binding, nil, stored)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _ = unsigned.String() }), 3.0)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _ = signed.String() }), 12.0)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _ = dyniter.NewCursor(door.Key{}, binding, newKeys, stored) }), 4.0)
}

func BenchmarkCursor(b *testing.B) {
	for name, keys := range map[string][][]byte{"unsigned": nil, "signed": newKeys} {
		c := dyniter.NewCursor(door.Key{}, binding, keys, stored)
		token := c.String()
		b.Run("op=string/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if c.String() != token {
					b.Fatal("another token")
				}
			}
		})
		b.Run("op=use/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := use(token, binding, keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
