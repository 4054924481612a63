package codec_test

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

// Times load as the standard library reads them, in whatever form they are
// written, and are refused where it refuses them.
func TestTimesAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	type item struct {
		T time.Time `dynamodbav:"t"`
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := rand.New(rand.NewPCG(seed, 0))
	texts := []string{
		"", "Z", "2026-11-22T01:02:03Z", "2026-11-22T01:02:03.5Z", "2026-11-22T01:02:03.123456789Z", "2026-11-22T01:02:03.1234567891Z",
		"2026-11-22T01:02:03.Z", "2026-11-22T01:02:03,5Z", "2026-11-22T01:02:03.5", "2026-11-22T01:02:03z", "2026-11-22t01:02:03Z",
		"2026-11-22T01:02:03+01:00", "2026-11-22T24:00:00Z", "2026-11-22T23:60:00Z", "2026-11-22T23:59:60Z", "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2000-02-29T00:00:00Z",
		"1900-02-28T00:00:00Z", "1970-01-01T00:00:00Z", "1969-12-28T23:59:59Z", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00Z",
		"20a6-11-22T01:02:03Z", "2026-11-22T01:02:03.5aZ", "2026-11-22T01:02:0:Z", "2026/11/22T01:02:03Z", "2026-11-22T1:02:03Z",
	}
	for i := range 20_000 {
		at := time.Unix(g.Int64N(253402300800), g.Int64N(1e9)).UTC()
		if i%2 == 0 {
			at = at.Truncate(time.Duration(1+g.IntN(1000)) * time.Millisecond)
		}
		texts = append(texts, at.Format(time.RFC3339Nano))
	}
	c := codecOf[item](t)
	for _, text := range texts {
		var got item
		err := c.DecodeItem(fmt.Appendf(nil, `{"t":{"S":%q}}`, text), reflect.ValueOf(&got).Elem())
		want, wantErr := time.Parse(time.RFC3339, text)
		require.Equal(t, wantErr == nil, err == nil, text)
		assert.Equal(t, want.UTC(), got.T, text)
	}
}

// The text of a time is in the order of time, one for one instant, and what
// attributevalue reads is that instant (rule O2).
func TestTimesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	type item struct {
		T     time.Time            `dynamodbav:"t"`
		P     *time.Time           `dynamodbav:"p"`
		Named moment               `dynamodbav:"named"`
		List  []time.Time          `dynamodbav:"list"`
		Set   []time.Time          `dynamodbav:"set,stringset"`
		Map   map[string]time.Time `dynamodbav:"map"`
		Any   any                  `dynamodbav:"any"`
	}
	base := time.Date(2021, 12, 15, 15, 21, 44, 0, time.UTC)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := rand.New(rand.NewPCG(seed, 0))
	times := []time.Time{
		{},
		base, base.Add(1), base.Add(543 * time.Millisecond), base.Add(time.Second), base.In(time.FixedZone("", 3*3600)),
		time.Unix(-1, 999), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	}
	for range 200 {
		times = append(times, time.Unix(g.Int64N(253402300800)-6e10, g.Int64N(1e9)).In(time.FixedZone("", g.IntN(80000)-40000)))
	}
	c := codecOf[item](t)
	texts := make([]string, len(times))
	for i, at := range times {
		v := reflect.ValueOf(item{at, &at, moment(at), []time.Time{at}, []time.Time{at}, map[string]time.Time{"k": at}, at})
		attrs, err := c.Encode(v)
		require.NoError(t, err)
		text, err := c.AppendItem(nil, v)
		require.NoError(t, err)
		parsed, err := parseItem(text)
		require.NoError(t, err)
		require.Equal(t, attrs, parsed)
		s := attrs["t"]
		texts[i] = s.(*types.AttributeValueMemberS).Value
		require.Equal(t, map[string]types.AttributeValue{
			"t": s, "p": s, "named": s, "any": s, "list": &types.AttributeValueMemberL{Value: []types.AttributeValue{s}},
			"set": &types.AttributeValueMemberSS{Value: []string{texts[i]}}, "map": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": s}},
		}, attrs)
		var back item
		require.NoError(t, attributevalue.UnmarshalMap(attrs, &back))
		require.True(t, at.Equal(back.T) && at.Equal(*back.P) && at.Equal(time.Time(back.Named)) && at.Equal(back.List[0]) && at.Equal(back.Set[0]) && at.Equal(back.Map["k"]))
	}
	for i, a := range times {
		for j, b := range times {
			require.Equal(t, a.Compare(b), cmp.Compare(texts[i], texts[j]), "%v %v", a, b)
		}
	}
}

// A year that the text has no room for is refused, and the field named.
func TestTimesOutOfTheYears(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.Date(-1, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200))} {
		for way, item := range holding(at) {
			if way == "set" {
				continue // a set of numbers holds none
			}
			t.Run(way, func(t *testing.T) { refused(t, item, "T23:") })
		}
	}
}

// A field with the option sdktime is stored as attributevalue does, and has no
// order; all forms load from it.
func TestTimesOfTheSDK(t *testing.T) {
	t.Parallel()
	type item struct {
		T    time.Time   `dynamodbav:"t" dynarepo:"sdktime"`
		P    *time.Time  `dynamodbav:"p,omitempty" dynarepo:"sdktime"`
		List []time.Time `dynamodbav:"list" dynarepo:"sdktime"`
		In   struct {
			T time.Time `dynamodbav:"t"`
		} `dynamodbav:"in"`
	}
	at := time.Date(2021, 12, 15, 15, 21, 44, 5e8, time.FixedZone("", 7200))
	in := item{T: at, P: &at, List: []time.Time{at}}
	got, err := codecOf[item](t).Encode(reflect.ValueOf(in))
	require.NoError(t, err)
	want, err := attributevalue.MarshalMap(in)
	require.NoError(t, err)
	want["in"] = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"t": &types.AttributeValueMemberS{Value: "0001-01-01T00:00:00.000000000Z"}}}
	assert.Equal(t, want, got)
	p, err := fields.Of(reflect.TypeFor[item]())
	require.NoError(t, err)
	elem, err := codec.EncodeElem(p.Field("list"), at)
	require.NoError(t, err)
	assert.Equal(t, want["t"], elem)
}

func TestOrdered(t *testing.T) {
	t.Parallel()
	type item struct {
		Text     string                `dynamodbav:"text"`
		Int      int                   `dynamodbav:"int"`
		IntText  int                   `dynamodbav:"int_text,string"`
		Exact    attributevalue.Number `dynamodbav:"exact"`
		ExactTxt attributevalue.Number `dynamodbav:"exact_text,string"`
		Bytes    []byte                `dynamodbav:"bytes"`
		Time     time.Time             `dynamodbav:"time"`
		TimeP    *time.Time            `dynamodbav:"time_p"`
		Unix     time.Time             `dynamodbav:"unix,unixtime"`
		SDK      time.Time             `dynamodbav:"sdk" dynarepo:"sdktime"`
		SDKP     *time.Time            `dynamodbav:"sdk_p" dynarepo:"sdktime"`
		Big      *big.Int              `dynamodbav:"big"`
		Bool     bool                  `dynamodbav:"bool"`
		List     []int                 `dynamodbav:"list"`
		Set      []int                 `dynamodbav:"set,numberset"`
		Any      any                   `dynamodbav:"any"`
	}
	p, err := fields.Of(reflect.TypeFor[item]())
	require.NoError(t, err)
	var ordered []string
	for i := range p.Fields {
		if codec.Ordered(&p.Fields[i]) {
			ordered = append(ordered, p.Fields[i].Name)
		}
	}
	assert.Equal(t, []string{"text", "int", "exact", "bytes", "time", "time_p", "unix", "any"}, ordered)
}
