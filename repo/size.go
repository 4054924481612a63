package repo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxItemBytes is how large an item may be, names included.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxItemBytes = 400 << 10

// A SizeError tells how large an item that is too large is (rule F9).
type SizeError struct{ Bytes int }

// Error says how many bytes the item has.
func (e *SizeError) Error() string {
	return fmt.Sprintf("the item has %d bytes, more than %d", e.Bytes, maxItemBytes)
}

// size is the bytes of the item of a put as DynamoDB counts them, 0 for other
// writes; an upper bound of it unless it is to be exact.
func (w *write) size(exact bool) int {
	if w.json != nil && !exact {
		return len(w.json)
	}
	m := w.item
	if w.json != nil {
		m, _ = w.schema.encode(w.value) // it was encoded as JSON before, so it can be
	}
	return itemSize(m)
}

// itemSize counts the bytes of an item as DynamoDB does.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func itemSize(m item) int {
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

// wireSize bounds the bytes of an item in a request: strings may need escapes,
// binaries are base64.
func wireSize(m item) int {
	n := 0
	for name, v := range m {
		n += len(name) + wireValueSize(v)
	}
	return n
}

// typeBytes bounds what JSON adds to a value: type, quotes, braces, commas.
const typeBytes = 16

func wireValueSize(av types.AttributeValue) int {
	n := typeBytes
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		n += wireStringSize(v.Value)
	case *types.AttributeValueMemberN:
		n += len(v.Value)
	case *types.AttributeValueMemberB:
		n += (len(v.Value) + 2) / 3 * 4
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			n += typeBytes + wireStringSize(s)
		}
	case *types.AttributeValueMemberNS:
		for _, s := range v.Value {
			n += typeBytes + len(s)
		}
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			n += typeBytes + (len(b)+2)/3*4
		}
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			n += wireValueSize(e)
		}
	case *types.AttributeValueMemberM:
		n += wireSize(v.Value)
	}
	return n
}

func wireStringSize(s string) int {
	n := len(s)
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			n += 5 // \u00XX
		}
	}
	return n
}
