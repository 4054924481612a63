package cond

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/plan"
)

// An Attr is an attribute of the items of T whose values are of type V. It is
// immutable, makes conditions ([Cond]) and changes ([Change]), and is safe for
// concurrent use.
type Attr[T, V any] struct {
	at  place
	err error
}

// place is where an attribute lies in an item and how its values are stored.
type place struct {
	path Path
	typ  reflect.Type // of the values; nil if only the name is known
	tag  plan.Tag
}

// Field returns the attribute that the field selected by sel is stored in. sel
// gets a T whose nested structs are all there and returns the address of one
// of its fields, nested or embedded ones included:
//
//	cond.Field(func(p *Person) *string { return &p.Address.City })
//
// If sel panics, returns nil, or returns the address of what is no attribute
// (an ignored field, an embedded struct as a whole, an element of a list), the
// attribute carries an error that is [ErrAttr].
func Field[T, V any](sel func(*T) *V) Attr[T, V] {
	at, err := resolveField(sel)
	return Attr[T, V]{at: at, err: err}
}

// Name returns the attribute at a document path: names separated by dots, each
// with any number of list indexes, such as "tags", "address.city" or
// "lines[0].sku". A name that T has as a whole, dots included, is that
// attribute. Values are encoded as the field there stores them, and as
// attributevalue.Marshal does where T has no such field. A path that is
// malformed gives an attribute that carries an error that is [ErrAttr].
func Name[T any](path string) Attr[T, any] {
	at, err := resolveName(reflect.TypeFor[T](), path)
	return Attr[T, any]{at: at, err: err}
}

// As returns an attribute of the items of T as one of the items of U: of an
// interface that *T implements, for a repository of several types.
func As[U, T, V any](a Attr[T, V]) Attr[U, V] { return Attr[U, V]{at: a.at, err: a.err} }

// Err returns what keeps the attribute from resolving, or nil. It is an
// [*AttrError].
func (a Attr[T, V]) Err() error { return a.err }

// Path returns where the attribute lies in an item; nil if it did not resolve.
func (a Attr[T, V]) Path() Path { return a.at.path.clone() }

// encode returns v as the attribute stores it.
func (p place) encode(v any) (types.AttributeValue, error) {
	if p.typ == nil {
		return codec.EncodeAny(v)
	}
	return codec.EncodeField(&plan.Field{Type: p.typ, Tag: p.tag}, v)
}

// encodeElem returns v as an element of the set or list at p is stored, or as
// the attribute itself is if it is neither.
func (p place) encodeElem(v any) (types.AttributeValue, error) {
	if p.typ == nil {
		return codec.EncodeAny(v)
	}
	return codec.EncodeElem(&plan.Field{Type: p.typ, Tag: p.tag}, v)
}
