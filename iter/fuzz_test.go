package iter_test

import (
	"encoding/base64"
	"testing"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/place"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Whatever comes in is refused or is the one token of what it says.
func FuzzParseCursor(f *testing.F) {
	f.Add("")
	f.Add(dyniter.NewCursor(door.Key{}, binding, nil, stored).String())
	f.Add(dyniter.NewCursor(door.Key{}, binding, newKeys, stored, place.Place{Done: true}, place.Place{}).String())
	f.Add(base64.RawURLEncoding.EncodeToString([]byte("\x01\x00dddddddddddddddd\x81\x00\x00")))
	f.Fuzz(func(t *testing.T, token string) {
		c, err := dyniter.ParseCursor(token)
		if err != nil {
			require.ErrorIs(t, err, dyniter.ErrCursor)
			require.True(t, c.IsZero())
			return
		}
		require.Equal(t, token, c.String())
		require.Equal(t, token == "", c.IsZero())
		if places, err := c.Places(door.Key{}, binding, nil); err == nil && !c.IsZero() {
			require.Equal(t, token, dyniter.NewCursor(door.Key{}, binding, nil, places...).String())
		}
	})
}

// What a cursor is made of comes back from its token, and no byte of a signed
// one can be changed.
func FuzzCursor(f *testing.F) {
	f.Add("scores", "", "model|1", false, "id", uint8(0), "a", []byte("key"), uint16(3), uint8(1))
	f.Add("t", "idx", "", true, "n", uint8(1), "12.5", []byte(nil), uint16(60), uint8(255))
	f.Fuzz(func(t *testing.T, table, index, partition string, descending bool, name string, kind uint8, data string, key []byte, at uint16, flip uint8) {
		if name == "" || len(name)+len(data) > 40_000 {
			return
		}
		b := place.Binding{Table: table, Index: index, Partition: partition, Descending: descending, Segments: 2}
		places := []place.Place{
			{Key: []place.Value{{Name: name, Kind: "SNB"[kind%3], Data: data}, {Name: name + "2", Kind: 'S', Data: partition}}},
			{Done: flip%2 == 0},
		}
		var keys [][]byte
		if len(key) > 0 {
			keys = [][]byte{key}
		}
		token := dyniter.NewCursor(door.Key{}, b, keys, places...).String()
		if len(token) > 64<<10 {
			return
		}
		got, err := must(dyniter.ParseCursor(token)).Places(door.Key{}, b, keys)
		require.NoError(t, err)
		require.Equal(t, places, got)

		if len(key) > 0 && flip > 0 {
			raw := must(base64.RawURLEncoding.DecodeString(token))
			raw[int(at)%len(raw)] ^= flip
			require.ErrorIs(t, use(base64.RawURLEncoding.EncodeToString(raw), b, keys), dyniter.ErrCursor)
		}
	})
}
