package key_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

func names(parts []key.Part) []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.Name())
	}
	return names
}

func TestPart(t *testing.T) {
	t.Parallel()
	composite := key.Composite("id", key.Literal("ORDER"), key.String("a"), key.Int("b").Sortable())
	tests := map[string]struct {
		part             key.Part
		name, text       string
		typ              types.ScalarAttributeType
		attributes       []string
		fields           []string
		parts            int
		zero, isInt      bool
		sortable         bool
		composite, multi bool
		literal          bool
	}{
		"zero":     {zero: true},
		"string":   {part: key.String("a"), name: "a", typ: "S", attributes: []string{"a"}, fields: []string{"a"}},
		"int":      {part: key.Int("a"), name: "a", typ: "N", attributes: []string{"a"}, fields: []string{"a"}, isInt: true},
		"number":   {part: key.Number("a"), name: "a", typ: "N", attributes: []string{"a"}, fields: []string{"a"}},
		"binary":   {part: key.Binary("a"), name: "a", typ: "B", attributes: []string{"a"}, fields: []string{"a"}},
		"literal":  {part: key.Literal("X"), text: "X", literal: true},
		"sortable": {part: key.Int("a").Sortable(), name: "a", typ: "N", attributes: []string{"a"}, fields: []string{"a"}, isInt: true, sortable: true},
		"composite": {
			part: composite, name: "id", typ: "S", parts: 3, composite: true,
			attributes: []string{"id"}, fields: []string{"a", "b"},
		},
		"multi": {
			part: key.Multi(key.Number("n"), composite, key.Binary("c")), parts: 3, multi: true,
			attributes: []string{"n", "id", "c"}, fields: []string{"n", "a", "b", "c"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := test.part
			assert.Equal(t, test.name, p.Name())
			assert.Equal(t, test.text, p.Inside(door.Key{}).Text())
			assert.Equal(t, test.typ, p.Type())
			assert.Equal(t, test.attributes, names(p.Attributes()))
			assert.Equal(t, test.fields, names(p.Fields()))
			assert.Len(t, p.Inside(door.Key{}).Parts(), test.parts)
			assert.Equal(t, test.zero, p.IsZero())
			assert.Equal(t, test.isInt, p.Inside(door.Key{}).IsInt())
			assert.Equal(t, test.sortable, p.Inside(door.Key{}).IsSortable())
			assert.Equal(t, test.composite, p.IsComposite())
			assert.Equal(t, test.multi, p.Inside(door.Key{}).IsMulti())
			assert.Equal(t, test.literal, p.Inside(door.Key{}).IsLiteral())
		})
	}
}

func TestPartIsAValue(t *testing.T) {
	t.Parallel()
	parts := []key.Part{key.String("a"), key.Int("b")}
	id := key.Composite("id", parts...)
	parts[0] = key.String("changed")
	id.Inside(door.Key{}).Parts()[1] = key.String("changed")
	assert.Equal(t, []string{"a", "b"}, names(id.Fields()))

	multi := key.Multi(key.String("a"), key.Int("b"))
	multi.Attributes()[0] = key.String("changed")
	assert.Equal(t, []string{"a", "b"}, names(multi.Fields()))

	slashed := id.Delimiter("/")
	plain := key.Int("b")
	assert.True(t, plain.Sortable().Inside(door.Key{}).IsSortable())
	assert.False(t, plain.Inside(door.Key{}).IsSortable())
	joined, err := id.Join("x", 1)
	assert.NoError(t, err)
	assert.Equal(t, "x|1", joined)
	joined, err = slashed.Join("x", 1)
	assert.NoError(t, err)
	assert.Equal(t, "x/1", joined)
}
