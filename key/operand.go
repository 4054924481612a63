package key

import (
	"errors"
	"math"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An operand is a value to be written into a composite.
type operand struct {
	kind operandKind
	text string
	n    int64
}

type operandKind uint8

const (
	otherValue operandKind = iota
	noValue                // nil or NULL
	stringValue
	intValue  // within the range of int64
	hugeValue // an integer beyond it
)

func operandOf(v any) operand {
	switch v := v.(type) {
	case nil:
		return operand{kind: noValue}
	case string:
		return operand{kind: stringValue, text: v}
	case int:
		return operand{kind: intValue, n: int64(v)}
	case int64:
		return operand{kind: intValue, n: v}
	}
	switch v := reflect.ValueOf(v); {
	case v.Kind() == reflect.String:
		return operand{kind: stringValue, text: v.String()}
	case v.CanInt():
		return operand{kind: intValue, n: v.Int()}
	case v.CanUint() && v.Uint() > math.MaxInt64:
		return operand{kind: hugeValue}
	case v.CanUint():
		return operand{kind: intValue, n: int64(v.Uint())}
	}
	return operand{}
}

func operands(ops []operand, values []types.AttributeValue) []operand {
	for _, v := range values {
		ops = append(ops, attributeOperand(v))
	}
	return ops
}

func attributeOperand(v types.AttributeValue) operand {
	switch v := v.(type) {
	case nil, *types.AttributeValueMemberNULL:
		return operand{kind: noValue}
	case *types.AttributeValueMemberS:
		if v == nil {
			return operand{kind: noValue}
		}
		return operand{kind: stringValue, text: v.Value}
	case *types.AttributeValueMemberN:
		if v == nil {
			return operand{kind: noValue}
		}
		n, err := strconv.ParseInt(v.Value, 10, 64)
		switch {
		case err == nil:
			return operand{kind: intValue, n: n}
		case errors.Is(err, strconv.ErrRange):
			return operand{kind: hugeValue}
		}
	}
	return operand{}
}
