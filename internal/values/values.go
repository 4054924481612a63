// Package values holds facts of a single attribute value: whether it is empty,
// equal to another, how large, how deep, and the one text of a number.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package values

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is the attributes of one item, or of a key.
type Item = map[string]types.AttributeValue

// IsNull reports whether av is stored as NULL.
func IsNull(av types.AttributeValue) bool {
	_, null := av.(*types.AttributeValueMemberNULL)
	return null
}

// IsEmpty reports whether av can't be in an index: missing, NULL, or an empty
// string or binary. The number 0 is a value.
func IsEmpty(av types.AttributeValue) bool {
	switch v := av.(type) {
	case nil, *types.AttributeValueMemberNULL:
		return true
	case *types.AttributeValueMemberS:
		return v.Value == ""
	case *types.AttributeValueMemberB:
		return len(v.Value) == 0
	}
	return false
}

// Scalar returns what a value that can be a key holds: 'S', 'N' or 'B', and
// the string, the number as it is written, or the bytes. The kind of any other
// value is 0.
func Scalar(av types.AttributeValue) (kind byte, data string) {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return 'S', v.Value
	case *types.AttributeValueMemberN:
		return 'N', v.Value
	case *types.AttributeValueMemberB:
		return 'B', string(v.Value)
	}
	return 0, ""
}

// Text returns the string that a value is, "" if it is none.
func Text(av types.AttributeValue) string {
	s, ok := av.(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return s.Value
}

// MaxLevels is how many lists and maps lie within each other at most, the item
// being the first.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const MaxLevels = 32

// Levels returns how many lists and maps lie within each other.
func Levels(av types.AttributeValue) int {
	n := 0
	switch av := av.(type) {
	case *types.AttributeValueMemberL:
		for _, e := range av.Value {
			n = max(n, Levels(e))
		}
	case *types.AttributeValueMemberM:
		for _, e := range av.Value {
			n = max(n, Levels(e))
		}
	default:
		return 0
	}
	return n + 1
}
