package write

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/internal/model"
)

// unchanged is the condition that the stored item is as v.
func unchanged(t *model.Table, v reflect.Value) ([]expression.ConditionBuilder, error) {
	it, v, err := t.Of(v)
	if err != nil {
		return nil, err
	}
	if it.Stamps.Version != nil {
		return []expression.ConditionBuilder{it.Stamps.Lock.Guard(it.Stamps.Loaded(v))}, nil
	}
	attrs, err := it.Codec.Encode(v)
	if err != nil {
		return nil, err
	}
	var all []expression.ConditionBuilder
	for i := range it.Fields.Fields {
		f := &it.Fields.Fields[i]
		if it.Kind.Made(f.Name) {
			continue
		}
		name := expression.NameNoDotSplit(f.Name)
		av, stored := attrs[f.Name]
		same := name.AttributeNotExists()
		if stored {
			same = name.Equal(expression.Value(av))
		}
		if fv, ok := f.Value(v); !ok || fv.IsZero() {
			same = name.AttributeNotExists().Or(same, name.AttributeType(expression.Null))
		}
		all = append(all, same)
	}
	return all, nil
}
