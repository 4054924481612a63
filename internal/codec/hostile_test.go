package codec_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// A prefix of an item is an error, and leaves nothing behind.
func TestDecodeTruncated(t *testing.T) {
	t.Parallel()
	c := codecOf[everything](t)
	text, err := c.AppendItem(nil, reflect.ValueOf(random[everything](3)).Elem())
	require.NoError(t, err)
	page := append(append([]byte("["), text...), ']')
	for n := 0; n < len(text); n += 1 + n%7 {
		var got everything
		require.Error(t, c.DecodeItem(text[:n], reflect.ValueOf(&got).Elem()))
		require.Equal(t, everything{}, got)
	}
	p := c.NewPage()
	defer p.Release()
	for n := 0; n < len(page); n += 1 + n%7 {
		_, err := p.Array(page[:n], 0)
		require.Error(t, err)
		require.Zero(t, p.Len())
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	deep := func(n int, open, end string) string {
		return strings.Repeat(open, n) + `{"S":"x"}` + strings.Repeat(end, n)
	}
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"nothing":                           {``, codec.ErrSyntax},
		"null":                              {`null`, codec.ErrSyntax},
		"a list":                            {`[]`, codec.ErrSyntax},
		"something behind":                  {`{} {}`, codec.ErrSyntax},
		"a comma too many":                  {`{"s":{"S":"x"},}`, codec.ErrSyntax},
		"no colon":                          {`{"s" {"S":"x"}}`, codec.ErrSyntax},
		"an unknown type":                   {`{"s":{"X":"x"}}`, codec.ErrSyntax},
		"two types":                         {`{"s":{"S":"x","N":"1"}}`, codec.ErrSyntax},
		"no type":                           {`{"s":{}}`, codec.ErrSyntax},
		"a bare value":                      {`{"s":"x"}`, codec.ErrSyntax},
		"S of a number":                     {`{"s":{"S":1}}`, codec.ErrSyntax},
		"BOOL of a string":                  {`{"b":{"BOOL":"true"}}`, codec.ErrSyntax},
		"B of no base64":                    {`{"bytes":{"B":"***"}}`, codec.ErrSyntax},
		"an unknown attribute that is none": {`{"other":"x"}`, codec.ErrSyntax},
		"an unknown attribute cut short":    {`{"other":{"M":{"a":{"L":[{"N":"1"}`, codec.ErrSyntax},
		"an unknown set of numbers":         {`{"other":{"SS":[1]}}`, codec.ErrSyntax},
		"a control character":               {"{\"s\":{\"S\":\"a\nb\"}}", codec.ErrSyntax},
		"a bad escape":                      {`{"s":{"S":"\x"}}`, codec.ErrSyntax},
		"a bad \\u":                         {`{"s":{"S":"\u12g4"}}`, codec.ErrSyntax},
		"not UTF-8":                         {"{\"s\":{\"S\":\"\xff\"}}", codec.ErrText},
		"not UTF-8, escaped":                {"{\"s\":{\"S\":\"\\n\xff\"}}", codec.ErrText},
		"not UTF-8, unknown":                {"{\"other\":{\"S\":\"\xc0\"}}", codec.ErrText},
		"an attribute twice":                {`{"s":{"S":"x"},"s":{"S":"y"}}`, codec.ErrTwice},
		"a nested attribute twice":          {`{"struct":{"M":{"A":{"S":"x"},"A":{"S":"x"}}}}`, codec.ErrTwice},
		"a map key twice":                   {`{"m":{"M":{"k":{"S":"x"},"k":{"S":"y"}}}}`, codec.ErrTwice},
		"a key twice in any":                {`{"any":{"M":{"k":{"S":"x"},"k":{"S":"y"}}}}`, codec.ErrTwice},
		"equal numbers as map keys":         {`{"m_float":{"M":{"1":{"S":"x"},"1.0":{"S":"y"}}}}`, codec.ErrTwice},
		"10,000 levels of any":              {`{"any":` + deep(10000, `{"L":[`, `]}`) + `}`, codec.ErrDepth},
		"10,000 levels of maps":             {`{"any":` + deep(10000, `{"M":{"k":`, `}}`) + `}`, codec.ErrDepth},
		"10,000 levels unknown":             {`{"other":` + deep(10000, `{"L":[`, `]}`) + `}`, codec.ErrDepth},
		"10,000 levels of itself":           {deep(10000, `{"self":{"M":`, `}}`), codec.ErrDepth},
		"10,000 open brackets":              {`{"any":` + strings.Repeat(`{"L":[`, 10000), codec.ErrDepth},
		"text for a number":                 {`{"i":{"S":"12"}}`, codec.ErrKind},
		"number out of range":               {`{"i8":{"N":"128"}}`, codec.ErrKind},
		"number beyond int64":               {`{"i":{"N":"9223372036854775808"}}`, codec.ErrKind},
		"fraction for an int":               {`{"i":{"N":"1.5"}}`, codec.ErrKind},
		"negative for a uint":               {`{"u":{"N":"-1"}}`, codec.ErrKind},
		"no number":                         {`{"f64":{"N":"secret"}}`, codec.ErrKind},
		"no time":                           {`{"time":{"S":"secret"}}`, codec.ErrKind},
		"no unix time":                      {`{"unix":{"N":"secret"}}`, codec.ErrKind},
		"number for a bool":                 {`{"b":{"N":"1"}}`, codec.ErrKind},
		"text for bytes":                    {`{"bytes":{"S":"secret"}}`, codec.ErrKind},
		"bytes of another length":           {`{"four":{"B":"AQI="}}`, codec.ErrKind},
		"text for a list":                   {`{"l":{"S":"secret"}}`, codec.ErrKind},
		"numbers for a map":                 {`{"m":{"NS":["1"]}}`, codec.ErrKind},
		"list for a struct":                 {`{"struct":{"L":[]}}`, codec.ErrKind},
		"no number for a key":               {`{"m_int":{"M":{"secret":{"M":{}}}}}`, codec.ErrKind},
		"no bool for a key":                 {`{"m_bool":{"M":{"secret":{"M":{}}}}}`, codec.ErrKind},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := codecOf[everything](t)
			var got everything
			err := c.DecodeItem([]byte(test.text), reflect.ValueOf(&got).Elem())
			require.ErrorIs(t, err, test.want)
			assert.NotContains(t, err.Error(), "secret")
			assert.Contains(t, err.Error(), "codec_test.everything")
			assert.Equal(t, everything{}, got)

			if errors.Is(test.want, codec.ErrKind) { // the same through attribute values
				item, err := parseItem([]byte(test.text))
				require.NoError(t, err)
				err = c.Decode(item, reflect.ValueOf(&got).Elem())
				require.ErrorIs(t, err, test.want)
				assert.NotContains(t, err.Error(), "secret")
				assert.Equal(t, everything{}, got)
			}
		})
	}
}

func TestDecodeTolerates(t *testing.T) {
	t.Parallel()
	c := codecOf[everything](t)
	for name, test := range map[string]struct {
		text string
		want everything
	}{
		"nothing known":    {`{"other":{"M":{"a":{"L":[{"N":"1"},{"BOOL":false}]}}},"more":{"SS":["x"]}}`, everything{}},
		"white space":      {" {\n\t\"s\" : { \"S\" : \"x\" } , \"ss\" : {\"SS\": [ \"a\" , \"b\" ] } } ", everything{S: "x", SS: []string{"a", "b"}}},
		"an escaped name":  {`{"\u0073":{"\u0053":"x"}}`, everything{S: "x"}},
		"escapes":          {`{"s":{"S":"\"\\\/\b\f\n\r\t\u00fc\ud834\udd1e\ud834x"}}`, everything{S: "\"\\/\b\f\n\r\tü𝄞\ufffdx"}},
		"NULL":             {`{"s":{"NULL":true},"i":{"NULL":true},"l":{"NULL":true},"struct":{"NULL":true},"p":{"NULL":true}}`, everything{}},
		"a list for a set": {`{"ss":{"L":[{"S":"a"}]},"ns":{"L":[{"N":"1"}]}}`, everything{SS: []string{"a"}, NS: []int{1}}},
		"a set for a list": {`{"l":{"SS":["a"]},"ints":{"NS":["1"]}}`, everything{L: []string{"a"}, Ints: []int32{1}}},
		"surplus elements": {`{"three":{"L":[{"N":"1"},{"N":"2"},{"N":"3"},{"N":"4"}]}}`, everything{Three: [3]int{1, 2, 3}}},
		"38 digits":        {`{"number":{"N":"-1234567890123456789012345678901234567.8"}}`, everything{Number: "-1234567890123456789012345678901234567.8"}},
		"another case":     {`{"untagged":{"S":"x"},"S":{"S":"x"}}`, everything{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got everything
			require.NoError(t, c.DecodeItem([]byte(test.text), reflect.ValueOf(&got).Elem()))
			assert.Equal(t, test.want, got)
		})
	}
}

type ring struct {
	Next *ring `dynamodbav:"next,omitempty"`
	Any  any   `dynamodbav:"any,omitempty"`
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	cycle := &ring{}
	cycle.Next = cycle
	loop := any(nil)
	loop = &loop
	for name, test := range map[string]struct {
		item any
		want error
	}{
		"a pointer cycle":     {cycle, codec.ErrDepth},
		"an interface cycle":  {&ring{Any: loop}, codec.ErrDepth},
		"a channel in any":    {&ring{Any: make(chan int)}, codec.ErrKind},
		"an empty map key":    {&ring{Any: map[string]int{"": 1}}, codec.ErrKind},
		"nil in a binary set": {&struct{ V [][]byte }{[][]byte{{1}, nil}}, codec.ErrKind},
		"text in a set of numbers": {&struct {
			V []any `dynamodbav:"v,numberset"`
		}{[]any{"secret"}}, codec.ErrKind},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := reflect.ValueOf(test.item).Elem()
			c := codecFor(t, v.Type())
			_, err := c.Encode(v)
			require.ErrorIs(t, err, test.want)
			assert.NotContains(t, err.Error(), "secret")
			text, err := c.AppendItem([]byte("kept"), v)
			require.ErrorIs(t, err, test.want)
			assert.Equal(t, "kept", string(text))
		})
	}
}

// named is a kind of text.
type named string

// TestInvalidTextIsRefused: text that is not UTF-8, which the SDK would change on its
// way, is an error wherever it stands, in both forms.
func TestInvalidTextIsRefused(t *testing.T) {
	t.Parallel()
	type item struct {
		S    string               `dynamodbav:"s,omitempty"`
		N    named                `dynamodbav:"n,omitempty"`
		Set  []string             `dynamodbav:"set,stringset"`
		List []string             `dynamodbav:"list"`
		Map  map[string]int       `dynamodbav:"map"`
		Deep map[named][]named    `dynamodbav:"deep"`
		Any  any                  `dynamodbav:"any"`
		Raw  types.AttributeValue `dynamodbav:"raw"`
		Text text                 `dynamodbav:"text" dynarepo:"text"`
	}
	for _, bad := range []string{"a\xff", "\xc3", "\xed\xa0\x80", "\xe2\x82", "\x80b"} {
		halves := []string{bad[:len(bad)-1], bad[len(bad)-1:]}
		for name, i := range map[string]item{
			"s": {S: bad}, "n": {N: named(bad)}, "set": {Set: []string{"good", bad}}, "set, alone": {Set: []string{bad}},
			"list": {List: []string{bad}}, "map": {Map: map[string]int{bad: 1}}, "deep": {Deep: map[named][]named{"k": {named(bad)}}},
			"any": {Any: bad}, "any, nested": {Any: map[string]any{"k": []any{bad}}}, "raw": {Raw: &types.AttributeValueMemberS{Value: bad}},
			"raw, a set":  {Raw: &types.AttributeValueMemberSS{Value: append(halves, bad)}},
			"raw, a map":  {Raw: &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{bad: &types.AttributeValueMemberBOOL{}}}},
			"raw, nested": {Raw: &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: bad}}}},
			"text":        {Text: text(bad)},
		} {
			v := reflect.ValueOf(&i).Elem()
			c := codecOf[item](t)
			_, err := c.Encode(v)
			require.ErrorIs(t, err, codec.ErrText, name)
			attr, _, _ := strings.Cut(name, ",")
			assert.Contains(t, err.Error(), "attribute "+attr, name)
			assert.NotContains(t, err.Error(), bad, name)
			_, err = c.AppendItem(nil, v)
			require.ErrorIs(t, err, codec.ErrText, name)
		}
		for _, value := range []any{bad, named(bad), []string{bad}, map[string]int{bad: 1}, &types.AttributeValueMemberS{Value: bad}} {
			_, err := codec.EncodeAny(value)
			require.ErrorIs(t, err, codec.ErrText)
		}
	}
	for _, good := range []string{"", "a", "\x00", "\ufffd", "😀", "é", "\u2028", "\U0010ffff"} {
		v := reflect.ValueOf(&item{S: good, N: named(good), Set: []string{good}, List: []string{good}, Any: good, Text: text(good)}).Elem()
		_, err := codecOf[item](t).AppendItem(nil, v)
		require.NoError(t, err)
	}
}

// text is text by its method.
type text string

func (t text) MarshalText() ([]byte, error) { return []byte(t), nil }

func (t *text) UnmarshalText(b []byte) error { *t = text(b); return nil }

func TestRawValues(t *testing.T) {
	t.Parallel()
	type item struct {
		Raw  types.AttributeValue   `dynamodbav:"raw"`
		Omit types.AttributeValue   `dynamodbav:"omit,omitempty"`
		List []types.AttributeValue `dynamodbav:"list"`
		Any  any                    `dynamodbav:"any"`
	}
	c := codecOf[item](t)
	raw := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
		"k": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"b": &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberNULL{Value: true},
			&types.AttributeValueMemberBOOL{Value: true},
			&types.AttributeValueMemberB{Value: []byte{1}},
		}},
	}}
	in := item{Raw: raw, List: []types.AttributeValue{raw, &types.AttributeValueMemberSS{Value: []string{"x"}}}, Any: &types.AttributeValueMemberN{Value: "1"}}
	text, err := c.AppendItem(nil, reflect.ValueOf(in))
	require.NoError(t, err)
	encoded, err := c.Encode(reflect.ValueOf(in))
	require.NoError(t, err)
	assert.Same(t, raw, encoded["raw"])
	want := in
	want.Any = 1.0

	var fromText, fromItem item
	require.NoError(t, c.DecodeItem(text, reflect.ValueOf(&fromText).Elem()))
	assert.Equal(t, want, fromText)
	require.NoError(t, c.Decode(encoded, reflect.ValueOf(&fromItem).Elem()))
	assert.Equal(t, want, fromItem)
}

// Rule J3.
func TestTimesAreInTheZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("here", -7*3600)
	c := codecOf[everything](t, func(o *codec.Options) { o.Zone = zone })
	when := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	var got everything
	require.NoError(t, c.DecodeItem([]byte(`{"time":{"S":"2026-11-22T01:02:03Z"},"unix":{"N":"1795309323"},"unix_time":{"N":"1795309323"},"moment":{"S":"2026-11-22T02:02:03+01:00"}}`), reflect.ValueOf(&got).Elem()))
	for _, at := range []time.Time{got.Time, got.Unix, time.Time(got.UnixTime), time.Time(got.Moment)} {
		assert.True(t, when.Equal(at), at)
		assert.Same(t, zone, at.Location())
	}
}
