package key_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

func TestAppendFields(t *testing.T) { // not parallel: it counts allocations
	p := key.Composite("pk", key.Literal("ORDER"), key.String("shop"), key.Int("no").Sortable())
	want, err := p.Join("a|b", -7)
	require.NoError(t, err)
	buf := make([]byte, 0, 64)
	got, err := p.Inside(door.Key{}).AppendFields(append(buf, "> "...), []door.Field{{Text: "a|b"}, {Int: -7}})
	require.NoError(t, err)
	assert.Equal(t, "> "+want, string(got))
	fields := []door.Field{{Text: "a|b"}, {Int: -7}}
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = p.Inside(door.Key{}).AppendFields(buf, fields) }))

	for name, c := range map[string]struct {
		part   key.Part
		fields []door.Field
	}{
		"too few":      {p, fields[:1]},
		"too many":     {p, append(fields, door.Field{})},
		"no composite": {key.String("s"), fields[:1]},
	} {
		_, err := c.part.Inside(door.Key{}).AppendFields(nil, c.fields)
		require.ErrorIs(t, err, key.ErrKey, name)
	}
}
