package codec_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

type (
	ratio float64
)

// rawNumber stores a number itself.
type rawNumber string

func (r rawNumber) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: string(r)}, nil
}

// holding returns a struct with one field V of the type of value, in every way
// that a field can hold it.
func holding(value any) map[string]any {
	v := reflect.ValueOf(value)
	pointer := reflect.New(v.Type())
	pointer.Elem().Set(v)
	list := reflect.MakeSlice(reflect.SliceOf(v.Type()), 1, 1)
	list.Index(0).Set(v)
	mapped := reflect.MakeMap(reflect.MapOf(reflect.TypeFor[string](), v.Type()))
	mapped.SetMapIndex(reflect.ValueOf("k"), v)
	in := func(x any, tag string) any {
		s := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeOf(x), Tag: reflect.StructTag(`dynamodbav:"v` + tag + `"`)}})).Elem()
		s.Field(0).Set(reflect.ValueOf(x))
		return s.Interface()
	}
	ways := map[string]any{
		"field": in(value, ""), "omitempty": in(value, ",omitempty"), "pointer": in(pointer.Interface(), ""), "list": in(list.Interface(), ""),
		"map": in(mapped.Interface(), ""), "nested": in(in(value, ""), ""), "any": in([]any{value}, ""), "array": in([1]any{value}, ""),
	}
	if v.Kind() != reflect.Pointer {
		ways["set"] = in(list.Interface(), ",numberset")
	}
	return ways
}

// refused checks that both ways of encoding refuse the item, and EncodeField
// its value, and that the error names the attribute and not the value.
func refused(t *testing.T, item any, secret string) {
	t.Helper()
	v := reflect.ValueOf(item)
	c := codecFor(t, v.Type())
	_, err := c.Encode(v)
	_, jsonErr := c.AppendItem(nil, v)
	p, planErr := fields.Of(v.Type())
	require.NoError(t, planErr)
	_, fieldErr := codec.EncodeField(&p.Fields[0], v.Field(0).Interface())
	for _, err := range []error{err, jsonErr} {
		var e *codec.Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, codec.ErrKind)
		assert.Equal(t, "v", strings.SplitN(e.Attr, ".", 2)[0])
		assert.NotContains(t, err.Error(), secret)
	}
	require.ErrorIs(t, fieldErr, codec.ErrKind)
	assert.NotContains(t, fieldErr.Error(), secret)
}

// What DynamoDB has no number for is refused when it is encoded, in whatever
// holds it, and the field is named.
func TestNumbersThatCanNotBeStored(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", 39)
	values := map[string]any{
		"NaN": math.NaN(), "infinity": math.Inf(1), "negative infinity": math.Inf(-1), "too large": 1e126, "too small": 9.9e-131, "denormal": -5e-324,
		"float32 NaN": float32(math.NaN()), "named": ratio(math.Inf(-1)),
		"39 digits": attributevalue.Number(long), "38 digits and a fraction": json.Number(long[:38] + ".5"),
		"empty number": attributevalue.Number(""), "no number": json.Number("x7y"), "hexadecimal": json.Number("0x7"), "two points": json.Number("1.2.3"),
		"large number": attributevalue.Number("1e126"), "small number": attributevalue.Number("1E-131"), "NaN number": attributevalue.Number("NaN"),
		"marshaler": rawNumber(long),
	}
	for name, value := range values {
		for way, item := range holding(value) {
			if way == "omitempty" && reflect.ValueOf(value).IsZero() {
				continue
			}
			t.Run(name+" in "+way, func(t *testing.T) { refused(t, item, "x7y") })
		}
	}
	raw := func(av types.AttributeValue) any {
		return struct {
			V types.AttributeValue `dynamodbav:"v"`
		}{av}
	}
	n := &types.AttributeValueMemberN{Value: "x7y"}
	for name, av := range map[string]types.AttributeValue{
		"number": n, "set of numbers": &types.AttributeValueMemberNS{Value: []string{"1", "x7y"}},
		"in a list": &types.AttributeValueMemberL{Value: []types.AttributeValue{n}}, "in a map": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": n}},
	} {
		t.Run("raw "+name, func(t *testing.T) { refused(t, raw(av), "x7y") })
	}
}

// A set holds each of its elements once, however a number is written.
func TestSetsThatHoldAnElementTwice(t *testing.T) {
	t.Parallel()
	many := make([]string, 40)
	for i := range many {
		many[i] = strings.Repeat("x", i)
	}
	many[39] = "x"
	for name, item := range map[string]any{
		"text": struct {
			V []string `dynamodbav:"v,stringset"`
		}{[]string{"x7y", "b", "x7y"}},
		"many": struct {
			V []string `dynamodbav:"v,stringset"`
		}{many},
		"named text": struct {
			V []name `dynamodbav:"v,stringset"`
		}{[]name{"x7y", "x7y"}},
		"numbers": struct {
			V []int `dynamodbav:"v,numberset"`
		}{[]int{1, 2, 1}},
		"two zeros": struct {
			V []float64 `dynamodbav:"v,numberset"`
		}{[]float64{0, math.Copysign(0, -1)}},
		"forms of one number": struct {
			V []attributevalue.Number `dynamodbav:"v,numberset"`
		}{[]attributevalue.Number{"-1500", "-1.50e3"}},
		"binary": struct {
			V [][]byte `dynamodbav:"v"`
		}{[][]byte{{1}, {1}}},
		"in a pointer": struct {
			V *[]string `dynamodbav:"v,stringset"`
		}{&[]string{"x7y", "x7y"}},
		"in any": struct {
			V any `dynamodbav:"v,stringset"`
		}{[]string{"x7y", "x7y"}},
		"raw": struct {
			V types.AttributeValue `dynamodbav:"v"`
		}{&types.AttributeValueMemberSS{Value: []string{"x7y", "x7y"}}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, item, "x7y") })
	}
}

// The ends of what can be stored are stored, and load again.
func TestNumbersAtTheEnds(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"largest float32": float32(math.MaxFloat32), "negative": float32(-math.MaxFloat32), "smallest float32": float32(math.SmallestNonzeroFloat32),
		"largest": 9.99e125, "smallest": 1e-130, "int64": int64(math.MinInt64), "uint64": uint64(math.MaxUint64),
		"38 digits": attributevalue.Number("-" + strings.Repeat("9", 38)), "zeros do not count": json.Number("0." + strings.Repeat("0", 60) + "1" + strings.Repeat("0", 60)),
		"exponent": attributevalue.Number("9.9999999999999999999999999999999999999E+125"), "zero": attributevalue.Number("-0.00e99999"), "named": ratio(0.1),
	} {
		for way, item := range holding(value) {
			if way == "any" || way == "array" {
				continue // load as float64
			}
			v := reflect.ValueOf(item)
			c := codecFor(t, v.Type())
			text, err := c.AppendItem(nil, v)
			require.NoError(t, err, "%s in %s", name, way)
			attrs, err := c.Encode(v)
			require.NoError(t, err, "%s in %s", name, way)
			for _, decode := range []func(reflect.Value) error{
				func(v reflect.Value) error { return attributevalue.UnmarshalMap(attrs, v.Addr().Interface()) },
				func(v reflect.Value) error { return c.DecodeItem(text, v) },
				func(v reflect.Value) error { return c.Decode(attrs, v) },
			} {
				got := reflect.New(v.Type()).Elem()
				require.NoError(t, decode(got), "%s in %s", name, way)
				assert.Equal(t, item, got.Interface(), "%s in %s", name, way)
			}
		}
	}
}

type counter int8

// A number that is too large for its field names the field.
func TestNumbersTooLargeForTheirField(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"int8": int8(0), "int": 0, "uint": uint(0), "float32": float32(0), "named": counter(0), "unix": attributevalue.UnixTime{},
	} {
		for way, item := range holding(value) {
			if way == "any" || way == "array" {
				continue
			}
			typ := reflect.TypeOf(item)
			c := codecFor(t, typ)
			n := `{"N":"123456789012345678901234567890123456780000"}`
			text := map[string]string{"list": `{"L":[` + n + `]}`, "map": `{"M":{"k":` + n + `}}`, "nested": `{"M":{"v":` + n + `}}`, "set": `{"NS":[` + n[5:len(n)-1] + `]}`}[way]
			if text == "" {
				text = n
			}
			err := c.DecodeItem([]byte(`{"v":`+text+`}`), reflect.New(typ).Elem())
			attrs, parseErr := parseItem([]byte(`{"v":` + text + `}`))
			require.NoError(t, parseErr)
			for _, err := range []error{err, c.Decode(attrs, reflect.New(typ).Elem())} {
				var e *codec.Error
				require.ErrorAs(t, err, &e, "%s in %s", name, way)
				assert.Equal(t, "v", strings.SplitN(e.Attr, ".", 2)[0], "%s in %s", name, way)
				assert.NotContains(t, err.Error(), "1234")
			}
		}
	}
}
