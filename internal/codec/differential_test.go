package codec_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

// withMethods holds types that say themselves how they are stored; reference is
// attributevalue with its encoding marshalers on.
type withMethods struct {
	Text    netip.Addr            `dynamodbav:"text"`
	Texts   []netip.Addr          `dynamodbav:"texts"`
	Big     *big.Int              `dynamodbav:"big"`
	BigOmit *big.Int              `dynamodbav:"big_omit,omitempty"`
	Points  []point               `dynamodbav:"points"`
	Point   point                 `dynamodbav:"point"`
	PointP  *point                `dynamodbav:"point_p,omitempty"`
	ByPoint map[string]point      `dynamodbav:"by_point"`
	Status  status                `dynamodbav:"status" dynarepo:"text"`
	ByAddr  map[netip.Addr]string `dynamodbav:"by_addr"`
	Any     any                   `dynamodbav:"any"`
}

// point is a list of two numbers.
type point struct{ x, y int }

func (p point) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberN{Value: strconv.Itoa(p.x)},
		&types.AttributeValueMemberN{Value: strconv.Itoa(p.y)},
	}}, nil
}

func (p *point) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	var xy [2]int
	if err := attributevalue.Unmarshal(av, &xy); err != nil {
		return err
	}
	p.x, p.y = xy[0], xy[1]
	return nil
}

// status has its method on the pointer alone.
type status uint8

func (s *status) MarshalText() ([]byte, error) { return []byte("status-" + strconv.Itoa(int(*s))), nil }

func (s *status) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(string(b[min(len(b), len("status-")):]), 10, 8)
	*s = status(n)
	return err
}

type (
	name   string
	blob   []byte
	moment time.Time
	scores map[string]float64
)

// everything holds every kind of field and every option of a tag; reference is
// attributevalue as it comes.
type everything struct {
	embedded
	*Promoted
	S        string                   `dynamodbav:"s"`
	SOmit    string                   `dynamodbav:"s_omit,omitempty"`
	SNull    string                   `dynamodbav:"s_null,nullempty"`
	Name     name                     `dynamodbav:"na me.\"ü:#\\"`
	I        int                      `dynamodbav:"i"`
	I8       int8                     `dynamodbav:"i8"`
	I64      int64                    `dynamodbav:"i64,string"`
	U        uint                     `dynamodbav:"u,omitempty"`
	U64      uint64                   `dynamodbav:"u64"`
	U8       uint8                    `dynamodbav:"u8,nullempty"`
	F64      float64                  `dynamodbav:"f64"`
	F32      float32                  `dynamodbav:"f32"`
	FStr     float64                  `dynamodbav:"f_str,string"`
	B        bool                     `dynamodbav:"b"`
	BOmit    bool                     `dynamodbav:"b_omit,omitempty"`
	Bytes    []byte                   `dynamodbav:"bytes"`
	Blob     blob                     `dynamodbav:"blob,omitempty"`
	Four     [4]byte                  `dynamodbav:"four"`
	Time     time.Time                `dynamodbav:"time"`
	Unix     time.Time                `dynamodbav:"unix,unixtime"`
	TimeP    *time.Time               `dynamodbav:"time_p,omitempty"`
	Moment   moment                   `dynamodbav:"moment"`
	UnixTime attributevalue.UnixTime  `dynamodbav:"unix_time"`
	Num      json.Number              `dynamodbav:"num"`
	Number   attributevalue.Number    `dynamodbav:"number,omitempty"`
	NumStr   attributevalue.Number    `dynamodbav:"num_str,string"`
	L        []string                 `dynamodbav:"l"`
	LOmit    []string                 `dynamodbav:"l_omit,omitempty"`
	LElem    []string                 `dynamodbav:"l_elem,omitemptyelem"`
	LNull    []string                 `dynamodbav:"l_null,nullemptyelem"`
	Names    []name                   `dynamodbav:"names"`
	Ints     []int32                  `dynamodbav:"ints"`
	PtrList  []*int                   `dynamodbav:"ptr_list"`
	Lists    [][]int                  `dynamodbav:"lists"`
	Three    [3]int                   `dynamodbav:"three"`
	Structs  []small                  `dynamodbav:"structs"`
	StructPs []*small                 `dynamodbav:"struct_ps,omitempty"`
	M        map[string]string        `dynamodbav:"m"`
	MOmit    map[string]string        `dynamodbav:"m_omit,omitempty,omitemptyelem"`
	MNull    map[string]int           `dynamodbav:"m_null,nullemptyelem"`
	MInt     map[int]small            `dynamodbav:"m_int"`
	MBool    map[bool]*small          `dynamodbav:"m_bool"`
	MFloat   map[float64]string       `dynamodbav:"m_float"`
	MName    map[name][]string        `dynamodbav:"m_name"`
	MMap     map[string]map[uint8]int `dynamodbav:"m_map"`
	Scores   scores                   `dynamodbav:"scores"`
	Struct   small                    `dynamodbav:"struct"`
	StructP  *small                   `dynamodbav:"struct_p"`
	Self     *everything              `dynamodbav:"self,omitempty"`
	P        *string                  `dynamodbav:"p"`
	POmit    *int                     `dynamodbav:"p_omit,omitempty"`
	PP       **int                    `dynamodbav:"pp"`
	PPOmit   **int                    `dynamodbav:"pp_omit,omitempty,omitemptyelem"`
	Any      any                      `dynamodbav:"any"`
	AnyOmit  any                      `dynamodbav:"any_omit,omitempty"`
	AnyStr   any                      `dynamodbav:"any_str,string"`
	AnyList  []any                    `dynamodbav:"any_list"`
	AnyMap   map[string]any           `dynamodbav:"any_map"`
	SS       []string                 `dynamodbav:"ss,stringset"`
	SSOmit   []name                   `dynamodbav:"ss_omit,stringset,omitempty"`
	NS       []int                    `dynamodbav:"ns,numberset"`
	NSF      []float64                `dynamodbav:"nsf,numberset,omitempty"`
	NSN      []attributevalue.Number  `dynamodbav:"nsn,numberset"`
	BS       [][]byte                 `dynamodbav:"bs"`
	BSTag    []blob                   `dynamodbav:"bs_tag,binaryset"`
	Untagged string
	Ignored  string `dynamodbav:"-"`
}

type embedded struct {
	Base string `dynamodbav:"base"`
	S    int    `dynamodbav:"s"` // hidden by the S of everything
}

type Promoted struct {
	Up   string
	Down *int
}

type small struct {
	A string
	B int       `dynamodbav:",omitempty"`
	T time.Time `dynamodbav:",omitempty"`
	L []small   `dynamodbav:",omitempty"`
	X []string  `dynamodbav:"x,stringset,omitempty"`
}

// generator makes random values of any type.
type generator struct{ *rand.Rand }

func pick[E any](g generator, list ...E) E { return list[g.IntN(len(list))] }

func (g generator) text() string {
	return pick(g, "", "a", "plain text", "quote\" back\\slash /", "line\nfeed\ttab\r", "\x00\x01\x1f\x7f",
		"ünïcödé", "日本語テキスト", "🙂 and 𝄞", "<html>&amp;", "\u2028\u2029", strconv.Itoa(g.IntN(1e9)),
		"a text that is longer than a hundred and twenty-eight bytes, so that it is not cut from a chunk but gets memory of its own, as long ones do")
}

func (g generator) number() string {
	return pick(g, "0", "-1", "1", "42", "127", "128", "255", "-128", "3.5", "-0.25", "0.1", "1e3", "1E-5", "100000000000000000000",
		"9223372036854775807", "-9223372036854775808", "18446744073709551615", "123456789012345.6", "1234567890.12345678",
		"3.4028235e38", "1e39", "12345678901234567890123456789012345678", "0.00000000000000000000000000000000000001", "-0",
		strconv.FormatFloat(g.NormFloat64()*1e6, 'f', -1, 64), strconv.Itoa(g.IntN(1e6)))
}

func (g generator) time() time.Time {
	t := time.Unix(g.Int64N(4e9)-1e9, g.Int64N(3)*123456789).UTC()
	return pick(g, t, t.Truncate(time.Second), time.Time{}, t.In(time.FixedZone("", 5400)))
}

func (g generator) any(depth int) any {
	switch n := g.IntN(14); {
	case depth > 3 || n < 2:
		return pick[any](g, nil, "", "text", true, false, 7, 1.5, uint8(3), name("n"))
	case n == 2:
		return g.text()
	case n == 3:
		return []string{g.text(), g.text()}
	case n == 4:
		return []any{g.any(depth + 1), g.any(depth + 1)}
	case n == 5:
		return map[string]any{"k": g.any(depth + 1), "ü\"": g.any(depth + 1)}
	case n == 6:
		return []byte("bytes")
	case n == 7:
		return [][]byte{[]byte("a"), []byte("b")}
	case n == 8:
		return small{A: g.text(), B: g.IntN(3)}
	case n == 9:
		return &small{A: g.text(), X: []string{"x"}}
	case n == 10:
		return (*small)(nil)
	case n == 11:
		return []float64{1.5, 2}
	case n == 12:
		return map[int]string{g.IntN(9): "x"}
	}
	return attributevalue.Number("12")
}

func (g generator) fill(v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(g.time()))
		return
	case moment:
		v.Set(reflect.ValueOf(moment(g.time())))
		return
	case attributevalue.UnixTime:
		v.Set(reflect.ValueOf(attributevalue.UnixTime(time.Unix(g.Int64N(1e9), 0))))
		return
	case json.Number, attributevalue.Number:
		v.SetString(g.number())
		return
	case netip.Addr:
		v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{byte(g.IntN(256)), 1, 2, 3})))
		return
	case big.Int:
		v.Addr().Interface().(*big.Int).SetInt64(g.Int64())
		return
	case point:
		v.Set(reflect.ValueOf(point{g.IntN(9), -g.IntN(9)}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(g.text())
	case reflect.Bool:
		v.SetBool(g.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(pick(g, 0, 1, -1, g.Int64()>>(64-v.Type().Bits()), math.MinInt64>>(64-v.Type().Bits())))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(pick(g, 0, 1, g.Uint64()>>(64-v.Type().Bits()), math.MaxUint64>>(64-v.Type().Bits())))
	case reflect.Float32:
		v.SetFloat(pick(g, 0, 1.5, -0.1, math.MaxFloat32/2, float64(g.Float32())))
	case reflect.Float64:
		v.SetFloat(pick(g, 0, math.Copysign(0, -1), 0.1, 1e21, 1e-130, -1e-129, 9.99e125, g.NormFloat64(), float64(g.IntN(1e6))/100))
	case reflect.Pointer:
		if g.IntN(3) == 0 || depth > 2 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		g.fill(v.Elem(), depth+1)
	case reflect.Slice:
		n := g.IntN(5) - 1
		if v.Type().Elem().Kind() == reflect.Uint8 && depth > 1 {
			n = max(n, 0) // a set can't hold a nil
		}
		if n >= 0 && depth < 5 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				g.fill(v.Index(i), depth+1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			g.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		if g.IntN(4) == 0 || depth > 3 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range g.IntN(4) {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			g.fill(k, depth+1)
			g.fill(e, depth+1)
			if k.Kind() != reflect.String || k.Len() > 0 {
				v.SetMapIndex(k, e)
			}
		}
	case reflect.Struct:
		defer g.distinct(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() || v.Type().Field(i).Anonymous && v.Field(i).Kind() == reflect.Struct {
				if v.Field(i).CanSet() {
					g.fill(v.Field(i), depth+1)
				} else {
					v.Field(i).Field(0).SetString(g.text()) // the embedded struct
				}
			}
		}
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[types.AttributeValue]() {
			v.Set(reflect.ValueOf(&types.AttributeValueMemberS{Value: g.text()}))
			return
		}
		if x := g.any(depth); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	}
}

// distinct leaves no element twice in the sets of v, a struct.
func (g generator) distinct(v reflect.Value) {
	for sf, f := range v.Fields() {
		if !f.CanSet() || f.Kind() != reflect.Slice || !strings.Contains(sf.Tag.Get("dynamodbav"), "set") && f.Type() != reflect.TypeFor[[][]byte]() {
			continue
		}
		seen := map[string]bool{}
		kept := reflect.MakeSlice(f.Type(), 0, f.Len())
		for i := range f.Len() {
			text := fmt.Sprint(f.Index(i).Interface())
			if x, ok := new(big.Rat).SetString(text); ok {
				text = x.String() // 1 and 1.0 are one number
			}
			if !seen[text] {
				kept = reflect.Append(kept, f.Index(i))
			}
			seen[text] = true
		}
		if !f.IsNil() {
			f.Set(kept)
		}
	}
}

// withoutNil takes out of what attributevalue stores of v, a struct, the NULL of
// fields that are nil or empty sets (rules F7, J7), however deep.
func withoutNil(v reflect.Value, m map[string]types.AttributeValue) {
	own, err := fields.Of(v.Type())
	if err != nil {
		return
	}
	for i := range own.Fields {
		f := &own.Fields[i]
		fv, ok := f.Value(v)
		if _, null := m[f.Name].(*types.AttributeValueMemberNULL); ok && null && !f.Tag.NullEmpty {
			delete(m, f.Name)
		} else if ok {
			withoutNilIn(fv, m[f.Name])
		}
	}
}

func withoutNilIn(v reflect.Value, av types.AttributeValue) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberM:
		switch v.Kind() {
		case reflect.Struct:
			withoutNil(v, av.Value)
		case reflect.Map:
			for _, k := range v.MapKeys() {
				withoutNilIn(v.MapIndex(k), av.Value[fmt.Sprint(k.Interface())])
			}
		default:
		}
	case *types.AttributeValueMemberL:
		for i, e := range av.Value {
			if (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) && v.Len() == len(av.Value) {
				withoutNilIn(v.Index(i), e)
			}
		}
	}
}

func walkMaps(av types.AttributeValue, f func(map[string]types.AttributeValue)) {
	switch av := av.(type) {
	case *types.AttributeValueMemberM:
		f(av.Value)
		for _, e := range av.Value {
			walkMaps(e, f)
		}
	case *types.AttributeValueMemberL:
		for _, e := range av.Value {
			walkMaps(e, f)
		}
	}
}

func encodingMarshalers(o *attributevalue.EncoderOptions) { o.UseEncodingMarshalers = true }

func encodingUnmarshalers(o *attributevalue.DecoderOptions) { o.UseEncodingUnmarshalers = true }

// inOrder is the one form in which times are stored as text.
func inOrder(o *attributevalue.EncoderOptions) {
	o.EncodeTime = func(t time.Time) (types.AttributeValue, error) {
		return &types.AttributeValueMemberS{Value: t.UTC().Format("2006-01-02T15:04:05.000000000Z")}, nil
	}
}

// timeInOrder brings the time of a small in order, which attributevalue stored by
// its MarshalText.
func timeInOrder(m map[string]types.AttributeValue) {
	if s, ok := m["T"].(*types.AttributeValueMemberS); ok {
		if at, err := time.Parse(time.RFC3339, s.Value); err == nil {
			s.Value = at.UTC().Format("2006-01-02T15:04:05.000000000Z")
		}
	}
}

// sameEncoding checks that both back ends store v as attributevalue does.
func sameEncoding(t testing.TB, c *codec.Codec, v any, opts ...func(*attributevalue.EncoderOptions)) {
	want, wantErr := attributevalue.MarshalMapWithOptions(v, append(opts, inOrder)...)
	got, err := c.Encode(reflect.ValueOf(v).Elem())
	require.Equal(t, wantErr == nil, err == nil, "errors: %v, %v", wantErr, err)
	text, textErr := c.AppendItem(nil, reflect.ValueOf(v).Elem())
	require.Equal(t, err == nil, textErr == nil, "errors: %v, %v", err, textErr)
	if err != nil {
		return
	}
	withoutNil(reflect.ValueOf(v).Elem(), want)
	for _, av := range want {
		walkMaps(av, timeInOrder)
	}
	require.Equal(t, want, got)
	parsed, err := parseItem(text)
	require.NoError(t, err, "%s", text)
	require.Equal(t, want, parsed)
}

// sameDecoding checks that both back ends load item as attributevalue does into
// a struct of a type.
func sameDecoding(t testing.TB, c *codec.Codec, typ reflect.Type, item map[string]types.AttributeValue, opts ...func(*attributevalue.DecoderOptions)) {
	want, fromMap, fromText := reflect.New(typ), reflect.New(typ), reflect.New(typ)
	opts = append(opts, func(o *attributevalue.DecoderOptions) { o.FixUnmarshalIndividualSetValues = true })
	wantErr := attributevalue.UnmarshalMapWithOptions(item, want.Interface(), opts...)
	err := c.Decode(item, fromMap.Elem())
	require.Equal(t, wantErr == nil, err == nil, "errors: %v, %v", wantErr, err)
	textErr := c.DecodeItem(itemText(t, item), fromText.Elem())
	require.Equal(t, err == nil, textErr == nil, "errors: %v, %v", err, textErr)
	if err != nil {
		want.Elem().SetZero()
	}
	toUTC(want.Elem())
	sameFields(t, want.Elem().Interface(), fromMap.Elem().Interface())
	sameFields(t, want.Elem().Interface(), fromText.Elem().Interface())
}

// sameFields fails with the first field that differs.
func sameFields(t testing.TB, want, got any) {
	if reflect.DeepEqual(want, got) {
		return
	}
	w, g := reflect.ValueOf(want), reflect.ValueOf(got)
	for i := range w.NumField() {
		if f := w.Type().Field(i); f.IsExported() {
			require.Equal(t, w.Field(i).Interface(), g.Field(i).Interface(), f.Name)
		}
	}
	require.Fail(t, "an unexported field differs")
}

// toUTC moves all times in v to UTC (rule J3).
func toUTC(v reflect.Value) {
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = at.UTC()
		return
	case *moment:
		*at = moment(time.Time(*at).UTC())
		return
	case *attributevalue.UnixTime:
		*at = attributevalue.UnixTime(time.Time(*at).UTC())
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			toUTC(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			toUTC(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(k))
			toUTC(e)
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				toUTC(field)
			}
		}
	}
}
