package codec_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
)

// hoarder keeps what it is given, and panics when told to.
type hoarder struct{ text []byte }

func (h *hoarder) UnmarshalText(b []byte) error {
	if string(b) == "panic" {
		panic("told to")
	}
	h.text = b
	return nil
}

func (h hoarder) MarshalText() ([]byte, error) { return h.text, nil }

type leaf struct {
	Name string   `dynamodbav:"name"`
	N    int      `dynamodbav:"n"`
	Tags []string `dynamodbav:"tags"`
}

// lists holds every kind of list that a decoder fills bit by bit.
type lists struct {
	ID      string             `dynamodbav:"id"`
	Structs []leaf             `dynamodbav:"structs"`
	Ptrs    []*leaf            `dynamodbav:"ptrs"`
	Nested  [][]int            `dynamodbav:"nested"`
	Strings []string           `dynamodbav:"strings"`
	Set     []string           `dynamodbav:"set,stringset"`
	Numbers []int              `dynamodbav:"numbers,numberset"`
	Blobs   [][]byte           `dynamodbav:"blobs"`
	Fixed   [3]leaf            `dynamodbav:"fixed"`
	Self    []lists            `dynamodbav:"self"`
	Map     map[string][]leaf  `dynamodbav:"map"`
	Any     []any              `dynamodbav:"any"`
	Own     []hoarder          `dynamodbav:"own"`
	Raw     []rawValue         `dynamodbav:"raw"`
	Deep    map[string][][]int `dynamodbav:"deep"`
}

type rawValue = types.AttributeValue

// decoders are the ways into a codec that keep working memory.
func decoders(c *codec.Codec) (ways map[string]func(text string, v reflect.Value) error, done func()) {
	array, object := c.NewPage(), c.NewPage()
	onto := func(p *codec.Page, text string, read func([]byte) (int, error), v reflect.Value) error {
		p.Reset()
		if _, err := read([]byte(text)); err != nil {
			return err
		}
		v.Set(p.Slice().Index(0))
		return nil
	}
	ways = map[string]func(string, reflect.Value) error{
		"item":   func(text string, v reflect.Value) error { return c.DecodeItem([]byte(text), v) },
		"object": func(text string, v reflect.Value) error { return onto(object, text, object.Object, v) },
		"array": func(text string, v reflect.Value) error {
			return onto(array, "["+text+"]", func(b []byte) (int, error) { return array.Array(b, 0) }, v)
		},
		"values": func(text string, v reflect.Value) error {
			item, err := parseItem([]byte(text))
			if err != nil {
				return err
			}
			return c.Decode(item, v)
		},
	}
	return ways, func() {
		array.Release()
		object.Release()
	}
}

// attempt decodes, and takes a panic of a method of the item for an error.
func attempt(decode func(string, reflect.Value) error, text string, v reflect.Value) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return decode(text, v)
}

// What follows a decoding that failed, wherever it did, is what it is after
// none (rule O1).
func TestNothingIsLeftOfAFailedDecoding(t *testing.T) {
	t.Parallel()
	before := map[string]string{ // a list that is cut short by what does not fit
		"struct":             `"structs":{"L":[{"M":{"name":{"S":"a"},"tags":{"L":[{"S":"t"}]}}},{"M":{"n":{"S":"x"}}}]}`,
		"strings in struct":  `"structs":{"L":[{"M":{"tags":{"L":[{"S":"t"},{"N":"1"},{"BOOL":true}]}}}]}`,
		"pointer":            `"ptrs":{"L":[{"M":{"name":{"S":"a"}}},{"M":{"n":{"S":"x"}}}]}`,
		"list in list":       `"nested":{"L":[{"L":[{"N":"1"}]},{"L":[{"N":"2"},{"N":"x"}]}]}`,
		"strings":            `"strings":{"L":[{"S":"a"},{"BOOL":true}]}`,
		"text cut off":       `"strings":{"L":[{"S":"a"},{"S":"b`,
		"set":                `"set":{"L":[{"S":"a"},{"M":{}}]}`,
		"set of numbers":     `"numbers":{"NS":["1","2","x"]}`,
		"blobs":              `"blobs":{"L":[{"B":"YQ=="},{"N":"1"}]}`,
		"array":              `"fixed":{"L":[{"M":{"name":{"S":"a"}}},{"M":{"n":{"S":"x"}}}]}`,
		"itself":             `"self":{"L":[{"M":{"strings":{"L":[{"S":"a"}]},"self":{"L":[{"M":{"id":{"S":"in"}}},{"M":{"structs":{"L":[{"M":{}},{"S":"x"}]}}}]}}}]}`,
		"list in map":        `"map":{"M":{"k":{"L":[{"M":{"name":{"S":"a"}}},{"M":{"n":{"S":"x"}}}]}}}`,
		"deep":               `"deep":{"M":{"k":{"L":[{"L":[{"N":"7"}]},{"L":[{"N":"8"},{"S":""}]}]}}}`,
		"any":                `"any":{"L":[{"L":[{"S":"a"}]},{"N":"x"}]}`,
		"panic":              `"own":{"L":[{"S":"kept"},{"S":"panic"}]}`,
		"panic within":       `"self":{"L":[{"M":{"nested":{"L":[{"L":[{"N":"5"}]}]},"own":{"L":[{"S":"a"},{"S":"panic"}]}}}]}`,
		"twice":              `"strings":{"L":[{"S":"a"}]},"strings":{"L":[]}`,
		"misfit at the end":  `"structs":{"L":[{"M":{"name":{"S":"a"}}}]},"raw":{"L":[{"S":"r"}]},"id":{"N":[]}`,
		"elements, no comma": `"structs":{"L":[{"M":{"name":{"S":"a"}}} {"M":{}}]}`,
	}
	good := `{"id":{"S":"good"},"structs":{"L":[{"M":{"name":{"S":"g"}}}]},"ptrs":{"L":[{"M":{}}]},"nested":{"L":[{"L":[]},{"L":[{"N":"1"}]}]},` +
		`"strings":{"L":[{"S":"g"}]},"set":{"SS":["g"]},"numbers":{"NS":["1"]},"blobs":{"BS":["Zw=="]},"fixed":{"L":[{"M":{}}]},` +
		`"self":{"L":[{"M":{"strings":{"L":[{"S":"in"}]},"structs":{"L":[{"M":{}}]},"self":{"L":[]}}}]},"map":{"M":{"k":{"L":[{"M":{}}]}}},` +
		`"any":{"L":[{"S":"g"}]},"own":{"L":[{"S":"good"},{"S":"\u0067"}]},"raw":{"L":[{"S":"g"}]},"deep":{"M":{"k":{"L":[{"L":[{"N":"1"}]}]}}}}`
	var want lists
	require.NoError(t, codecOf[lists](t).DecodeItem([]byte(good), reflect.ValueOf(&want).Elem()))
	shared := codecOf[lists](t)
	for name, bad := range before {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ways, done := decoders(shared)
			defer done()
			for fails, decodeBad := range ways {
				for then, decodeGood := range ways {
					var got lists
					err := attempt(decodeBad, "{"+bad+"}", reflect.ValueOf(&got).Elem())
					require.True(t, err != nil || name == "twice" && fails == "values", fails) // a map has no name twice
					got = lists{}
					require.NoError(t, decodeGood(good, reflect.ValueOf(&got).Elem()), then)
					require.Equal(t, want, got, "%s fails, then %s", fails, then)
				}
			}
		})
	}
}

// FuzzBadThenGood decodes an item that is spoiled and then a good one, in the
// same working memory, and compares with a codec that has seen nothing.
func FuzzBadThenGood(f *testing.F) {
	shared := codecOf[lists](f)
	ways, done := decoders(shared)
	f.Cleanup(done)
	for i := range byte(20) {
		f.Add([]byte{i, 1, 2}, []byte{2, 1, i}, uint16(i)*37, byte('0')+i)
	}
	item := func(t *testing.T, data []byte) (text []byte, ok bool) {
		text, err := codecOf[lists](t).AppendItem(nil, reflect.ValueOf(fuzzed(reflect.TypeFor[lists](), data)).Elem())
		return text, err == nil
	}
	f.Fuzz(func(t *testing.T, first, second []byte, at uint16, c byte) {
		bad, ok := item(t, first)
		stored, stores := item(t, second)
		if !ok || !stores {
			return // no item that is stored
		}
		bad[int(at)%len(bad)] = c
		if at%3 == 0 {
			bad = bytes.ReplaceAll(bad, []byte(`"N":"`), []byte(`"S":"`))
		}
		good := string(stored)
		var want lists
		wantErr := codecOf[lists](t).DecodeItem([]byte(good), reflect.ValueOf(&want).Elem())
		for name, decode := range ways {
			var got lists
			_ = attempt(decode, string(bad), reflect.ValueOf(&got).Elem())
			got = lists{}
			err := decode(good, reflect.ValueOf(&got).Elem())
			require.Equal(t, wantErr == nil, err == nil, "%s: %v, %v", name, wantErr, err)
			sameFields(t, want, got)
		}
	})
}

// A method that keeps the bytes it is given, which it must not, keeps its own.
func TestMethodsAreGivenMemoryOfTheirOwn(t *testing.T) {
	t.Parallel()
	data := []byte(`{"own":{"L":[{"S":"first"},{"S":"sec\u006fnd"},{"S":"th\u0069rd"}]}}`)
	p := codecOf[lists](t).NewPage()
	defer p.Release()
	_, err := p.Object(data)
	require.NoError(t, err)
	items := p.Take().Interface().([]lists)
	clear(data)
	_, err = p.Object([]byte(strings.ReplaceAll(`{"id":{"S":"\u0078"}}`, "x", "y")))
	require.NoError(t, err)
	assert.Equal(t, []hoarder{{[]byte("first")}, {[]byte("second")}, {[]byte("third")}}, items[0].Own)
}
