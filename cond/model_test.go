package cond_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

// color says itself how it is stored: as text.
type color struct{ r, g, b uint8 }

func (c color) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "#%02x%02x%02x", c.r, c.g, c.b), nil
}

// money says itself how it is stored: as a number of cents.
type money struct{ Cents int }

func (m money) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(m.Cents)}, nil
}

type (
	level string
	rank  int16
)

type address struct {
	Street string `dynamodbav:"street"`
	Zip    int    `dynamodbav:"zip,string"`
	Geo    *geo   `dynamodbav:"geo"`
}

type geo struct{ Lat, Lon float64 }

type line struct {
	SKU   string    `dynamodbav:"sku"`
	Count int       `dynamodbav:"count"`
	Tags  []string  `dynamodbav:"tags,stringset"`
	At    time.Time `dynamodbav:"at,unixtime"`
}

type Base struct {
	ID      string    `dynamodbav:"id"`
	Created time.Time `dynamodbav:"created"`
}

type Audit struct {
	By string `dynamodbav:"by"`
}

// node holds itself.
type node struct {
	Name string `dynamodbav:"name"`
	Next *node  `dynamodbav:"next"`
}

type empty struct{}

// person has a field of each kind. Its first field, and the first fields of
// that, all have one address.
type person struct {
	Home address `dynamodbav:"home"`
	Base
	*Audit
	Work    *address       `dynamodbav:"work"`
	Name    string         `dynamodbav:"name"`
	Nick    *string        `dynamodbav:"nick"`
	Size    int            `dynamodbav:"size"`
	Level   level          `dynamodbav:"level"`
	Rank    rank           `dynamodbav:"rank"`
	Score   float64        `dynamodbav:"score"`
	Code    int            `dynamodbav:"code,string"`
	Active  bool           `dynamodbav:"active"`
	Photo   []byte         `dynamodbav:"photo"`
	Tags    []string       `dynamodbav:"tags,stringset"`
	Years   []int          `dynamodbav:"years,numberset"`
	Keys    [][]byte       `dynamodbav:"keys,binaryset"`
	Notes   []string       `dynamodbav:"notes"`
	Lines   []line         `dynamodbav:"lines"`
	Grid    [2]int         `dynamodbav:"grid"`
	Extra   map[string]int `dynamodbav:"extra"`
	Any     any            `dynamodbav:"any"`
	Seen    time.Time      `dynamodbav:"seen"`
	Ends    time.Time      `dynamodbav:"ends,unixtime"`
	Left    *time.Time     `dynamodbav:"left"`
	Color   color          `dynamodbav:"color"`
	Price   money          `dynamodbav:"price"`
	Tree    node           `dynamodbav:"tree"`
	None    empty          `dynamodbav:"none"`
	Ignored string         `dynamodbav:"-"`
	Dotted  string         `dynamodbav:"a.b"`
	Odd     string         `dynamodbav:"_x: y"`
	Listy   string         `dynamodbav:"z[0]"`
	Plain   string

	hidden string
}

// built is a condition as the SDK sends it: the expression, what its names and
// its values stand for, each in order.
func built(t *testing.T, c cond.Cond[person]) string {
	t.Helper()
	b, err := c.Node().Compile()
	require.NoError(t, err)
	require.NoError(t, c.Err())
	return rendered(t, expression.NewBuilder().WithCondition(b), expression.Expression.Condition)
}

func rendered(t *testing.T, b expression.Builder, text func(expression.Expression) *string) string {
	t.Helper()
	e, err := b.Build()
	require.NoError(t, err)
	out := []string{strings.TrimSpace(*text(e))}
	for _, alias := range slices.Sorted(maps.Keys(e.Names())) {
		out = append(out, alias+" "+e.Names()[alias])
	}
	for _, alias := range slices.Sorted(maps.Keys(e.Values())) {
		out = append(out, alias+" "+stored(e.Values()[alias]))
	}
	return strings.Join(out, "; ")
}

// stored writes a value with its type.
func stored(av types.AttributeValue) string {
	switch v := av.(type) {
	case nil:
		return "nothing"
	case *types.AttributeValueMemberS:
		return "S " + v.Value
	case *types.AttributeValueMemberN:
		return "N " + v.Value
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("B %x", v.Value)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint("BOOL ", v.Value)
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberSS:
		return fmt.Sprint("SS ", v.Value)
	case *types.AttributeValueMemberNS:
		return fmt.Sprint("NS ", v.Value)
	case *types.AttributeValueMemberBS:
		return fmt.Sprintf("BS %x", v.Value)
	case *types.AttributeValueMemberL:
		parts := make([]string, len(v.Value))
		for i, e := range v.Value {
			parts[i] = stored(e)
		}
		return "L [" + strings.Join(parts, ", ") + "]"
	case *types.AttributeValueMemberM:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v.Value)) {
			parts = append(parts, k+": "+stored(v.Value[k]))
		}
		return "M {" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprintf("%T", av)
}

// put is an attribute as a repository stores it; nil of none.
func put(t *testing.T, p person, attr string) types.AttributeValue {
	t.Helper()
	of, err := fields.Of(reflect.TypeFor[person]())
	require.NoError(t, err)
	item, err := codec.New(of).Encode(reflect.ValueOf(&p).Elem())
	require.NoError(t, err)
	return item[attr]
}
