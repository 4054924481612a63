package model

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// check holds every decoded item against its kind (rule H2), and against its
// composite keys (rule K3): parts that the item, read in part, came without are
// filled in, and what disagrees is an error.
func (it *Item) check(v reflect.Value, seen codec.Seen) error {
	if it.Kind != nil {
		if err := it.Kind.check(seen.Scalar(len(it.parts))); err != nil {
			return err
		}
	}
	for i := range it.parts {
		p := &it.parts[i]
		stored := seen.Scalar(i)
		switch {
		case stored.Kind == 0:
		case stored.Kind != 'S':
			return fault.Because(fault.ErrMismatch, &key.Error{Attr: p.Name(), Rule: "is stored as no string"})
		case !p.agrees(v, stored.Data):
			if err := it.reconcile(p, v, string(stored.Data), seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// misfit tells an item that can't be decoded, as the attributes that tell have
// it, from one of another kind or model: that is not looked into.
func (it *Item) misfit(seen []codec.Scalar) error {
	if it.Kind != nil {
		if err := it.Kind.check(seen[len(it.parts)]); err != nil {
			return err
		}
	}
	for i := range it.parts {
		p := &it.parts[i]
		if seen[i].Kind != 'S' || !HasLiteral(p.Part) {
			continue
		}
		if _, err := p.Inside(door.Key{}).Decode(&types.AttributeValueMemberS{Value: string(seen[i].Data)}); err != nil {
			return it.foreign(err)
		}
	}
	return nil
}

// foreign is the error of an item whose key is none of the model: left out where
// others are in the table too, unless the model refuses them.
func (it *Item) foreign(err error) error {
	if it.refuses {
		return fault.Because(fault.ErrForeign, err)
	}
	return fault.Because(fault.ErrForeign, leftOut{err})
}

// reconcile compares a stored composite with v's fields part by part.
func (it *Item) reconcile(p *part, v reflect.Value, stored string, seen codec.Seen) error {
	decoded, err := p.Inside(door.Key{}).Decode(&types.AttributeValueMemberS{Value: stored})
	switch {
	case err != nil && HasLiteral(p.Part):
		return it.foreign(err)
	case err != nil:
		return fault.Because(fault.ErrMismatch, err)
	}
	for i, name := range p.names {
		if !seen.Has(name) {
			if err := it.fill(v, p.fields[i], decoded[i]); err != nil {
				return fault.Because(fault.ErrMismatch, err)
			}
			continue
		}
		value, _ := it.value(p.fields[i], v)
		own, err := codec.EncodeField(p.fields[i], value)
		if err != nil || !values.Equal(own, decoded[i]) {
			return fault.Because(fault.ErrMismatch, &key.Error{Attr: p.Name(), Part: name, Rule: "differs from the part in the composite", Err: err})
		}
	}
	return nil
}

// fill sets a field from a part of a composite.
func (it *Item) fill(v reflect.Value, f *fields.Field, part types.AttributeValue) error {
	one := reflect.New(it.Fields.Type).Elem()
	if err := it.Codec.Decode(it.Kind.signed(values.Item{f.Name: part}), one); err != nil {
		return err
	}
	f.Alloc(v).Set(f.Alloc(one))
	return nil
}
