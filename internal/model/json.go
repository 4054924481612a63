package model

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/values"
)

// AppendItem returns v as an item in DynamoDB's JSON with its composite keys.
// ok is false where that takes more than appending, or where what is wrong is
// for [Item.Encode] to tell: an index key that is left out, a key that is not
// right, an item that may be too large or too deep.
func (it *Item) AppendItem(v reflect.Value) (json []byte, ok bool) {
	var few [4]codec.Attribute
	edits := few[:0]
	for i := range it.parts {
		name := it.parts[i].Name()
		text, ok := it.parts[i].text(v)
		if !ok || it.Fields.Field(name) != nil { // a field for it is set on the standard path
			return nil, false
		}
		edits = append(edits, codec.Attribute{Name: name, Value: &types.AttributeValueMemberS{Value: text}})
	}
	for i := range it.plain {
		if !it.plain[i].fits(v) {
			return nil, false
		}
	}
	if it.Kind != nil && it.Kind.field == nil {
		edits = append(edits, codec.Attribute{Name: it.Kind.Attr, Value: it.Kind.Value()})
	}
	json, err := it.Codec.AppendItem(make([]byte, 0, it.room.bytes.Load()), v, edits...)
	if err != nil {
		return nil, false
	}
	it.room.took(len(json))
	if len(json)*(1+len(it.locals)) > values.MaxItemBytes || it.deep && brackets(json) > maxBrackets { // no item, or copy of it, is larger than its JSON
		return nil, false
	}
	return json, true
}
