package repo

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/key"
)

// Key returns the key of item, with which it is read, updated or deleted. It
// sends nothing. An item without a key that can be stored is [ErrInvalid].
func (r *Repo[T]) Key(item *T) (key.Value, error) { return r.schema.keyOfItem(reflect.ValueOf(item)) }

func (s *schema) keyOfItem(item reflect.Value) (key.Value, error) {
	if item.IsNil() {
		return key.Value{}, s.refuse("Key", errNilItem)
	}
	own, v, err := s.of(item.Elem())
	if err == nil {
		_, err = own.itemAttrs(v, own.keyAttrs)
	}
	if err != nil {
		return key.Value{}, s.refuse("Key", err)
	}
	return own.keyValue(v), nil
}

// IfUnchanged makes a write conditional on the stored item being as item was
// loaded: of its version where the model has a lock, else with every attribute
// of T as it is in item, a zero field standing for an attribute that is missing
// or NULL too. The error is [ErrConditionFailed] as by [Repo.If]; so it is, for
// a model without a lock, if the stored item has a value that a field holds
// inexactly, such as a number too long for a float64.
func (r *Repo[T]) IfUnchanged(item *T) Writer[T] { return Writer[T]{r.writer}.IfUnchanged(item) }

// IfUnchanged adds the condition; see [Repo.IfUnchanged].
func (w Writer[T]) IfUnchanged(item *T) Writer[T] {
	return Writer[T]{w.of.unchanged(reflect.ValueOf(item))}
}

// unchanged is the condition that the stored item is as v.
func (s *schema) unchanged(v reflect.Value) ([]expression.ConditionBuilder, error) {
	s, v, err := s.of(v)
	if err != nil {
		return nil, err
	}
	if s.version != nil {
		var loaded int64
		if f, ok := s.version.Value(v); ok {
			loaded = f.Convert(int64Type).Int()
		}
		return []expression.ConditionBuilder{s.spec.Lock.Guard(loaded)}, nil
	}
	attrs, err := s.codec.Encode(v)
	if err != nil {
		return nil, err
	}
	var all []expression.ConditionBuilder
	for i := range s.plan.Fields {
		f := &s.plan.Fields[i]
		if s.made(f.Name) {
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
