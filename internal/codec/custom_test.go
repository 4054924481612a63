package codec_test

import (
	"errors"
	"net/url"
	"reflect"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
)

var errSecret = errors.New("secret value")

type failing struct{ Lost any }

func (failing) MarshalText() ([]byte, error) { return nil, errSecret }

func (*failing) UnmarshalText([]byte) error { return errSecret }

type failingValue struct{}

func (failingValue) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return nil, errSecret
}

func (*failingValue) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return errSecret }

type failingBinary struct{ Lost any }

func (failingBinary) MarshalBinary() ([]byte, error) { return nil, errSecret }

func (*failingBinary) UnmarshalBinary([]byte) error { return errSecret }

type withFailing struct {
	Text   *failing           `dynamodbav:"text,omitempty"`
	Value  *failingValue      `dynamodbav:"value,omitempty"`
	Binary *failingBinary     `dynamodbav:"binary,omitempty"`
	Keys   map[failing]string `dynamodbav:"keys,omitempty"`
}

// What a custom marshaler says is in the chain of errors, not in the text.
func TestErrorsOfMarshalersAreKeptOutOfTheText(t *testing.T) {
	t.Parallel()
	c := codecOf[withFailing](t)
	check := func(err error) {
		t.Helper()
		require.ErrorIs(t, err, errSecret)
		assert.NotContains(t, err.Error(), "secret")
		var fault *codec.Error
		require.ErrorAs(t, err, &fault)
		assert.Equal(t, reflect.TypeFor[withFailing](), fault.Type)
		assert.NotEmpty(t, fault.Attr)
	}
	for _, item := range []withFailing{
		{Text: &failing{}},
		{Value: &failingValue{}},
		{Binary: &failingBinary{}},
		{Keys: map[failing]string{{}: "x"}},
	} {
		_, err := c.Encode(reflect.ValueOf(item))
		check(err)
		_, err = c.AppendItem(nil, reflect.ValueOf(item))
		check(err)
	}
	for _, text := range []string{
		`{"text":{"S":"x"}}`,
		`{"value":{"L":[{"BS":["eA=="]},{"NS":["1"]},{"BOOL":true},{"M":{"k":{"B":"eA=="}}}]}}`,
		`{"binary":{"B":"eA=="}}`,
		`{"keys":{"M":{"k":{"S":"x"}}}}`,
	} {
		var item withFailing
		check(c.DecodeItem([]byte(text), reflect.ValueOf(&item).Elem()))
		attrs, err := parseItem([]byte(text))
		require.NoError(t, err)
		check(c.Decode(attrs, reflect.ValueOf(&item).Elem()))
		assert.Equal(t, withFailing{}, item)
	}
}

func TestErrorNamesThePath(t *testing.T) {
	t.Parallel()
	var got everything
	err := codecOf[everything](t).DecodeItem([]byte(`{"self":{"M":{"structs":{"L":[{"M":{"B":{"N":"x"}}}]}}}}`), reflect.ValueOf(&got).Elem())
	require.EqualError(t, err, "codec_test.everything: attribute self.structs.B: the number does not fit int")
}

func TestBinaryMarshalers(t *testing.T) {
	t.Parallel()
	type item struct {
		Link  url.URL    `dynamodbav:"link"`
		Links []*url.URL `dynamodbav:"links"`
	}
	link, err := url.Parse("https://example.com/a?b=c")
	require.NoError(t, err)
	in := item{*link, []*url.URL{link, nil}}
	c := codecOf[item](t)
	sameEncoding(t, c, &in, encodingMarshalers)
	decodeBack(t, c, &in, encodingUnmarshalers)
}

type shouter interface{ Shout() string }

// An interface that the stored value does not implement is an error, not a panic.
func TestInterfacesWithMethods(t *testing.T) {
	t.Parallel()
	type item struct {
		Who shouter `dynamodbav:"who"`
	}
	c := codecOf[item](t)
	var got item
	require.ErrorIs(t, c.DecodeItem([]byte(`{"who":{"S":"x"}}`), reflect.ValueOf(&got).Elem()), codec.ErrKind)
	require.NoError(t, c.DecodeItem([]byte(`{"who":{"NULL":true}}`), reflect.ValueOf(&got).Elem()))
	require.ErrorIs(t, c.Decode(map[string]types.AttributeValue{"who": &types.AttributeValueMemberS{Value: "x"}}, reflect.ValueOf(&got).Elem()), codec.ErrKind)
}

// A codec is shared by goroutines.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	data, want := entityPage(t, 30)
	c := codecOf[entity](t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				p := c.NewPage()
				_, err := p.Array(data, 0)
				assert.NoError(t, err)
				assert.Equal(t, want, p.Take().Interface())
				p.Release()
				text, err := c.AppendItem(nil, reflect.ValueOf(&want[3]).Elem())
				assert.NoError(t, err)
				var got entity
				assert.NoError(t, c.DecodeItem(text, reflect.ValueOf(&got).Elem()))
				assert.Equal(t, want[3], got)
			}
		})
	}
	wg.Wait()
}

func TestWalk(t *testing.T) {
	t.Parallel()
	data := []byte(` {"a": [1, {"b":null}, "x"] , "n":-1.5e3,"t":true, "o":{ }} `)
	var names []string
	end, err := codec.WalkObject(data, 1, func(name []byte, at int) (int, error) {
		names = append(names, string(name))
		if string(name) != "a" {
			return 0, nil
		}
		return codec.WalkArray(data, at, func(i, at int) (int, error) {
			names = append(names, string(data[at]))
			return codec.SkipValue(data, at)
		})
	})
	require.NoError(t, err)
	assert.True(t, codec.Rest(data, end))
	assert.Equal(t, []string{"a", "1", "{", `"`, "n", "t", "o"}, names)
	assert.Equal(t, 12, codec.Integer([]byte("x12,"), 1))
	assert.Zero(t, codec.Integer([]byte("99999999999999999999999"), 0))
	for _, text := range []string{"", "[", "{", `{"a"`, `{"a":}`, `{"a":1`, `{"a":01}`, `{"a":tru}`, `{"a":1 2}`, `{1:2}`, `{"a":[1,]}`, `{"a":nulll}`} {
		_, err := codec.WalkObject([]byte(text), 0, func([]byte, int) (int, error) { return 0, nil })
		require.ErrorIs(t, err, codec.ErrSyntax, text)
	}
}
