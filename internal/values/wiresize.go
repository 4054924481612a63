package values

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// WireSize bounds the bytes of an item in a request: strings may need escapes,
// binaries are base64.
func WireSize(m Item) int {
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
		n += WireSize(v.Value)
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
