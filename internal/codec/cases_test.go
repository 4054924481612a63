package codec_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

type shape interface{ area() int }

type square struct {
	Side   int            `dynamodbav:"side"`
	Nested map[string]any `dynamodbav:"nested"`
}

func (s *square) area() int { return s.Side * s.Side }

type flat struct {
	Side string `dynamodbav:"side"`
}

func (*flat) area() int { return 0 }

var errShape = errors.New("no such shape")

// shapes returns a codec of squares and flats, by attribute "t".
func shapes(tb testing.TB) *codec.Codec {
	tb.Helper()
	names := []string{"square", "flat"}
	c := codec.Cases{Names: []string{"t"}}
	for _, t := range []reflect.Type{reflect.TypeFor[square](), reflect.TypeFor[flat]()} {
		p, err := fields.Of(t)
		require.NoError(tb, err)
		c.Codecs = append(c.Codecs, codec.New(p, func(o *codec.Options) { o.Watch = c.Names }))
	}
	c.Pick = func(seen []codec.Scalar) (int, error) {
		for i, name := range names {
			if seen[0].Kind == 'S' && string(seen[0].Data) == name {
				return i, nil
			}
		}
		if string(seen[0].Data) == "skip" {
			return 0, errors.Join(errShape, codec.ErrSkip)
		}
		return 0, errShape
	}
	c.Set = func(slot, p reflect.Value) { slot.Set(p) }
	return codec.NewCases(reflect.TypeFor[shape](), c)
}

// TestCases: each item is what its own top-level attribute says, wherever that
// stands, whatever looks like it stands before it, and however it is written.
func TestCases(t *testing.T) {
	t.Parallel()
	c := shapes(t)
	for name, test := range map[string]struct {
		json string
		want []shape
	}{
		"first":           {`[{"t":{"S":"square"},"side":{"N":"2"}}]`, []shape{&square{Side: 2}}},
		"last":            {`[{"side":{"N":"2"},"t":{"S":"square"}},{"side":{"S":"a"},"t":{"S":"flat"}}]`, []shape{&square{Side: 2}, &flat{"a"}}},
		"spaces":          {`[ { "side" : {"N":"2"} , "t" : { "S" : "square" } } ]`, []shape{&square{Side: 2}}},
		"escaped":         {`[{"\u0074":{"S":"squ\u0061re"},"side":{"N":"2"}}]`, []shape{&square{Side: 2}}},
		"escaped value":   {`[{"t":{"S":"squ\u0061re"},"side":{"N":"2"}}]`, []shape{&square{Side: 2}}},
		"nested before":   {`[{"nested":{"M":{"t":{"S":"flat"}}},"side":{"N":"2"},"t":{"S":"square"}}]`, []shape{&square{2, map[string]any{"t": "flat"}}}},
		"nested the same": {`[{"nested":{"M":{"t":{"S":"square"}}},"side":{"N":"2"},"t":{"S":"square"}}]`, []shape{&square{2, map[string]any{"t": "square"}}}},
		"in a text":       {`[{"x":{"S":"\"t\":{\"S\":\"flat\""},"side":{"N":"2"},"t":{"S":"square"}}]`, []shape{&square{Side: 2}}},
		"none":            {`[]`, nil},
		"left out":        {`[{"t":{"S":"skip"},"side":{"L":[]}},{"side":{"S":"a"},"t":{"S":"flat"}},{"t":{"S":"skip"}}]`, []shape{&flat{"a"}}},
	} {
		page := c.NewPage()
		n, err := page.Array([]byte(test.json+"]tail"), 0)
		require.NoError(t, err, name)
		assert.Equal(t, len(test.json), n, name)
		got := page.Take().Interface().([]shape)
		assert.Equal(t, test.want, got, name)
		page.Release()
	}
}

// TestCasesRefuse: what is no case is the error of Pick; what does not fit its
// case is that case's error.
func TestCasesRefuse(t *testing.T) {
	t.Parallel()
	c := shapes(t)
	for name, test := range map[string]struct {
		json string
		want error
	}{
		"unknown":                   {`{"t":{"S":"round"},"side":{"N":"2"}}`, errShape},
		"no attribute":              {`{"side":{"N":"2"}}`, errShape},
		"of the next item":          {`{"side":{"N":"2"}} {"t":{"S":"square"}}`, errShape},
		"nested alone":              {`{"nested":{"M":{"t":{"S":"square"}}}}`, errShape},
		"no string":                 {`{"t":{"N":"1"}}`, errShape},
		"a map":                     {`{"t":{"M":{"S":{"S":"square"}}}}`, errShape},
		"left out, but asked for":   {`{"t":{"S":"skip"}}`, codec.ErrSkip},
		"a value that does not fit": {`{"t":{"S":"square"},"side":{"S":"a"}}`, codec.ErrKind},
		"cut":                       {`{"t":{"S":"square"},"side":`, codec.ErrSyntax},
		"cut before":                {`{"t":`, codec.ErrSyntax},
		"no object":                 {`[]`, codec.ErrSyntax},
	} {
		page := c.NewPage()
		_, err := page.Object([]byte(test.json))
		require.ErrorIs(t, err, test.want, name)
		assert.Zero(t, page.Len(), name)
		page.Release()
	}
}

// TestCasesOfAttributes: from attribute values it is the same.
func TestCasesOfAttributes(t *testing.T) {
	t.Parallel()
	c := shapes(t)
	var got shape
	v := reflect.ValueOf(&got).Elem()
	str := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	require.NoError(t, c.Decode(map[string]types.AttributeValue{"t": str("flat"), "side": str("a")}, v))
	assert.Equal(t, &flat{"a"}, got)
	require.ErrorIs(t, c.Decode(map[string]types.AttributeValue{"side": str("a")}, v), errShape)
	assert.Nil(t, got)
	require.ErrorIs(t, c.Decode(map[string]types.AttributeValue{"t": str("square"), "side": str("a")}, v), codec.ErrKind)
	assert.Nil(t, got)
}

// TestCasesOfRandomPages holds pages of items in random orders of attributes,
// with decoys, against what was put in.
func TestCasesOfRandomPages(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	page := shapes(t).NewPage()
	defer page.Release()
	for range 300 {
		var texts []string
		var want []shape
		for range rnd.IntN(12) {
			n := rnd.IntN(10)
			attrs := []string{`"t":{"S":"square"}`, fmt.Sprintf(`"side":{"N":"%d"}`, n)}
			var one shape = &square{Side: n}
			if rnd.IntN(2) == 0 {
				attrs = []string{`"t":{"S":"flat"}`, fmt.Sprintf(`"side":{"S":"%d"}`, n)}
				one = &flat{fmt.Sprint(n)}
			}
			decoys := []string{`"u":{"M":{"t":{"S":"flat"}}}`, `"u":{"L":[{"M":{"t":{"S":"square"}}}]}`, `"u":{"S":"\"t\":{\"S\":\"flat\"}"}`, `"t2":{"S":"square"}`}
			attrs = append(attrs, decoys[rnd.IntN(len(decoys))])
			rnd.Shuffle(len(attrs), func(i, j int) { attrs[i], attrs[j] = attrs[j], attrs[i] })
			texts, want = append(texts, "{"+strings.Join(attrs, ",")+"}"), append(want, one)
		}
		page.Reset()
		_, err := page.Array([]byte("["+strings.Join(texts, ",")+"]"), len(texts))
		require.NoError(t, err)
		require.ElementsMatch(t, want, page.Slice().Interface())
	}
}
