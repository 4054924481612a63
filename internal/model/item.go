package model

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// Next returns a copy of the caller's item that is stamped and valid: the
// caller's changes only once the write has succeeded. Without callbacks it is
// stamped alone.
func (it *Item) Next(ctx context.Context, verb life.Verb, callers reflect.Value, now time.Time, callbacks, checked bool) (reflect.Value, error) {
	v := it.Copy(callers)
	it.Stamps.stamp(verb, v, now)
	err := it.Kind.Sign(v)
	if err == nil && callbacks {
		if checked {
			err = it.Hooks.Check(ctx, v.Addr().Interface())
		}
		if err == nil {
			err = it.Hooks.Before(ctx, verb, v.Addr().Interface())
		}
		if err != nil {
			return v, it.Fail(verb.String(), "", nil, err)
		}
		err = it.Kind.Sign(v) // a callback may have changed it
	}
	return v, it.Refuse(verb.String(), errors.Join(err, it.Stamps.late(v)))
}

// Copy returns a copy of an item, with embedded structs of its own. What else is
// behind pointers, in maps and in slices it shares.
func (it *Item) Copy(v reflect.Value) reflect.Value {
	own := reflect.New(v.Type()).Elem()
	own.Set(v)
	it.detach(own)
	return own
}

// Raise sets the next version and returns the one the item was loaded with.
func (it *Item) Raise(verb life.Verb, v reflect.Value) (loaded int64) {
	return it.Stamps.raise(verb, v)
}

// Encode returns all the attributes that an item is stored as, or why it can't
// be: keys, nesting and size included.
func (it *Item) Encode(v reflect.Value) (values.Item, error) {
	attrs, err := it.Codec.Encode(v)
	if err == nil {
		err = it.compose(it.Kind.signed(attrs))
	}
	return attrs, err
}

// compose adds the composite attributes to an encoded item, keeps the item out
// of the indexes that it has no key for, and checks keys, nesting and size.
func (it *Item) compose(m values.Item) error {
	for i := range it.parts {
		p := &it.parts[i]
		given := make([]types.AttributeValue, len(p.names))
		for i, name := range p.names {
			given[i] = m[name]
		}
		av, err := values.Composite(p.Part, given, p.ofTable)
		switch {
		case err != nil:
			return err
		case av == nil:
			delete(m, p.Name())
		default:
			m[p.Name()] = av
		}
	}
	for _, name := range it.Keys.Sparse {
		if values.IsEmpty(m[name]) {
			delete(m, name)
		}
	}
	errs := it.Keys.checkIndexed(m)
	for name, av := range m {
		errs = append(errs, CheckLevels(name, av, 1))
	}
	errs = append(errs, it.Keys.checkTable(m)...)
	if n := it.size(m); n > values.MaxItemBytes {
		errs = append(errs, it.make.Size(n))
	}
	return errors.Join(errs...)
}

// Show sets the fields that hold composite attributes, if the type has any.
func (it *Item) Show(v reflect.Value, attrs values.Item) {
	for _, c := range it.Keys.Composites {
		f := it.Fields.Field(c.Name())
		av, ok := attrs[c.Name()].(*types.AttributeValueMemberS)
		if f == nil || !ok {
			continue
		}
		if fv := f.Alloc(v); fv.Kind() == reflect.String {
			fv.SetString(av.Value)
		}
	}
}

// Key returns the table's key of an item.
func (it *Item) Key(v reflect.Value) (values.Item, error) { return it.attrs(v, it.Keys.Attrs) }

// Attrs returns key attributes of an item, from its fields.
func (t *Table) Attrs(v reflect.Value, parts []key.Part) (values.Item, error) {
	own, v, err := t.Of(v)
	if err != nil {
		return nil, err
	}
	return own.attrs(v, parts)
}

func (it *Item) attrs(v reflect.Value, parts []key.Part) (values.Item, error) {
	m := make(values.Item, len(parts))
	for _, p := range parts {
		a := it.Keys.own(p)
		var room [4]types.AttributeValue
		encoded := room[:0]
		for _, f := range a.Fields() {
			av, err := it.encodeField(v, a.Name(), f.Name())
			if err != nil {
				return nil, err
			}
			encoded = append(encoded, av)
		}
		av := encoded[0]
		if a.IsComposite() {
			var err error
			if av, err = values.Composite(a.Part, encoded, true); err != nil {
				return nil, err
			}
		}
		if err := cmp.Or(a.check(av), it.Keys.Reserved(a.Name(), av)); err != nil {
			return nil, err
		}
		m[a.Name()] = av
	}
	return m, nil
}

// encodeField returns a field of an item, a part of a key attribute, as it is
// stored.
func (it *Item) encodeField(v reflect.Value, attr, name string) (types.AttributeValue, error) {
	field := it.Fields.Field(name)
	value, ok := it.value(field, v)
	if !ok {
		return nil, &key.Error{Attr: attr, Part: name, Rule: "missing"}
	}
	av, err := codec.EncodeField(field, value)
	if err != nil {
		return nil, wrongKind(attr, name, err)
	}
	return av, nil
}

// value returns what an item has for a field of the type; false if it has none.
func (it *Item) value(f *fields.Field, v reflect.Value) (value any, ok bool) {
	switch {
	case f == nil:
		return nil, false
	case it.Kind.Made(f.Name):
		return it.Kind.Name, true
	}
	fv, ok := f.Value(v)
	if !ok {
		return nil, false
	}
	return fv.Interface(), true
}

// KeyValue returns the table's key of an item, as its fields hold it; the zero
// Value of no item.
func (t *Table) KeyValue(v reflect.Value) key.Value {
	own, v, err := t.Of(v)
	if err != nil {
		return key.Value{}
	}
	given := func(p key.Part) []any {
		var all []any
		for _, f := range p.Fields() {
			if value, ok := own.value(own.Fields.Field(f.Name()), v); ok {
				all = append(all, value)
			}
		}
		return all
	}
	return key.Of(given(own.Keys.Spec.Hash)...).Range(given(own.Keys.Spec.Range)...)
}

// ZeroKey reports whether a part of an item's key is missing or zero.
func (it *Item) ZeroKey(v reflect.Value) bool {
	zero := func(parts []keyField) bool {
		for _, f := range parts {
			if it.Kind.Made(f.field.Name) {
				continue
			}
			if fv, ok := f.field.Value(v); !ok || fv.IsZero() {
				return true
			}
		}
		return false
	}
	return zero(it.Keys.hash.fields) || zero(it.Keys.sort.fields)
}

// detach gives a copy of an item embedded structs of its own.
func (it *Item) detach(v reflect.Value) {
	for _, at := range it.embedded {
		fv, err := v.FieldByIndexErr(at)
		if err != nil || fv.IsNil() {
			continue
		}
		own := reflect.New(fv.Type().Elem())
		own.Elem().Set(fv.Elem())
		fv.Set(own)
	}
}

// ItemOf returns the struct that a pointer to a T holds, and its item.
func (t *Table) ItemOf(p reflect.Value) (*Item, reflect.Value, error) {
	if !p.IsValid() || p.IsNil() {
		return nil, reflect.Value{}, fault.ErrNilItem
	}
	return t.Of(p.Elem())
}

// UniqueValues returns the unique attributes of an item as a put stores them.
func (it *Item) UniqueValues(v reflect.Value) (values.Item, error) {
	m := make(values.Item, len(it.Uniques.Fields))
	for _, f := range it.Uniques.Fields {
		fv, ok := f.Value(v)
		if !ok || f.Tag.OmitEmpty && fv.Kind() != reflect.Struct && fv.IsZero() {
			continue
		}
		av, err := codec.EncodeField(f, fv.Interface())
		if err != nil {
			return nil, wrongKind(f.Name, "", err)
		}
		if values.IsEmpty(av) && slices.Contains(it.Keys.Sparse, f.Name) {
			continue // as a put leaves it out (F7)
		}
		if err := CheckUnique(f.Name, av); err != nil {
			return nil, err
		}
		m[f.Name] = av
	}
	return m, nil
}
