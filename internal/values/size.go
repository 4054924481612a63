package values

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MaxItemBytes is how large an item may be, names included.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const MaxItemBytes = 400 << 10

// KeySize returns the bytes of a key attribute that count against the limit of
// keys; numbers have none.
func KeySize(av types.AttributeValue) int {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	}
	return 0
}

// ItemSize counts the bytes of an item as DynamoDB does.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func ItemSize(m Item) int {
	n := 0
	for name, v := range m {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(av types.AttributeValue) int {
	n := 0
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return numberSize(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberBOOL, *types.AttributeValueMemberNULL:
		return 1
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			n += len(s)
		}
	case *types.AttributeValueMemberNS:
		for _, s := range v.Value {
			n += numberSize(s)
		}
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			n += len(b)
		}
	case *types.AttributeValueMemberL:
		n = 3
		for _, e := range v.Value {
			n += 1 + valueSize(e)
		}
	case *types.AttributeValueMemberM:
		n = 3
		for name, e := range v.Value {
			n += 1 + len(name) + valueSize(e)
		}
	}
	return n
}

// numberSize is a byte for every two significant digits, which are paired from
// the decimal point on, one more, and one for a minus sign.
func numberSize(s string) int {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(mantissa, "+"), ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	point, _ := strconv.Atoi(exponent) // of 0.digits
	point += len(digits) - len(fraction)
	n := len(strings.TrimRight(digits, "0"))
	if n > 0 && point%2 != 0 {
		n++
	}
	n = (n+1)/2 + 1
	if negative {
		n++
	}
	return n
}
