// Package codec turns values of a planned struct type into attribute values
// and back, in the stored form of the SDK's attributevalue package.
package codec

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/plan"
)

// A Codec encodes and decodes items of one struct type.
type Codec struct {
	plan *plan.Struct
}

// New returns the codec of a plan.
func New(p *plan.Struct) *Codec { return &Codec{plan: p} }

// Encode returns the attributes of v, a struct of the plan's type. Empty sets
// are left out, since DynamoDB has none.
func (c *Codec) Encode(v reflect.Value) (map[string]types.AttributeValue, error) {
	m, err := attributevalue.MarshalMap(v.Interface())
	if err != nil {
		return nil, fmt.Errorf("codec: encode %v: %w", c.plan.Type, err)
	}
	for i := range c.plan.Fields {
		f := &c.plan.Fields[i]
		if _, null := m[f.Name].(*types.AttributeValueMemberNULL); null && f.Tag.IsSet() {
			delete(m, f.Name)
		}
	}
	return m, nil
}

// Decode sets v, an addressable zero struct of the plan's type, from item.
// Attributes that the type does not have are ignored; NULL is the zero value.
func (c *Codec) Decode(item map[string]types.AttributeValue, v reflect.Value) error {
	if err := attributevalue.UnmarshalMap(item, v.Addr().Interface()); err != nil {
		return fmt.Errorf("codec: decode %v: %w", c.plan.Type, err)
	}
	return nil
}
