package key_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

type (
	modelID string
	account uint16
)

var (
	id       = key.Composite("id", key.String("model_id"), key.Int("account_id"))
	sortable = key.Composite("sk", key.Int("n").Sortable())
	order    = key.Composite("pk", key.Literal("ORDER"), key.String("shop"), key.Literal("NO"), key.Int("no"), key.Literal("END")).Delimiter("#")
	wide     = key.Composite("path", key.String("a"), key.String("b")).Delimiter("::")
	alone    = key.Composite("one", key.String("a"))
)

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func TestJoinAndSplit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		part   key.Part
		values []any
		text   string
	}{
		"as dynamo-record wrote it":       {id, []any{"model_1", int64(42)}, "model_1|42"},
		"delimiter in a part":             {id, []any{"a|b", int64(0)}, "a%7Cb|0"},
		"percent in a part":               {id, []any{"100%", int64(1)}, "100%25|1"},
		"what looks like an escape":       {id, []any{"%7C", int64(1)}, "%257C|1"},
		"empty string":                    {id, []any{"", int64(7)}, "|7"},
		"empty last string":               {wide, []any{"AD", ""}, "AD::"},
		"all empty":                       {wide, []any{"", ""}, "::"},
		"negative":                        {id, []any{"a", int64(-5)}, "a|-5"},
		"least":                           {id, []any{"a", int64(math.MinInt64)}, "a|-9223372036854775808"},
		"beyond ASCII":                    {id, []any{"größe·日本", int64(1)}, "größe·日本|1"},
		"bytes that are no UTF-8":         {id, []any{"\xff|", int64(1)}, "\xff%7C|1"},
		"sortable zero":                   {sortable, []any{int64(0)}, "10000000000000000000"},
		"sortable positive":               {sortable, []any{int64(42)}, "10000000000000000042"},
		"sortable greatest":               {sortable, []any{int64(math.MaxInt64)}, "19223372036854775807"},
		"sortable minus one":              {sortable, []any{int64(-1)}, "09223372036854775807"},
		"sortable least":                  {sortable, []any{int64(math.MinInt64)}, "00000000000000000000"},
		"literals":                        {order, []any{"s#1|", int64(9)}, "ORDER#s%231|#NO#9#END"},
		"each byte of a wide delimiter":   {wide, []any{"a:b", "c::"}, "a%3Ab::c%3A%3A"},
		"a composite of one":              {alone, []any{"a|b"}, "a%7Cb"},
		"longer than what fits the stack": {wide, []any{string(slices.Repeat([]byte("x"), 300)), "y"}, string(slices.Repeat([]byte("x"), 300)) + "::y"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := test.part.Join(test.values...)
			require.NoError(t, err)
			assert.Equal(t, test.text, text)
			values, err := test.part.Split(text)
			require.NoError(t, err)
			assert.Equal(t, test.values, values)

			avs := attributeValues(test.values)
			av, err := test.part.Inside(door.Key{}).Encode(avs)
			require.NoError(t, err)
			assert.Equal(t, str(test.text), av)
			decoded, err := test.part.Inside(door.Key{}).Decode(av)
			require.NoError(t, err)
			assert.Equal(t, avs, decoded)
		})
	}
}

func attributeValues(values []any) []types.AttributeValue {
	var avs []types.AttributeValue
	for _, v := range values {
		switch v := v.(type) {
		case string:
			avs = append(avs, str(v))
		case int64:
			avs = append(avs, num(strconv.FormatInt(v, 10)))
		}
	}
	return avs
}

func TestJoinTakesAnyKind(t *testing.T) {
	t.Parallel()
	for _, v := range []any{7, int8(7), int16(7), int32(7), int64(7), uint(7), uint8(7), account(7), uint32(7), uint64(7), time.Duration(7)} {
		text, err := id.Join(modelID("m"), v)
		require.NoError(t, err)
		assert.Equal(t, "m|7", text)
	}
}

func TestJoinErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		part   key.Part
		values []any
		want   key.Error
	}{
		"too few":              {id, []any{"secret"}, key.Error{Attr: "id", Rule: "want 2 values, not 1"}},
		"too many":             {id, []any{"secret", 1, 2}, key.Error{Attr: "id", Rule: "want 2 values, not 3"}},
		"literals don't count": {order, []any{"ORDER", "secret", 1}, key.Error{Attr: "pk", Rule: "want 2 values, not 3"}},
		"nil":                  {id, []any{nil, 1}, key.Error{Attr: "id", Part: "model_id", Rule: "has no value"}},
		"int for a string":     {id, []any{1234, 1}, key.Error{Attr: "id", Part: "model_id", Rule: "want a string"}},
		"bytes for a string":   {id, []any{[]byte("secret"), 1}, key.Error{Attr: "id", Part: "model_id", Rule: "want a string"}},
		"pointer":              {id, []any{new(string), 1}, key.Error{Attr: "id", Part: "model_id", Rule: "want a string"}},
		"string for an int":    {id, []any{"m", "secret"}, key.Error{Attr: "id", Part: "account_id", Rule: "want an integer"}},
		"float for an int":     {id, []any{"m", 1234.0}, key.Error{Attr: "id", Part: "account_id", Rule: "want an integer"}},
		"beyond int64": {
			id,
			[]any{"m", uint64(math.MaxInt64) + 1},
			key.Error{Attr: "id", Part: "account_id", Rule: "want an integer", Err: strconv.ErrRange},
		},
		"no composite":      {key.String("id"), []any{"secret"}, key.Error{Attr: "id", Rule: "is no composite with parts"}},
		"composite of none": {key.Composite("id"), nil, key.Error{Attr: "id", Rule: "is no composite with parts"}},
		"part of a wrong kind": {
			key.Composite("id", key.Binary("b")),
			[]any{"secret"},
			key.Error{Attr: "id", Part: "b", Rule: "a binary can't be in a composite"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := test.part.Join(test.values...)
			assert.Empty(t, text)
			assertError(t, test.want, err)
		})
	}
}

// assertError asserts that err is want and tells no value: those in these tests
// hold "secret" or 1234.
func assertError(t *testing.T, want key.Error, err error) {
	t.Helper()
	require.Error(t, err)
	got, ok := errors.AsType[*key.Error](err)
	require.True(t, ok)
	assert.Equal(t, want, *got)
	assert.ErrorIs(t, err, key.ErrKey)
	if want.Err != nil {
		assert.ErrorIs(t, err, want.Err)
	}
	assert.NotContains(t, err.Error(), "secret")
	assert.NotContains(t, err.Error(), "1234")
}

func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		values []types.AttributeValue
		want   key.Error
	}{
		"missing":        {[]types.AttributeValue{str("m"), nil}, key.Error{Attr: "id", Part: "account_id", Rule: "has no value"}},
		"typed nil S":    {[]types.AttributeValue{(*types.AttributeValueMemberS)(nil), num("1")}, key.Error{Attr: "id", Part: "model_id", Rule: "has no value"}},
		"typed nil N":    {[]types.AttributeValue{str("m"), (*types.AttributeValueMemberN)(nil)}, key.Error{Attr: "id", Part: "account_id", Rule: "has no value"}},
		"NULL":           {[]types.AttributeValue{&types.AttributeValueMemberNULL{Value: true}, num("1")}, key.Error{Attr: "id", Part: "model_id", Rule: "has no value"}},
		"too few":        {[]types.AttributeValue{str("secret")}, key.Error{Attr: "id", Rule: "want 2 values, not 1"}},
		"too many":       {[]types.AttributeValue{str("secret"), num("1"), num("2")}, key.Error{Attr: "id", Rule: "want 2 values, not 3"}},
		"N for a string": {[]types.AttributeValue{num("1234"), num("1")}, key.Error{Attr: "id", Part: "model_id", Rule: "want a string"}},
		"S for an int":   {[]types.AttributeValue{str("m"), str("1234")}, key.Error{Attr: "id", Part: "account_id", Rule: "want an integer"}},
		"a fraction":     {[]types.AttributeValue{str("m"), num("1234.5")}, key.Error{Attr: "id", Part: "account_id", Rule: "want an integer"}},
		"binary":         {[]types.AttributeValue{&types.AttributeValueMemberB{Value: []byte("secret")}, num("1")}, key.Error{Attr: "id", Part: "model_id", Rule: "want a string"}},
		"beyond int64": {
			[]types.AttributeValue{str("m"), num("12345678901234567890")},
			key.Error{Attr: "id", Part: "account_id", Rule: "want an integer", Err: strconv.ErrRange},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			av, err := id.Inside(door.Key{}).Encode(test.values)
			assert.Nil(t, av)
			assertError(t, test.want, err)
		})
	}
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	leading := key.Composite("sk", key.Literal("A"), key.Literal("B"), key.String("s"), key.Int("n").Sortable())
	tests := map[string]struct {
		part                  key.Part
		values                []types.AttributeValue
		prefix, stem, ceiling string
	}{
		"none":                    {id, nil, "", "", ""},
		"one of two":              {id, []types.AttributeValue{str("m|")}, "m%7C|", "m%7C", "m%7C}"},
		"empty string":            {id, []types.AttributeValue{str("")}, "|", "", "}"},
		"all":                     {id, []types.AttributeValue{str("m"), num("1")}, "m|1", "m|1", ""},
		"leading literals":        {leading, nil, "A|B|", "", "A|B}"},
		"behind leading literals": {leading, []types.AttributeValue{str("x")}, "A|B|x|", "A|B|x", "A|B|x}"},
		"literal that follows":    {order, []types.AttributeValue{str("x")}, "ORDER#x#NO#", "ORDER#x", "ORDER#x#NO$"},
		"literal at the end":      {order, []types.AttributeValue{str("x"), num("5")}, "ORDER#x#NO#5#END", "ORDER#x#NO#5", ""},
		"wide delimiter":          {wide, []types.AttributeValue{str("a:")}, "a%3A::", "a%3A", "a%3A:;"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prefix, err := test.part.Inside(door.Key{}).Prefix(test.values)
			require.NoError(t, err)
			assert.Equal(t, test.prefix, prefix)
			stem, err := test.part.Inside(door.Key{}).Stem(test.values)
			require.NoError(t, err)
			assert.Equal(t, test.stem, stem)
			assert.Equal(t, test.ceiling, test.part.Inside(door.Key{}).Ceiling(prefix))
		})
	}
}

func TestPrefixErrors(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(key.Part, []types.AttributeValue) (string, error){
		"Prefix": func(p key.Part, values []types.AttributeValue) (string, error) {
			return p.Inside(door.Key{}).Prefix(values)
		},
		"Stem": func(p key.Part, values []types.AttributeValue) (string, error) {
			return p.Inside(door.Key{}).Stem(values)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := f(id, []types.AttributeValue{str("m"), num("1"), num("1234")})
			assert.Empty(t, text)
			assertError(t, key.Error{Attr: "id", Rule: "want 2 values, not 3"}, err)
			_, err = f(id, []types.AttributeValue{num("1234")})
			assertError(t, key.Error{Attr: "id", Part: "model_id", Rule: "want a string"}, err)
			_, err = f(key.Number("n"), nil)
			assertError(t, key.Error{Attr: "n", Rule: "is no composite with parts"}, err)
		})
	}
}

func TestCeilingOfNoPrefix(t *testing.T) {
	t.Parallel()
	assert.Empty(t, id.Inside(door.Key{}).Ceiling("m"))
	assert.Empty(t, key.String("id").Inside(door.Key{}).Ceiling("m|"))
	assert.Empty(t, id.Delimiter("").Inside(door.Key{}).Ceiling(""))
}

func TestJoinAllocations(t *testing.T) {
	// AllocsPerRun counts the allocations of the whole process, so not in parallel.
	model, account := "model_1|", int64(1)<<40
	n := testing.AllocsPerRun(100, func() {
		account++
		_, _ = id.Join(model[:account&7], account)
	})
	assert.LessOrEqual(t, n, 1.0, "the text alone")
	values := []types.AttributeValue{str("model_1"), num("42")}
	n = testing.AllocsPerRun(100, func() {
		_, _ = id.Inside(door.Key{}).Encode(values)
	})
	assert.LessOrEqual(t, n, 2.0, "the text and its AttributeValue")
}
