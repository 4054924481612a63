package key_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
)

func TestValue(t *testing.T) {
	t.Parallel()
	v := key.Of("m", 42).Range(7, nil)
	assert.Equal(t, []any{"m", 42}, v.HashParts())
	assert.Equal(t, []any{7, nil}, v.RangeParts())
	assert.False(t, v.IsZero())

	v = key.Value{}.Range(7)
	assert.Nil(t, v.HashParts())
	assert.Equal(t, []any{7}, v.RangeParts())
	assert.False(t, v.IsZero())

	for _, v := range []key.Value{{}, key.Of(), key.Of([]any{}...).Range([]any{}...)} {
		assert.True(t, v.IsZero())
		assert.Nil(t, v.HashParts())
		assert.Nil(t, v.RangeParts())
	}
}

func TestValueIsImmutable(t *testing.T) {
	t.Parallel()
	hash, sort := []any{"m", 42}, []any{7}
	whole := key.Of(hash...)
	v := whole.Range(sort...)
	w := v.Range(8)
	hash[0], sort[0] = "changed", "changed"
	v.HashParts()[0], v.RangeParts()[0] = "changed", "changed"
	assert.Equal(t, []any{"m", 42}, v.HashParts())
	assert.Equal(t, []any{7}, v.RangeParts())
	assert.Equal(t, []any{8}, w.RangeParts())
	assert.Nil(t, whole.RangeParts())
}

func TestValueShowsNoData(t *testing.T) {
	t.Parallel()
	v := key.Of("secret", 1234).Range("secret")
	text := "key(2 hash parts, 1 range part)"
	assert.Equal(t, text, v.String())
	assert.Equal(t, "key(0 hash parts, 0 range parts)", key.Value{}.String())
	assert.Equal(t, "key(1 hash part, 0 range parts)", key.Of("secret").String())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%10v", "%!"} {
		assert.Contains(t, fmt.Sprintf(verb, v), text, verb)
	}
	data, err := json.Marshal(v) //nolint:staticcheck // that it shows nothing is the point
	require.NoError(t, err)
	assert.JSONEq(t, "{}", string(data))

	// fmt calls no method of what an unexported field holds.
	hidden := struct {
		v  key.Value
		vs []key.Value
	}{v, []key.Value{v}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%p"} {
		for _, arg := range []any{hidden, v} {
			s := fmt.Sprintf(verb, arg)
			assert.NotContains(t, s, "secret", verb)
			assert.NotContains(t, s, "1234", verb)
		}
	}
}
