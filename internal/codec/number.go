package codec

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DynamoDB's numbers have 38 digits and a magnitude from 1E-130 to
// 9.9999999999999999999999999999999999999E+125, see
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// checkFloat tells why DynamoDB has no number f, or nil.
func checkFloat(f float64) error {
	switch a := math.Abs(f); {
	case a != a:
		return &Error{Rule: "NaN can't be stored", Err: ErrKind}
	case math.IsInf(f, 0):
		return &Error{Rule: "an infinity can't be stored", Err: ErrKind}
	case a >= 1e126, a < 1e-130 && a != 0:
		return &Error{Rule: "the number is out of DynamoDB's range, 1E-130 to 9.99E+125", Err: ErrKind}
	}
	return nil
}

// appendFloat appends the shortest text that is v again.
func appendFloat(dst []byte, v reflect.Value) []byte {
	f, bits := v.Float(), v.Type().Bits()
	if math.Abs(f) == math.MaxFloat32 {
		bits = 64 // the shortest for a float32 is above it, and attributevalue would not read it
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}

// checkNumber tells why DynamoDB has no number s, or nil.
func checkNumber(s string) error {
	if len(s) <= maxDigits && strings.Trim(s, "0123456789") == "" && s != "" {
		return nil // as most are
	}
	digits, exponent, ok := decimal(s)
	switch {
	case !ok:
		return &Error{Rule: "the text is no decimal number", Err: ErrKind}
	case digits == "":
		return nil
	case len(digits) > maxDigits:
		return &Error{Rule: "the number has more than 38 digits", Err: ErrKind}
	case exponent > maxExponent || exponent < minExponent:
		return &Error{Rule: "the number is out of DynamoDB's range, 1E-130 to 9.99E+125", Err: ErrKind}
	}
	return nil
}

// decimal returns the significant digits of s, none for zero, and the exponent
// of the first of them: 12.5 is "125" and 1. ok is false if s is no number.
func decimal(s string) (digits string, exponent int, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	mantissa, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		var err error
		if exp, err = strconv.Atoi(s[i+1:]); err != nil || exp > 1e6 || exp < -1e6 {
			return "", 0, false
		}
		mantissa = s[:i]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false
	}
	exponent = exp + len(whole) - 1
	significant := strings.TrimLeft(digits, "0")
	exponent -= len(digits) - len(significant)
	return strings.TrimRight(significant, "0"), exponent, true
}

// canonical returns one text for all that are the same number, for comparison.
func canonical(s string) string {
	digits, exponent, ok := decimal(s)
	if !ok || digits == "" {
		return digits
	}
	sign := ""
	if s[0] == '-' {
		sign = "-"
	}
	return sign + digits + "e" + strconv.Itoa(exponent)
}

// checkStored tells why DynamoDB does not take a value that someone else made:
// a marshaler, or who holds raw values.
func checkStored(av types.AttributeValue, levels int) error {
	if levels < 0 {
		return ErrDepth
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return checkText(av.Value)
	case *types.AttributeValueMemberN:
		return checkNumber(av.Value)
	case *types.AttributeValueMemberNS:
		for _, s := range av.Value {
			if err := checkNumber(s); err != nil {
				return err
			}
		}
		return once(len(av.Value), func(i int) string { return canonical(av.Value[i]) })
	case *types.AttributeValueMemberSS:
		return cmp.Or(checkText(strings.Join(av.Value, ",")), once(len(av.Value), func(i int) string { return av.Value[i] }))
	case *types.AttributeValueMemberBS:
		return once(len(av.Value), func(i int) string { return string(av.Value[i]) })
	case *types.AttributeValueMemberL:
		for _, e := range av.Value {
			if err := checkStored(e, levels-1); err != nil {
				return err
			}
		}
	case *types.AttributeValueMemberM:
		for name, e := range av.Value {
			if err := cmp.Or(checkText(name), checkStored(e, levels-1)); err != nil {
				return err
			}
		}
	}
	return nil
}

func errTwiceInSet() error {
	return &Error{Rule: "an element stands twice in the set", Err: ErrKind}
}

// manyElements is from where on a set is sorted to find what stands twice.
const manyElements = 16

// once tells that a set of n elements holds one twice, or nil.
func once(n int, elem func(i int) string) error {
	if n <= manyElements {
		for i := 1; i < n; i++ {
			for j := range i {
				if elem(i) == elem(j) {
					return errTwiceInSet()
				}
			}
		}
		return nil
	}
	all := make([]string, n)
	for i := range all {
		all[i] = elem(i)
	}
	slices.Sort(all)
	if len(slices.Compact(all)) < n {
		return errTwiceInSet()
	}
	return nil
}
