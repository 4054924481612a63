package cond

import (
	"reflect"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fields"
)

// An Attr is an attribute of the items of T whose values are of type V. It is
// immutable, makes conditions ([Cond]) and changes ([Change]), and is safe for
// concurrent use.
type Attr[T, V any] struct{ of *attr }

// attr is an Attr apart from its types, and holds the code that Attr would have
// once for each pair of them. A nil one is that of the zero Attr.
type attr struct {
	owner reflect.Type // of the items
	at    place
	err   error
}

// place is where an attribute lies in an item and how its values are stored.
type place struct {
	path expr.Path
	typ  reflect.Type // of the values; nil if only the name is known
	tag  fields.Tag
	leaf bool // it is an attribute of the item or a struct's field, so that nil is stored as nothing
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
	item := new(T)
	return Attr[T, V]{resolveField(reflect.ValueOf(item), reflect.TypeFor[V](), func() reflect.Value {
		return reflect.ValueOf(sel(item))
	})}
}

// Name returns the attribute at a document path: names separated by dots, each
// with any number of list indexes, such as "tags", "address.city" or
// "lines[0].sku". A name that T has as a whole, dots included, is that
// attribute. Values are encoded as the field there stores them, and as
// attributevalue.Marshal does where T has no such field. A path that is
// malformed gives an attribute that carries an error that is [ErrAttr].
func Name[T any](path string) Attr[T, any] {
	return Attr[T, any]{newAttr(reflect.TypeFor[T](), path)}
}

// As returns an attribute of the items of T as one of the items of U: of an
// interface that *T implements, for a repository of several types.
func As[U, T, V any](a Attr[T, V]) Attr[U, V] { return Attr[U, V]{a.of.as(reflect.TypeFor[U]())} }

func newAttr(owner reflect.Type, path string) *attr {
	at, err := resolveName(owner, path)
	return &attr{owner, at, err}
}

func (a *attr) as(owner reflect.Type) *attr {
	a = a.or()
	return &attr{owner, a.at, a.err}
}

// or is what stands for a, which may be nil.
func (a *attr) or() *attr {
	if a == nil {
		return &attr{err: &AttrError{Rule: "the zero Attr is no attribute"}}
	}
	return a
}

// Err returns what keeps the attribute from resolving, or nil. It is an
// [*AttrError].
func (a Attr[T, V]) Err() error { return a.of.or().err }

// Path returns the document path of the attribute, such as "lines[0].sku"; "" if
// it did not resolve.
func (a Attr[T, V]) Path() string { return a.of.or().at.path.String() }

// At is for the packages of this module.
func (a Attr[T, V]) At(door.Key) expr.Path { return a.of.or().at.path.Clone() }

// encode returns v as the attribute stores it.
func (p place) encode(v any) (types.AttributeValue, error) {
	if p.typ == nil {
		return codec.EncodeAny(v)
	}
	return codec.EncodeField(&fields.Field{Type: p.typ, Tag: p.tag}, v)
}

// ordered reports whether what is stored at p is in the order of its values.
func (p place) ordered() bool {
	return p.typ == nil || codec.Ordered(&fields.Field{Type: p.typ, Tag: p.tag})
}

// encodeElem returns v as an element of the set or list at p is stored, or as
// the attribute itself is if it is neither.
func (p place) encodeElem(v any) (types.AttributeValue, error) {
	if p.typ == nil {
		return codec.EncodeAny(v)
	}
	return codec.EncodeElem(&fields.Field{Type: p.typ, Tag: p.tag}, v)
}
