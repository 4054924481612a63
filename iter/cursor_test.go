package iter_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/place"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

var (
	binding = place.Binding{Table: "app_scores", Index: "user_idx", Partition: "S:model_1|42"}
	stored  = place.Place{Key: []place.Value{
		{Name: "id", Kind: 'S', Data: "model_1|42"},
		{Name: "position", Kind: 'N', Data: "7"},
		{Name: "digest", Kind: 'B', Data: "\x00\xff"},
	}}
	oldKey  = []byte("an old key of thirty-two bytes..")
	newKey  = []byte("a new key, of thirty-two bytes..")
	oldKeys = [][]byte{oldKey}
	newKeys = [][]byte{newKey, oldKey}
)

func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	start, done := place.Place{}, place.Place{Done: true}
	long := place.Place{Key: []place.Value{{Name: strings.Repeat("n", 255), Kind: 'B', Data: strings.Repeat("\x80", 2048)}}}
	tests := []struct {
		name    string
		binding place.Binding
		places  []place.Place
	}{
		{"query", binding, []place.Place{stored}},
		{"descending", place.Binding{Table: "t", Partition: "p", Descending: true}, []place.Place{stored}},
		{"scan", place.Binding{Table: "t"}, []place.Place{stored}},
		{"start", binding, []place.Place{start}},
		{"done", binding, []place.Place{done}},
		{"segments", place.Binding{Table: "t", Segments: 4}, []place.Place{done, stored, start, long}},
		{"one segment", place.Binding{Table: "t", Segments: 4, Segment: 2}, []place.Place{stored}},
		{"longest values", binding, []place.Place{long}},
		{"empty data", binding, []place.Place{{Key: []place.Value{{Name: "id", Kind: 'S'}}}}},
	}
	for _, tt := range tests {
		for name, keys := range map[string][][]byte{"unsigned": nil, "signed": newKeys} {
			t.Run(tt.name+" "+name, func(t *testing.T) {
				t.Parallel()
				made := dyniter.NewCursor(door.Key{}, tt.binding, keys, tt.places...)
				parsed, err := dyniter.ParseCursor(made.String())
				require.NoError(t, err)
				assert.Equal(t, made.String(), parsed.String())
				for _, c := range []dyniter.Cursor{made, parsed} {
					assert.False(t, c.IsZero())
					places, err := c.Places(door.Key{}, tt.binding, keys)
					require.NoError(t, err)
					assert.Equal(t, tt.places, places)
				}
			})
		}
	}
}

func TestCursorForeign(t *testing.T) {
	t.Parallel()
	other := func(change func(*place.Binding)) place.Binding {
		b := binding
		change(&b)
		return b
	}
	tests := map[string]place.Binding{
		"table":     other(func(b *place.Binding) { b.Table = "app_users" }),
		"index":     other(func(b *place.Binding) { b.Index = "" }),
		"partition": other(func(b *place.Binding) { b.Partition = "S:model_1|43" }),
		"direction": other(func(b *place.Binding) { b.Descending = true }),
		"segments":  other(func(b *place.Binding) { b.Segments = 2 }),
		"segment":   other(func(b *place.Binding) { b.Segments, b.Segment = 2, 1 }),
		"scan":      other(func(b *place.Binding) { b.Partition = "" }),
		"moved":     other(func(b *place.Binding) { b.Table, b.Index = "app_scoresuser_idx", "" }),
	}
	for name, foreign := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, keys := range [][][]byte{nil, newKeys} {
				made := dyniter.NewCursor(door.Key{}, binding, keys, stored)
				parsed, err := dyniter.ParseCursor(made.String())
				require.NoError(t, err)
				for _, c := range []dyniter.Cursor{made, parsed} {
					places, err := c.Places(door.Key{}, foreign, keys)
					assert.Nil(t, places)
					requireReason(t, err, "made for another query")
				}
			}
		})
	}
}

// TestCursorSegment: the cursor of a segment serves that one alone.
func TestCursorSegment(t *testing.T) {
	t.Parallel()
	own := place.Binding{Table: "t", Segments: 4, Segment: 2}
	made := dyniter.NewCursor(door.Key{}, own, nil, stored)
	parsed, err := dyniter.ParseCursor(made.String())
	require.NoError(t, err)
	for _, c := range []dyniter.Cursor{made, parsed} {
		for name, b := range map[string]place.Binding{
			"another":         {Table: "t", Segments: 4, Segment: 3},
			"of another many": {Table: "t", Segments: 5, Segment: 2},
			"all":             {Table: "t", Segments: 4},
			"no segments":     {Table: "t"},
		} {
			_, err := c.Places(door.Key{}, b, nil)
			require.Error(t, err, name)
			requireReason(t, err, "made for another query")
		}
	}
}

func TestCursorSegmentsOfOne(t *testing.T) {
	t.Parallel()
	one := binding
	one.Segments = 1
	c, err := dyniter.ParseCursor(dyniter.NewCursor(door.Key{}, binding, nil, stored).String())
	require.NoError(t, err)
	places, err := c.Places(door.Key{}, one, nil)
	require.NoError(t, err)
	assert.Equal(t, []place.Place{stored}, places)
}

func TestCursorKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		sign, verify [][]byte
		reason       string // "" is accepted
	}{
		{"the same keys", newKeys, newKeys, ""},
		{"an older key still verifies", oldKeys, newKeys, ""},
		{"the first key signs", newKeys, [][]byte{newKey}, ""},
		{"the second key does not sign", newKeys, oldKeys, "signature is by none of the keys"},
		{"a retired key", oldKeys, [][]byte{newKey}, "signature is by none of the keys"},
		{"unsigned under keys", nil, newKeys, "not signed, though signing keys are configured"},
		{"signed without keys", newKeys, nil, "signed, though no signing key is configured"},
		{"an empty key signs nothing", [][]byte{{}}, [][]byte{{}}, "not signed, though signing keys are configured"},
		{"an empty key verifies nothing", newKeys, [][]byte{{}}, "signature is by none of the keys"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			made := dyniter.NewCursor(door.Key{}, binding, tt.sign, stored)
			c, err := dyniter.ParseCursor(made.String())
			require.NoError(t, err)
			places, err := c.Places(door.Key{}, binding, tt.verify)
			if tt.reason == "" {
				require.NoError(t, err)
				assert.Equal(t, []place.Place{stored}, places)
				return
			}
			assert.Nil(t, places)
			requireReason(t, err, tt.reason)

			_, err = made.Places(door.Key{}, binding, tt.verify)
			assert.NoError(t, err, "one made in this process is trusted")
		})
	}
}

// A key that signs must not be told from the binding of a forged token.
func TestCursorForgedAndForeign(t *testing.T) {
	t.Parallel()
	c, err := dyniter.ParseCursor(dyniter.NewCursor(door.Key{}, place.Binding{Table: "other"}, oldKeys, stored).String())
	require.NoError(t, err)
	_, err = c.Places(door.Key{}, binding, [][]byte{newKey})
	requireReason(t, err, "signature is by none of the keys")
}

// A token without a signature may hold any number of places, whatever the
// binding it names.
func TestCursorPlacesOfEachSegment(t *testing.T) {
	t.Parallel()
	for _, c := range []dyniter.Cursor{
		dyniter.NewCursor(door.Key{}, binding, nil, stored, stored),
		must(dyniter.ParseCursor(dyniter.NewCursor(door.Key{}, binding, nil, stored, stored).String())),
	} {
		_, err := c.Places(door.Key{}, binding, nil)
		requireReason(t, err, "malformed token")
	}
}

func TestCursorZero(t *testing.T) {
	t.Parallel()
	var zero dyniter.Cursor
	for _, c := range []dyniter.Cursor{
		zero,
		dyniter.NewCursor(door.Key{}, binding, newKeys),
		must(dyniter.ParseCursor("")),
	} {
		assert.True(t, c.IsZero())
		assert.Empty(t, c.String())
		places, err := c.Places(door.Key{}, binding, newKeys)
		require.NoError(t, err)
		assert.Nil(t, places)
	}
}

// A cursor is a value: neither what it was made of nor what it gives changes it.
func TestCursorKeepsItsOwn(t *testing.T) {
	t.Parallel()
	given := []place.Place{{Key: []place.Value{{Name: "id", Kind: 'S', Data: "a"}}}}
	made := dyniter.NewCursor(door.Key{}, binding, nil, given...)
	parsed := must(dyniter.ParseCursor(made.String()))
	given[0].Key[0].Data = "changed"
	for _, c := range []dyniter.Cursor{made, parsed} {
		for range 2 {
			places := must(c.Places(door.Key{}, binding, nil))
			assert.Equal(t, "a", places[0].Key[0].Data)
			places[0].Key[0].Data = "changed"
		}
	}
}

// A Done stored keeps no key, and an empty key is the start, made or parsed.
func TestCursorNormalPlaces(t *testing.T) {
	t.Parallel()
	b := place.Binding{Table: "t", Segments: 2}
	made := dyniter.NewCursor(door.Key{}, b, nil, place.Place{Key: stored.Key, Done: true}, place.Place{Key: []place.Value{}})
	for _, c := range []dyniter.Cursor{made, must(dyniter.ParseCursor(made.String()))} {
		assert.Equal(t, []place.Place{{Done: true}, {}}, must(c.Places(door.Key{}, b, nil)))
	}
}

// Nothing but the token is ever printed.
func TestCursorPrintsNoData(t *testing.T) {
	t.Parallel()
	secret := place.Place{Key: []place.Value{{Name: "email", Kind: 'S', Data: "ann@example.org"}}}
	made := dyniter.NewCursor(door.Key{}, binding, newKeys, secret)
	parsed := must(dyniter.ParseCursor(made.String()))
	for _, c := range []dyniter.Cursor{made, parsed} {
		wrapped := struct{ hidden dyniter.Cursor }{c}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			text := fmt.Sprintf(verb+" "+verb, c, wrapped)
			assert.NotContains(t, text, "ann@")
			assert.NotContains(t, text, "email")
			assert.NotContains(t, text, string(newKey))
			assert.NotContains(t, text, "97 110 110 64", "bytes as numbers")
		}
		assert.Equal(t, c.String(), fmt.Sprint(c))
	}
	raw, err := base64.RawURLEncoding.DecodeString(made.String())
	require.NoError(t, err)
	assert.NotContains(t, string(raw), binding.Table)
	assert.NotContains(t, string(raw), binding.Index)
	assert.NotContains(t, string(raw), binding.Partition)
}

func requireReason(t *testing.T, err error, reason string) {
	t.Helper()
	require.ErrorIs(t, err, dyniter.ErrCursor)
	var refused *dyniter.CursorError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, reason, refused.Reason, "%v", err)
}

// must returns v where an error would be the fixture's own fault.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
