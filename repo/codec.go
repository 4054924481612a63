package repo

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/plan"
)

// A Codec turns a T into the attributes of an item and back. It must be safe
// for concurrent use.
type Codec[T any] interface {
	// Encode returns the attributes of item, freshly made.
	Encode(item *T) (map[string]types.AttributeValue, error)
	// Decode sets item, a zero T, from attrs, which it must not keep.
	Decode(attrs map[string]types.AttributeValue, item *T) error
}

// structCodec is the Codec of a struct type by its dynamodbav tags.
type structCodec[T any] struct{ c *codec.Codec }

func newStructCodec[T any](p *plan.Struct) structCodec[T] {
	return structCodec[T]{codec.New(p)}
}

func (s structCodec[T]) Encode(item *T) (map[string]types.AttributeValue, error) {
	return s.c.Encode(reflect.ValueOf(item).Elem())
}

func (s structCodec[T]) Decode(attrs map[string]types.AttributeValue, item *T) error {
	return s.c.Decode(attrs, reflect.ValueOf(item).Elem())
}
