package fields

import (
	"encoding"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Methods is a set of methods by which a type says itself how it is stored.
type Methods uint8

// The methods, in the order in which they are asked.
const (
	Value  Methods = 1 << iota // attributevalue's Marshaler or Unmarshaler
	Text                       // encoding's TextMarshaler or TextUnmarshaler
	Binary                     // encoding's BinaryMarshaler or BinaryUnmarshaler
)

var (
	marshalerType      = reflect.TypeFor[attributevalue.Marshaler]()
	unmarshalerType    = reflect.TypeFor[attributevalue.Unmarshaler]()
	textType           = reflect.TypeFor[encoding.TextMarshaler]()
	textReaderType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	binaryType         = reflect.TypeFor[encoding.BinaryMarshaler]()
	binaryReaderType   = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	attributeValueType = reflect.TypeFor[types.AttributeValue]()
	unixTimeType       = reflect.TypeFor[attributevalue.UnixTime]()
)

// MethodsOf returns by which method values of t under a tag are stored, 0 if by
// their kind, and by which they may be loaded: Text where S is read, Binary where
// B is.
//
// The SDK by itself asks its own Marshaler alone. So text and binary marshalers
// are asked only where it would lose the value, or where the tag says text.
func MethodsOf(t reflect.Type, tag Tag) (stored, loaded Methods) {
	if t == timeType || t == unixTimeType || t.Kind() == reflect.Interface {
		return 0, 0
	}
	p := reflect.PointerTo(t)
	has := func(method reflect.Type) bool { return p.Implements(method) || t.Implements(method) }
	text, binary := has(textType) || p.Implements(textReaderType), has(binaryType) || p.Implements(binaryReaderType)
	lost := (text || binary) && loses(t, nil)
	switch {
	case has(marshalerType):
		stored = Value
	case (lost || tag.Text) && has(textType):
		stored = Text
	case lost && has(binaryType):
		stored = Binary
	}
	if p.Implements(unmarshalerType) {
		loaded |= Value
	}
	if p.Implements(textReaderType) && (lost || tag.Text || !isText(t, tag)) {
		loaded |= Text
	}
	if lost && p.Implements(binaryReaderType) {
		loaded |= Binary
	}
	return stored, loaded
}

// isText reports whether values of t are stored as S by their kind.
func isText(t reflect.Type, tag Tag) bool {
	return t.Kind() == reflect.String || t.ConvertibleTo(timeType) || tag.AsString
}

// hasText reports whether values of t can be stored and loaded as text of their
// own, and are something else by their kind.
func hasText(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return !t.ConvertibleTo(timeType) && t.Kind() != reflect.Interface && p.Implements(textType) && p.Implements(textReaderType)
}

// Custom reports whether values of t say themselves how they are stored, so
// that what lies in them is nobody's business.
func Custom(t reflect.Type, tag Tag) bool {
	stored, loaded := MethodsOf(t, tag)
	return t == attributeValueType || stored != 0 || loaded&Value != 0
}

// Whole reports whether a struct of type t is stored as one scalar or as it
// says itself, not as a map of its fields.
func Whole(t reflect.Type, tag Tag) bool { return t.ConvertibleTo(timeType) || Custom(t, tag) }

// loses reports whether a value of t that is stored by its kind, field by field
// as the SDK does it, is not the same when it is loaded.
func loses(t reflect.Type, within []reflect.Type) bool {
	if slices.Contains(within, t) {
		return false // told of the outer one
	}
	within = append(within, t)
	if p := reflect.PointerTo(t); t.ConvertibleTo(timeType) || p.Implements(marshalerType) || p.Implements(unmarshalerType) {
		return false
	}
	switch t.Kind() {
	case reflect.Struct:
		return losesField(t, within)
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return loses(t.Elem(), within)
	case reflect.Interface, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Uintptr, reflect.Complex64, reflect.Complex128:
		return true
	default:
		return false
	}
}

// losesField is loses for the fields of a struct, those of embedded structs
// among them.
func losesField(t reflect.Type, within []reflect.Type) bool {
	for f := range t.Fields() {
		name, _, _ := parseTag(f.Tag.Get("dynamodbav"))
		switch inner := deref(f.Type); {
		case name == "-", f.Name == "_":
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct && slices.Contains(within, inner):
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			if losesField(inner, append(within, inner)) {
				return true
			}
		case !f.IsExported() || loses(f.Type, within):
			return true
		}
	}
	return false
}

// Advice says how the field could be a key of type want, which it is not; "" if
// no tag makes it one.
func (f *Field) Advice(want types.ScalarAttributeType) string {
	if want == types.ScalarAttributeTypeS && hasText(deref(f.Type)) {
		return "; the tag `dynarepo:\"text\"` stores the text that its MarshalText gives"
	}
	return ""
}
