package values

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// AppendID appends a text that is the same for the same key attribute, and
// stays unambiguous when others follow.
func AppendID(dst []byte, av types.AttributeValue) []byte {
	kind, data := Scalar(av)
	if kind == 'N' {
		data = Canonical(data)
	}
	return AppendIDText(dst, data)
}

// AppendIDText is [AppendID] of what a key attribute holds, a number in its
// canonical text.
func AppendIDText[T string | []byte](dst []byte, data T) []byte {
	dst = append(strconv.AppendInt(dst, int64(len(data)), 10), ':')
	return append(dst, data...)
}
