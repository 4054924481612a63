package model

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// Limits of keys and expressions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxHashBytes       = 2048
	maxSortBytes       = 1024
	maxExpressionBytes = 4 << 10
)

// An attr is a stored key attribute with the bytes that it may have.
type attr struct {
	key.Part

	limit int
}

// check refuses what DynamoDB does not take as the key attribute.
func (a attr) check(av types.AttributeValue) error {
	rule := ""
	switch {
	case av == nil || values.IsNull(av):
		rule = "missing"
	case values.TypeOf(av) != a.Type():
		rule = "the value is of the wrong kind"
	case values.IsEmpty(av):
		rule = "a key can't be empty"
	case values.KeySize(av) > a.limit:
		rule = fmt.Sprintf("a key has at most %d bytes", a.limit)
	default:
		return nil
	}
	return &key.Error{Attr: a.Name(), Rule: rule}
}

// CheckLevels refuses a value that nests too deep, so many levels above it.
func CheckLevels(path string, av types.AttributeValue, above int) error {
	if above+values.Levels(av) <= values.MaxLevels {
		return nil
	}
	return fmt.Errorf("attribute %s: lists and maps nest in at most %d levels, the item among them", path, values.MaxLevels)
}

var errExpression = errors.New("an expression has at most 4096 bytes: name fewer attributes")

// CheckExpressions refuses an expression that is too long.
func CheckExpressions(all ...*string) error {
	for _, e := range all {
		if e != nil && len(*e) > maxExpressionBytes {
			return errExpression
		}
	}
	return nil
}

// nestsFreely reports whether values of a type may nest without bounds.
func nestsFreely(t reflect.Type, open map[reflect.Type]bool) bool {
	if t == timeType {
		return false // one scalar, though it has the methods of custom types
	}
	if open[t] || fields.Custom(t, fields.Tag{}) || t.Kind() == reflect.Interface {
		return true
	}
	open[t] = true
	defer delete(open, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return nestsFreely(t.Elem(), open)
	case reflect.Struct:
		for field := range t.Fields() {
			if !fields.Whole(t, fields.Tag{}) && nestsFreely(field.Type, open) {
				return true
			}
		}
	default:
	}
	return false
}

// maxBrackets is how many braces and brackets an item's JSON has open at once
// at most: two a level, for the value's type and the value. A set may have one
// more, which the standard path tells from a level too many.
const maxBrackets = 2 * values.MaxLevels

// brackets returns how many braces and brackets of JSON are open at once.
func brackets(json []byte) (most int) {
	open, text := 0, false
	for i := 0; i < len(json); i++ {
		switch c := json[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			open++
			most = max(most, open)
		case c == '}' || c == ']':
			open--
		}
	}
	return most
}

// wrongKind is the error of a key's part that can't be encoded as declared.
func wrongKind(attr, part string, err error) error {
	return &key.Error{Attr: attr, Part: part, Rule: "a value that the key can't hold", Err: err}
}
