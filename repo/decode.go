package repo

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// Decode returns the item that attrs are, as a read would: of a stream's
// record, for one, or of a request that this package does not make. It sends
// nothing and runs no callback. Errors: [ErrDecode], [ErrMismatch] and
// [ErrForeign], in an [*Error].
func (r *Repo[T]) Decode(attrs map[string]types.AttributeValue) (T, error) {
	var found T
	if err := r.ready("Decode"); err != nil {
		return found, err
	}
	err := r.table.Marker(attrs)
	if err == nil {
		err = r.table.Decode(attrs, reflect.ValueOf(&found).Elem())
	}
	return found, r.table.Fail("Decode", "", nil, err)
}

// DecodeJSON is [Repo.Decode] of an item in DynamoDB's JSON, such as
// {"id":{"S":"1"}}: of an event that a Lambda function receives, or of a
// table's export.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
func (r *Repo[T]) DecodeJSON(data []byte) (T, error) {
	var found T
	if err := r.ready("DecodeJSON"); err != nil {
		return found, err
	}
	if r.table.Keys.Marked { // it may be a marker
		attrs, err := attributevalue.UnmarshalMapJSON(data)
		if err != nil {
			return found, r.table.Fail("DecodeJSON", "", nil, fault.Because(ErrDecode, errJSON)) // the cause may quote the item
		}
		return r.Decode(attrs)
	}
	err := fault.Decode(r.table.Codec.DecodeItem(data, reflect.ValueOf(&found).Elem()))
	return found, r.table.Fail("DecodeJSON", "", nil, err)
}

var errJSON = errors.New("not an item in DynamoDB's JSON")
