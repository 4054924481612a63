package codec_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/dynarepo/dynarepo/internal/codec"
)

func random[T any](seed uint64) *T {
	v := new(T)
	generator{rand.New(rand.NewPCG(seed, 1))}.fill(reflect.ValueOf(v).Elem(), 0)
	return v
}

// Both directions agree with attributevalue on random values of types that hold
// every kind of field and every tag option.
func TestSameAsAttributevalue(t *testing.T) {
	t.Parallel()
	all, methods := codecOf[everything](t), codecOf[withMethods](t)
	for seed := range uint64(100) {
		e := random[everything](seed)
		sameEncoding(t, all, e)
		decodeBack(t, all, e)
		m := random[withMethods](seed)
		sameEncoding(t, methods, m, encodingMarshalers)
		decodeBack(t, methods, m, encodingUnmarshalers)
	}
}

// decodeBack decodes what v is stored as.
func decodeBack(t testing.TB, c *codec.Codec, v any, opts ...func(*attributevalue.DecoderOptions)) {
	item, err := c.Encode(reflect.ValueOf(v).Elem())
	if err == nil { // else a set holds what no set can, and sameEncoding has seen it
		sameDecoding(t, c, reflect.TypeOf(v).Elem(), item, opts...)
	}
}
