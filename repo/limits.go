package repo

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// Limits of keys, expressions and nesting.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxHashBytes       = 2048
	maxSortBytes       = 1024
	maxExpressionBytes = 4 << 10
	maxLevels          = 32 // of lists and maps within each other, the item being the first
)

// An indexKey is a key attribute of an index.
type indexKey struct {
	part  key.Part
	limit int // bytes
}

// indexKey adds a key attribute of an index: of several the strictest counts.
func (c *compiler) indexKey(a key.Part, limit int) {
	if c.indexKeys == nil {
		c.indexKeys = map[string]indexKey{}
	}
	if k, ok := c.indexKeys[a.Name()]; ok {
		limit = min(limit, k.limit)
	}
	c.indexKeys[a.Name()] = indexKey{a, limit}
}

// checkItem refuses the attributes of an item that can't be stored.
func (s *schema) checkItem(m item) (errs []error) {
	for name, k := range s.indexKeys {
		if av := m[name]; av != nil {
			errs = append(errs, checkKey(k.part, av, k.limit))
		}
	}
	for name, av := range m {
		errs = append(errs, checkLevels(name, av, 1))
	}
	return errs
}

// checkLevels refuses a value that nests too deep, so many levels above it.
func checkLevels(path string, av types.AttributeValue, above int) error {
	if above+levels(av) <= maxLevels {
		return nil
	}
	return fmt.Errorf("attribute %s: lists and maps nest in at most %d levels, the item among them", path, maxLevels)
}

// levels returns how many lists and maps lie within each other.
func levels(av types.AttributeValue) int {
	n := 0
	switch av := av.(type) {
	case *types.AttributeValueMemberL:
		for _, e := range av.Value {
			n = max(n, levels(e))
		}
	case *types.AttributeValueMemberM:
		for _, e := range av.Value {
			n = max(n, levels(e))
		}
	default:
		return 0
	}
	return n + 1
}

// nestsFreely reports whether values of a type may nest without bounds.
func nestsFreely(t reflect.Type, open map[reflect.Type]bool) bool {
	if t == timeType {
		return false // one scalar, though it has the methods of custom types
	}
	if open[t] || fields.Custom(t) || t.Kind() == reflect.Interface {
		return true
	}
	open[t] = true
	defer delete(open, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return nestsFreely(t.Elem(), open)
	case reflect.Struct:
		for field := range t.Fields() {
			if !fields.Whole(t) && nestsFreely(field.Type, open) {
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
const maxBrackets = 2 * maxLevels

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

var errExpression = errors.New("an expression has at most 4096 bytes: name fewer attributes")

// checkExpressions refuses an expression that is too long.
func checkExpressions(all ...*string) error {
	for _, e := range all {
		if e != nil && len(*e) > maxExpressionBytes {
			return errExpression
		}
	}
	return nil
}
