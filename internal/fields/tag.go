package fields

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A Tag holds the options of a dynamodbav tag, by the names that the SDK's
// attributevalue package documents.
type Tag struct {
	OmitEmpty, OmitEmptyElem bool
	NullEmpty, NullEmptyElem bool
	AsString                 bool
	UnixTime                 bool
	StringSet                bool
	NumberSet                bool
	BinarySet                bool

	// SDKTime is the option sdktime of the tag dynarepo, which the SDK does
	// not know: times as text are those of the SDK, which have no order.
	SDKTime bool
	// Text is its option text: values are stored by their MarshalText, which
	// the SDK by itself does not ask.
	Text bool
	// Exact is no option: a float of a key is loaded without loss, or not at all.
	Exact bool
}

// IsSet reports whether the field is stored as a set.
func (t Tag) IsSet() bool { return t.StringSet || t.NumberSet || t.BinarySet }

// OfElem returns the options that hold for the elements, of type elem, of a
// list, set or map with the tag. Elements of a string set are text.
func (t Tag) OfElem(elem reflect.Type) Tag {
	return Tag{
		OmitEmpty: t.OmitEmptyElem, OmitEmptyElem: t.OmitEmptyElem, NullEmpty: t.NullEmptyElem, SDKTime: t.SDKTime,
		Text: t.Text || t.StringSet && elem.Kind() != reflect.String && hasText(elem),
	}
}

func parseTag(text string) (name string, tag Tag, err error) {
	parts := strings.Split(text, ",")
	options := map[string]*bool{
		"omitempty":     &tag.OmitEmpty,
		"omitemptyelem": &tag.OmitEmptyElem,
		"nullempty":     &tag.NullEmpty,
		"nullemptyelem": &tag.NullEmptyElem,
		"string":        &tag.AsString,
		"unixtime":      &tag.UnixTime,
		"stringset":     &tag.StringSet,
		"numberset":     &tag.NumberSet,
		"binaryset":     &tag.BinarySet,
	}
	for _, o := range parts[1:] {
		set, known := options[o]
		switch {
		case !known:
			return parts[0], tag, fmt.Errorf("unknown tag option %q", o)
		case *set:
			return parts[0], tag, fmt.Errorf("tag option %q stands twice", o)
		}
		*set = true
	}
	return parts[0], tag, nil
}

// parseOwn reads the tag dynarepo, of what the SDK has no options for.
func parseOwn(text string, tag *Tag) error {
	options := map[string]*bool{"sdktime": &tag.SDKTime, "text": &tag.Text}
	for o := range strings.SplitSeq(text, ",") {
		set, known := options[o]
		switch {
		case o == "":
		case !known:
			return fmt.Errorf("unknown option %q of the tag dynarepo", o)
		case *set:
			return fmt.Errorf("option %q of the tag dynarepo stands twice", o)
		default:
			*set = true
		}
	}
	return nil
}

// unread returns the tag of another library, or one that looks like the SDK's, by
// which a field without a dynamodbav tag would have another name than it has.
func unread(tag reflect.StructTag, has bool, name string) string {
	if has {
		return ""
	}
	for _, other := range []string{"dynamodb", "dynamo", "dynamodbattribute", "dynamoav"} {
		if as, _, _ := strings.Cut(tag.Get(other), ","); as != "" && as != name {
			return other
		}
	}
	return ""
}

// holds reports whether is is true of t, or of what it holds behind pointers, in
// lists and in maps.
func holds(t reflect.Type, is func(reflect.Type) bool) bool {
	for range maxPointers {
		if is(t) {
			return true
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			t = t.Elem()
		}
	}
	return false
}

func isTime(t reflect.Type) bool { return t.ConvertibleTo(timeType) }

// check tells which options contradict each other or the field's type. A type
// that says itself how it is stored may have any: they are its own business.
func (t Tag) check(ft reflect.Type) error {
	if t.OmitEmpty && t.NullEmpty || t.OmitEmptyElem && t.NullEmptyElem {
		return errors.New("omitempty and nullempty exclude each other")
	}
	if t.SDKTime && (t.UnixTime || !holds(ft, isTime)) {
		return errors.New("sdktime is for a time.Time that is stored as text")
	}
	if t.Text && (t.AsString || !holds(ft, hasText)) {
		return errors.New("text is for a type with MarshalText and UnmarshalText, other than a time, and excludes string")
	}
	sets := 0
	for _, s := range []bool{t.StringSet, t.NumberSet, t.BinarySet} {
		if s {
			sets++
		}
	}
	ft = deref(ft)
	switch {
	case sets > 1:
		return errors.New("a field is one kind of set")
	case t.UnixTime && !ft.ConvertibleTo(timeType):
		return errors.New("unixtime is for time.Time")
	case sets == 0 || ft.Kind() == reflect.Interface || Custom(ft, t):
		return nil
	case ft.Kind() != reflect.Slice && ft.Kind() != reflect.Array:
		return errors.New("a set is a slice or an array")
	case !t.takes(ft.Elem()):
		return fmt.Errorf("a set of this kind can't hold %v", ft.Elem())
	}
	return nil
}

// takes reports whether values of type elem can be elements of the set.
func (t Tag) takes(elem reflect.Type) bool {
	if elem.Kind() == reflect.Uint8 {
		return false // a slice of it is bytes, stored as B
	}
	elem = deref(elem)
	if elem.Kind() == reflect.Interface || Custom(elem, t.OfElem(elem)) {
		return true
	}
	switch k := elem.Kind(); {
	case k == reflect.String && IsNumber(elem):
		return t.NumberSet
	case elem == unixTimeType:
		return t.NumberSet
	case k == reflect.String, elem.ConvertibleTo(timeType):
		return t.StringSet
	case k == reflect.Slice || k == reflect.Array:
		return t.BinarySet && elem.Elem().Kind() == reflect.Uint8
	case k >= reflect.Int && k <= reflect.Float64 && k != reflect.Uintptr:
		return t.NumberSet
	}
	return false
}

// IsNumber reports whether t is a string that holds a decimal number, as
// attributevalue.Number and encoding/json.Number do: it is stored as N.
func IsNumber(t reflect.Type) bool {
	return t.Kind() == reflect.String && t.Implements(numberType)
}

var numberType = reflect.TypeFor[interface {
	Float64() (float64, error)
	Int64() (int64, error)
	String() string
}]()

var timeType = reflect.TypeFor[time.Time]()
