package fields

import (
	"encoding"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var (
	marshalerType      = reflect.TypeFor[attributevalue.Marshaler]()
	unmarshalerType    = reflect.TypeFor[attributevalue.Unmarshaler]()
	textType           = reflect.TypeFor[encoding.TextMarshaler]()
	binaryType         = reflect.TypeFor[encoding.BinaryMarshaler]()
	attributeValueType = reflect.TypeFor[types.AttributeValue]()
)

// Custom reports whether values of t say themselves how they are stored, so
// that what lies in them is nobody's business.
func Custom(t reflect.Type) bool {
	if t == attributeValueType {
		return true
	}
	p := reflect.PointerTo(t)
	return p.Implements(marshalerType) || p.Implements(unmarshalerType) ||
		p.Implements(textType) || p.Implements(binaryType)
}

// Whole reports whether a struct of type t is stored as one scalar or as it
// says itself, not as a map of its fields.
func Whole(t reflect.Type) bool { return t.ConvertibleTo(timeType) || Custom(t) }

// storable returns what keeps values of t from being stored, or "", and adds
// the struct types in t to nested.
func storable(t reflect.Type, nested map[reflect.Type]bool) string {
	seen := map[reflect.Type]bool{}
	for {
		if Custom(t) || seen[t] { // type tree []tree holds itself
			return ""
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Map:
			if !mapKey(t.Key()) {
				return "the key of a map is a string, a number, a bool or an encoding.TextMarshaler"
			}
			t = t.Elem()
		case reflect.Pointer, reflect.Slice, reflect.Array:
			t = t.Elem()
		case reflect.Struct:
			if !Whole(t) {
				nested[t] = true
			}
			return ""
		case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Uintptr, reflect.Complex64, reflect.Complex128:
			return "a " + t.Kind().String() + ` can't be stored; tag the field "-"`
		default:
			return ""
		}
	}
}

// maxPointers ends the walk along a pointer type that points to itself.
const maxPointers = 16

func deref(t reflect.Type) reflect.Type {
	for range maxPointers {
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	return t
}

func mapKey(t reflect.Type) bool {
	if t.Implements(textType) {
		return true
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	}
	return false
}
