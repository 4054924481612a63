package values_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/values"
)

func s(v string) types.AttributeValue     { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue     { return &types.AttributeValueMemberN{Value: v} }
func b(v string) types.AttributeValue     { return &types.AttributeValueMemberB{Value: []byte(v)} }
func ns(v ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: v} }
func ss(v ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: v} }
func bs(v ...[]byte) types.AttributeValue { return &types.AttributeValueMemberBS{Value: v} }
func l(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}
func m(v values.Item) types.AttributeValue { return &types.AttributeValueMemberM{Value: v} }
func yes(v bool) types.AttributeValue      { return &types.AttributeValueMemberBOOL{Value: v} }

var null = &types.AttributeValueMemberNULL{Value: true}

// TestEqual: values of one row are equal, those of different rows are not.
func TestEqual(t *testing.T) {
	t.Parallel()
	rows := [][]types.AttributeValue{
		{nil},
		{null},
		{s("")},
		{s("1"), s("1")},
		{b("1")},
		{b("")},
		{yes(true)},
		{yes(false)},
		{n("1"), n("+1"), n("1.0"), n("0.1e1"), n("10E-1")},
		{n("0"), n("-0"), n("0.00")},
		{n("-1")},
		{n("1.00000000000000000000000000000000000001")},
		{ss("a", "b"), ss("b", "a")},
		{ss("a")},
		{ns("1", "2"), ns("2.0", "1e0")},
		{ns("1", "2", "3")},
		{bs([]byte("x"), []byte("y")), bs([]byte("y"), []byte("x"))},
		{l()},
		{l(n("1"), s("a")), l(n("1.0"), s("a"))},
		{l(s("a"), n("1"))},
		{m(values.Item{})},
		{m(values.Item{"a": ns("1", "2")}), m(values.Item{"a": ns("2", "1")})},
		{m(values.Item{"b": ns("1", "2")})},
	}
	for i, left := range rows {
		for j, right := range rows {
			for _, x := range left {
				for _, y := range right {
					assert.Equal(t, i == j, values.Equal(x, y), "%v and %v", x, y)
				}
			}
		}
	}
}

// TestSparse: an item is left out of an index whose composite lacks a part, or
// has nothing but empty strings (rule F7).
func TestSparse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parts []types.AttributeValue
		want  bool
	}{
		"none missing":      {[]types.AttributeValue{s("a"), n("1")}, false},
		"one missing":       {[]types.AttributeValue{s("a"), nil}, true},
		"one NULL":          {[]types.AttributeValue{null, n("1")}, true},
		"all strings empty": {[]types.AttributeValue{s(""), n("0"), s("")}, true},
		"one string":        {[]types.AttributeValue{s(""), s("a")}, false},
		"numbers alone":     {[]types.AttributeValue{n("0"), n("0")}, false},
	} {
		assert.Equal(t, c.want, values.Sparse(c.parts), name)
	}
}

// TestFacts: what single values are.
func TestFacts(t *testing.T) {
	t.Parallel()
	for _, empty := range []types.AttributeValue{nil, null, s(""), b("")} {
		assert.True(t, values.IsEmpty(empty), "%v", empty)
	}
	for _, full := range []types.AttributeValue{n("0"), s("a"), b("a"), l(), m(nil), yes(false), ss()} {
		assert.False(t, values.IsEmpty(full), "%v", full)
	}
	assert.Equal(t, 0, values.Levels(s("a")))
	assert.Equal(t, 3, values.Levels(l(s("a"), m(values.Item{"a": l()}))))
	assert.Equal(t, 3+2+2, values.ItemSize(values.Item{"abc": s("de"), "f": null}), "names and values")
	assert.Equal(t, string(values.AppendID(nil, n("7"))), string(values.AppendID(nil, n("7.0"))))
	assert.NotEqual(t, string(values.AppendID(values.AppendID(nil, s("a")), s("bc"))), string(values.AppendID(values.AppendID(nil, s("ab")), s("c"))))
}
