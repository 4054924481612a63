package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every tag option, and what a field with it is stored as.
func TestTagOptions(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 11, 22, 10, 0, 0, 5e6, time.FixedZone("", 3600))
	zero, one := 0, 1
	type strs struct {
		V []string `dynamodbav:"v"`
	}
	for name, test := range map[string]struct {
		item any
		want string
	}{
		"none": {struct{ V string }{""}, `{"V":{"S":""}}`},
		"ignored": {struct {
			V string `dynamodbav:"-"`
		}{"x"}, `{}`},
		"named": {struct {
			V int `dynamodbav:"a.b"`
		}{1}, `{"a.b":{"N":"1"}}`},
		"omitempty, zero": {struct {
			V int `dynamodbav:"v,omitempty"`
		}{0}, `{}`},
		"omitempty, set": {struct {
			V int `dynamodbav:"v,omitempty"`
		}{1}, `{"v":{"N":"1"}}`},
		"omitempty, pointer to zero": {struct {
			V *int `dynamodbav:"v,omitempty"`
		}{&zero}, `{"v":{"N":"0"}}`},
		"omitempty, empty list": {struct {
			V []int `dynamodbav:"v,omitempty"`
		}{[]int{}}, `{"v":{"L":[]}}`},
		"omitempty, zero time": {struct {
			V time.Time `dynamodbav:"v,omitempty"`
		}{}, `{"v":{"S":"0001-01-01T00:00:00.000000000Z"}}`},
		"nullempty, zero": {struct {
			V bool `dynamodbav:"v,nullempty"`
		}{}, `{"v":{"NULL":true}}`},
		"nullempty, set": {struct {
			V bool `dynamodbav:"v,nullempty"`
		}{true}, `{"v":{"BOOL":true}}`},
		"omitemptyelem": {struct {
			V []string `dynamodbav:"v,omitemptyelem"`
		}{[]string{"", "a"}}, `{"v":{"L":[{"S":"a"}]}}`},
		"omitemptyelem, map": {struct {
			V map[string]int `dynamodbav:"v,omitemptyelem"`
		}{map[string]int{"a": 0, "b": 1}}, `{"v":{"M":{"b":{"N":"1"}}}}`},
		"nullemptyelem": {struct {
			V []string `dynamodbav:"v,nullemptyelem"`
		}{[]string{"", "a"}}, `{"v":{"L":[{"NULL":true},{"S":"a"}]}}`},
		"string, int": {struct {
			V int `dynamodbav:"v,string"`
		}{-5}, `{"v":{"S":"-5"}}`},
		"string, float": {struct {
			V *float64 `dynamodbav:"v,string"`
		}{new(1.5)}, `{"v":{"S":"1.5"}}`},
		"string, number": {struct {
			V attributevalue.Number `dynamodbav:"v,string"`
		}{"7"}, `{"v":{"S":"7"}}`},
		"unixtime": {struct {
			V time.Time `dynamodbav:"v,unixtime"`
		}{when}, `{"v":{"N":"1795338000"}}`},
		"unixtime, pointer": {struct {
			V *time.Time `dynamodbav:"v,unixtime"`
		}{&when}, `{"v":{"N":"1795338000"}}`},
		"time": {struct {
			V time.Time `dynamodbav:"v"`
		}{when}, `{"v":{"S":"2026-11-22T09:00:00.005000000Z"}}`},
		"stringset": {struct {
			V []string `dynamodbav:"v,stringset"`
		}{[]string{"b", "a"}}, `{"v":{"SS":["b","a"]}}`},
		"stringset, pointers": {struct {
			V []*string `dynamodbav:"v,stringset"`
		}{[]*string{new("b")}}, `{"v":{"SS":["b"]}}`},
		"numberset": {struct {
			V [2]int `dynamodbav:"v,numberset"`
		}{[2]int{3, 1}}, `{"v":{"NS":["3","1"]}}`},
		"binaryset": {struct {
			V [][]byte `dynamodbav:"v,binaryset"`
		}{[][]byte{{1}}}, `{"v":{"BS":["AQ=="]}}`},
		"bytes": {struct {
			V []byte `dynamodbav:"v"`
		}{[]byte{1, 2}}, `{"v":{"B":"AQI="}}`},
		"nil bytes": {struct {
			V []byte `dynamodbav:"v"`
		}{}, `{}`},
		"nil, nullempty": {struct {
			V *int `dynamodbav:"v,nullempty"`
		}{}, `{"v":{"NULL":true}}`},
		"nil in a list":        {struct{ V []*int }{[]*int{nil}}, `{"V":{"L":[{"NULL":true}]}}`},
		"nil in a map":         {struct{ V map[string]any }{map[string]any{"a": nil}}, `{"V":{"M":{"a":{"NULL":true}}}}`},
		"nil list":             {strs{}, `{}`},
		"empty list":           {strs{[]string{}}, `{"v":{"L":[]}}`},
		"nil map":              {struct{ V map[string]int }{}, `{}`},
		"nil pointer":          {struct{ V *int }{}, `{}`},
		"pointers to pointers": {struct{ V ***int }{new(new(&one))}, `{"V":{"N":"1"}}`},
		// Rule F7: a set that is empty is left out.
		"stringset, nil": {struct {
			V []string `dynamodbav:"v,stringset"`
		}{}, `{}`},
		"stringset, empty": {struct {
			V []string `dynamodbav:"v,stringset"`
		}{[]string{}}, `{}`},
		"numberset, pointer to empty": {struct {
			V *[]int `dynamodbav:"v,numberset"`
		}{new([]int{})}, `{}`},
		"binary set by type, empty": {struct {
			V [][]byte `dynamodbav:"v"`
		}{[][]byte{}}, `{}`},
		"stringset in an interface": {struct {
			V any `dynamodbav:"v,stringset"`
		}{[]string{}}, `{}`},
		"stringset, nullempty": {struct {
			V []string `dynamodbav:"v,stringset,nullempty"`
		}{[]string{}}, `{"v":{"NULL":true}}`},
		"an empty set in a nested item": {struct {
			V struct {
				S []int `dynamodbav:"s,numberset"`
			}
		}{}, `{"V":{"M":{}}}`},
		"an empty set in a list": {struct{ V [][][]byte }{[][][]byte{{}, {{1}}}}, `{"V":{"L":[{"NULL":true},{"BS":["AQ=="]}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := reflect.ValueOf(test.item)
			c := codecFor(t, v.Type())
			text, err := c.AppendItem(nil, v)
			require.NoError(t, err)
			assert.Equal(t, test.want, string(text))

			item, err := c.Encode(v)
			require.NoError(t, err)
			parsed, err := parseItem(text)
			require.NoError(t, err)
			assert.Equal(t, parsed, item)

			back, fromItem := reflect.New(v.Type()).Elem(), reflect.New(v.Type()).Elem()
			require.NoError(t, c.DecodeItem(text, back))
			require.NoError(t, c.Decode(item, fromItem))
			assert.Equal(t, fromItem.Interface(), back.Interface())
			again, err := c.AppendItem(nil, back)
			require.NoError(t, err)
			if name != "time" { // which comes back in UTC
				assert.Equal(t, test.want, string(again))
			}
		})
	}
}
