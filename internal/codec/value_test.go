package codec_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

func fieldOf(tb testing.TB, name string) *fields.Field {
	tb.Helper()
	p, err := fields.Of(reflect.TypeFor[everything]())
	require.NoError(tb, err)
	require.NotNil(tb, p.Field(name))
	return p.Field(name)
}

// Values are encoded as the field stores them (rule D4), or refused.
func TestEncodeField(t *testing.T) {
	t.Parallel()
	n := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	s := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	null := &types.AttributeValueMemberNULL{Value: true}
	when := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		field string
		value any
		want  types.AttributeValue
	}{
		"text":                     {"s", "x", s("x")},
		"text of another type":     {"s", name("x"), s("x")},
		"zero with omitempty":      {"s_omit", "", s("")},
		"zero with nullempty":      {"u8", uint8(0), n("0")},
		"another kind of number":   {"i8", int64(127), n("127")},
		"a float without fraction": {"i", 3.0, n("3")},
		"an int for a float":       {"f64", 3, n("3")},
		"as text":                  {"i64", 5, s("5")},
		"a time":                   {"time", when, s("2026-11-22T10:00:00.000000000Z")},
		"a time in seconds":        {"unix", when, n("1795341600")},
		"a pointer":                {"s", new("x"), s("x")},
		"for a pointer":            {"p", "x", s("x")},
		"nil for a pointer":        {"p", nil, null},
		"nil for a list":           {"l", nil, null},
		"a set":                    {"ss", []string{"x"}, &types.AttributeValueMemberSS{Value: []string{"x"}}},
		"an attribute value":       {"s", n("1"), n("1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := codec.EncodeField(fieldOf(t, test.field), test.value)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	for name, test := range map[string]struct {
		field string
		value any
	}{
		"a number for text":        {"s", 1},
		"text for a number":        {"i", "secret"},
		"bytes for text":           {"s", []byte("secret")},
		"out of range":             {"i8", 128},
		"a fraction for an int":    {"i", 1.5},
		"negative for a uint":      {"u64", -1},
		"too large for an int":     {"i", uint64(math.MaxUint64)},
		"nil for text":             {"s", nil},
		"another struct":           {"struct", entity{}},
		"an int for a time":        {"unix", 5},
		"a list for a list of int": {"ints", []string{"secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := codec.EncodeField(fieldOf(t, test.field), test.value)
			require.ErrorIs(t, err, codec.ErrKind)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestEncodeElemAndAny(t *testing.T) {
	t.Parallel()
	got, err := codec.EncodeElem(fieldOf(t, "ns"), int64(5))
	require.NoError(t, err)
	assert.Equal(t, &types.AttributeValueMemberN{Value: "5"}, got)
	_, err = codec.EncodeElem(fieldOf(t, "ss"), 5)
	require.ErrorIs(t, err, codec.ErrKind)
	got, err = codec.EncodeElem(fieldOf(t, "s"), "sub")
	require.NoError(t, err)
	assert.Equal(t, &types.AttributeValueMemberS{Value: "sub"}, got)

	got, err = codec.EncodeAny(nil)
	require.NoError(t, err)
	assert.Equal(t, &types.AttributeValueMemberNULL{Value: true}, got)
	got, err = codec.EncodeAny([]any{1, "x"})
	require.NoError(t, err)
	assert.Equal(t, &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberN{Value: "1"}, &types.AttributeValueMemberS{Value: "x"},
	}}, got)
	_, err = codec.EncodeAny(make(chan int))
	require.ErrorIs(t, err, codec.ErrKind)
}

func TestKeyType(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		want    types.ScalarAttributeType
		certain bool
	}{
		"s": {"S", true}, "i": {"N", true}, "i64": {"S", true}, "bytes": {"B", true}, "four": {"B", true}, "p": {"S", true},
		"unix": {"N", true}, "time": {"S", true}, "b": {"", true}, "struct": {"", true}, "any": {"", false}, "ss": {"", true},
	} {
		got, certain := codec.KeyType(fieldOf(t, name))
		assert.Equal(t, test.want, got, name)
		assert.Equal(t, test.certain, certain, name)
	}
}
