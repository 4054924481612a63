package canned

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/bench/internal/model"
)

// Plain returns attrs as what encoding/json turns into DynamoDB's JSON. It
// panics on a kind of value that no model has.
func Plain(attrs model.Attrs) map[string]any {
	out := make(map[string]any, len(attrs))
	for name, v := range attrs {
		out[name] = plainValue(v)
	}
	return out
}

func plainValue(v types.AttributeValue) map[string]any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": Plain(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, elem := range v.Value {
			list[i] = plainValue(elem)
		}
		return map[string]any{"L": list}
	default:
		panic(fmt.Sprintf("canned: no model has a %T", v))
	}
}

// encode returns v as JSON with no more escapes than DynamoDB writes.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // nothing that Plain returns
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// A value is an attribute value in DynamoDB's JSON.
type value struct{ types.AttributeValue }

// UnmarshalJSON reads the kinds of values that models have.
func (v *value) UnmarshalJSON(data []byte) error {
	var in struct {
		S    *string
		N    *json.Number
		BOOL *bool
		SS   []string
		M    map[string]value
		L    []value
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	switch {
	case in.S != nil:
		v.AttributeValue = &types.AttributeValueMemberS{Value: *in.S}
	case in.N != nil:
		v.AttributeValue = &types.AttributeValueMemberN{Value: in.N.String()}
	case in.BOOL != nil:
		v.AttributeValue = &types.AttributeValueMemberBOOL{Value: *in.BOOL}
	case in.SS != nil:
		v.AttributeValue = &types.AttributeValueMemberSS{Value: in.SS}
	case in.M != nil:
		v.AttributeValue = &types.AttributeValueMemberM{Value: bare(in.M)}
	case in.L != nil:
		list := make([]types.AttributeValue, len(in.L))
		for i, elem := range in.L {
			list[i] = elem.AttributeValue
		}
		v.AttributeValue = &types.AttributeValueMemberL{Value: list}
	default:
		return fmt.Errorf("canned: a value of a kind that no model has")
	}
	return nil
}

func bare(values map[string]value) model.Attrs {
	attrs := make(model.Attrs, len(values))
	for name, v := range values {
		attrs[name] = v.AttributeValue
	}
	return attrs
}

// Written returns the items that the body of a PutItem, BatchWriteItem or
// TransactWriteItems request puts, in order.
func Written(body []byte) ([]model.Attrs, error) {
	type put struct{ Item map[string]value }
	var in struct {
		put
		RequestItems  map[string][]struct{ PutRequest put }
		TransactItems []struct{ Put put }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	var items []model.Attrs
	if in.Item != nil {
		items = append(items, bare(in.Item))
	}
	for _, r := range in.RequestItems[model.Table] {
		items = append(items, bare(r.PutRequest.Item))
	}
	for _, r := range in.TransactItems {
		items = append(items, bare(r.Put.Item))
	}
	return items, nil
}
