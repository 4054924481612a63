package plan

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
}

// IsSet reports whether the field is stored as a set.
func (t Tag) IsSet() bool { return t.StringSet || t.NumberSet || t.BinarySet }

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

// check tells which options contradict each other or the field's type.
func (t Tag) check(ft reflect.Type) error {
	if t.OmitEmpty && t.NullEmpty || t.OmitEmptyElem && t.NullEmptyElem {
		return errors.New("omitempty and nullempty exclude each other")
	}
	sets := 0
	for _, s := range []bool{t.StringSet, t.NumberSet, t.BinarySet} {
		if s {
			sets++
		}
	}
	for ft.Kind() == reflect.Pointer {
		ft = ft.Elem()
	}
	switch {
	case sets > 1:
		return errors.New("a field is one kind of set")
	case sets == 1 && ft.Kind() != reflect.Slice && ft.Kind() != reflect.Array && ft.Kind() != reflect.Map && ft.Kind() != reflect.Interface:
		return errors.New("a set is a slice or an array")
	case t.UnixTime && !ft.ConvertibleTo(timeType):
		return errors.New("unixtime is for time.Time")
	}
	return nil
}

var timeType = reflect.TypeFor[time.Time]()
