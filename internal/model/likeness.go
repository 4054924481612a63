package model

import (
	"context"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/values"
)

// A Likeness is the condition that what is stored is as an item that was loaded:
// attribute by attribute, as the item would be stored. Decoding loses how it is
// stored (the zone of a time, an empty string beside a missing one, what AfterFind
// changed); where what is stored differs and loads as the same item, the
// condition becomes that it is stored as it was seen (rule G7).
type Likeness struct {
	item  *Item
	attrs values.Item // as the item would be stored
	Conds []expression.ConditionBuilder
	seen  values.Item // as it was found to be stored; nil so far
}

// Unchanged is the condition that the stored item is as v, and the likeness that
// it is of; nil of a model with a version, which tells by itself.
func (t *Table) Unchanged(v reflect.Value) ([]expression.ConditionBuilder, *Likeness, error) {
	it, v, err := t.Of(v)
	if err != nil {
		return nil, nil, err
	}
	if it.Stamps.Version != nil {
		return []expression.ConditionBuilder{it.Stamps.Lock.Guard(it.Stamps.Loaded(v))}, nil, nil
	}
	l := &Likeness{item: it}
	if l.attrs, err = it.Codec.Encode(v); err != nil {
		return nil, nil, err
	}
	for _, name := range l.names() {
		l.Conds = append(l.Conds, sameAs(name, l.attrs))
	}
	return l.Conds, l, nil
}

// names returns the attributes that are compared.
func (l *Likeness) names() []string {
	var names []string
	for i := range l.item.Fields.Fields {
		if f := &l.item.Fields.Fields[i]; !l.item.Kind.Made(f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

func sameAs(name string, attrs values.Item) expression.ConditionBuilder {
	attr := expression.NameNoDotSplit(name)
	if av := attrs[name]; av != nil {
		return attr.Equal(expression.Value(av))
	}
	return attr.AttributeNotExists()
}

// Again takes what is stored for what is to be stored, if it loads as the item
// does, and reports whether that is something else than before.
func (l *Likeness) Again(ctx context.Context, stored values.Item) bool {
	if stored == nil || l.seen != nil && maps.EqualFunc(l.seen, stored, values.Equal) {
		return false
	}
	now := reflect.New(l.item.Fields.Type)
	if l.item.Codec.Decode(stored, now.Elem()) != nil {
		return false
	}
	if attrs, err := l.item.Codec.Encode(now.Elem()); err != nil || !values.Exact(stored, attrs) {
		return false
	}
	if l.item.Hooks.Run(ctx, now.Interface(), life.AfterFind) != nil {
		return false
	}
	attrs, err := l.item.Codec.Encode(now.Elem())
	if err != nil {
		return false
	}
	names := l.names()
	for _, name := range names {
		if !values.Equal(attrs[name], l.attrs[name]) {
			return false
		}
	}
	for i, name := range names {
		l.Conds[i] = sameAs(name, stored)
	}
	l.seen = stored
	return true
}
