package repo

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Decode returns the item that attrs are, as a read would: of a stream's
// record, for one, or of a request that this package does not make. It sends
// nothing and runs no callback. Errors: [ErrDecode], [ErrMismatch] and
// [ErrForeign], in an [*Error].
func (r *Repo[T]) Decode(attrs map[string]types.AttributeValue) (T, error) {
	var found T
	err := r.schema.marker(attrs)
	if err == nil {
		err = r.schema.decode(attrs, reflect.ValueOf(&found).Elem())
	}
	return found, r.schema.fail("Decode", "", nil, err)
}

// DecodeJSON is [Repo.Decode] of an item in DynamoDB's JSON, such as
// {"id":{"S":"1"}}: of an event that a Lambda function receives, or of a
// table's export.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
func (r *Repo[T]) DecodeJSON(data []byte) (T, error) {
	var found T
	if r.schema.marked { // it may be a marker
		attrs, err := attributevalue.UnmarshalMapJSON(data)
		if err != nil {
			return found, r.schema.fail("DecodeJSON", "", nil, because(ErrDecode, errJSON)) // the cause may quote the item
		}
		return r.Decode(attrs)
	}
	err := decodeError(r.schema.codec.DecodeItem(data, reflect.ValueOf(&found).Elem()))
	return found, r.schema.fail("DecodeJSON", "", nil, err)
}

var errJSON = errors.New("not an item in DynamoDB's JSON")

// marker tells a marker of a unique value, which is no item of the model.
func (s *schema) marker(attrs item) error {
	for _, a := range s.keyAttrs {
		if err := s.reserved(a.Name(), attrs[a.Name()]); err != nil {
			return because(ErrForeign, err)
		}
	}
	return nil
}
