package model

import (
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// compileKinds checks the declaration of the kinds and returns the table of a
// repository of t.
func (d Decl) compileKinds(t reflect.Type, set func(slot, p reflect.Value)) (*Table, error) {
	k := *d.Kinds
	k.List = slices.Clone(k.List)
	d.Kinds = &k
	var errs []error
	refuse := func(rule string) { errs = append(errs, d.Make.Config(t.String(), "Kinds", rule, nil)) }
	if t.Kind() != reflect.Interface && t.Kind() != reflect.Struct {
		refuse("want a repository of a struct type or of an interface")
		return nil, errors.Join(errs...)
	}
	if k.validate(t, refuse); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if t.Kind() == reflect.Struct {
		return d.compileKind(t, k.of(t))
	}
	table, err := d.compileCases(t, k.of(t))
	if err == nil {
		table.Codec = table.casesCodec(d.Settings, set)
		table.sinks = newSinks(table.Codec)
	}
	return table, err
}

// compileKind returns the table of items of kind t, a struct type, that are
// read from any of held.
func (d Decl) compileKind(t reflect.Type, held []*KindDecl) (*Table, error) {
	own := d.Kinds.find(t)
	p, err := fields.Of(own.Type)
	if err != nil {
		return nil, d.Make.Config(own.Type.String(), "T", "its fields or tags are not right", err)
	}
	k, err := newKind(d.Kinds, own, held, d.Make)
	if err != nil {
		return nil, err
	}
	refuse := func(rule string) error { return d.Make.Config(own.Type.String(), "Kinds", rule, nil) }
	k.field = p.Field(k.Attr)
	switch {
	case k.field != nil && !isDirect(k.field, false):
		return nil, refuse("field " + k.field.Path + " of the discriminator is stored as no plain string")
	case k.field == nil && len(held) > 1:
		return nil, refuse("there are kinds under it: so that none is written as another, it needs a string field for " + k.Attr + ", or a repository of an interface")
	case k.field == nil && len(k.own) > 1 && d.indexes(k.Attr):
		return nil, refuse("it has aliases and attribute " + k.Attr + " is a key: a string field must hold what is stored")
	}
	p = fields.Merge(own.Type, p.Fields, []fields.Field{absent(k.Attr)})
	table, err := d.only(own.Type, func(attr string) bool { return p.Field(attr) != nil }).compile(p, k, nil)
	if err == nil {
		table.Keys.Marked = len(d.Unique) > 0 // by the declaration as a whole
		table.Unkept = d.unkept(held, table.Uniques)
	}
	return table, err
}

// absent stands for a string field that a type does not have.
func absent(attr string) fields.Field {
	return fields.Field{Name: attr, Type: reflect.TypeFor[string]()}
}

// indexes reports whether an attribute is in a key of the table or of an index.
func (d Decl) indexes(attr string) bool {
	keys := []key.Spec{d.Key}
	for _, idx := range d.Indexes {
		keys = append(keys, idx.Key(d.Key))
	}
	return slices.ContainsFunc(keys, func(k key.Spec) bool {
		return slices.ContainsFunc(slices.Concat(k.Hash.Fields(), k.Range.Fields()), func(f key.Part) bool { return f.Name() == attr })
	})
}

// compileCases returns the table of a repository of t, an interface type. It
// knows the keys and the attributes of all kinds; what is done with an item is
// up to the Item of the item's own type.
func (d Decl) compileCases(t reflect.Type, held []*KindDecl) (*Table, error) {
	cases := make([]*Item, len(held))
	each := make([][]fields.Field, len(held))
	errs := make([]error, len(held))
	for i, own := range held {
		if cases[i] = own.Item; own.Item == nil {
			var table *Table
			if table, errs[i] = d.compileKind(own.Type, []*KindDecl{own}); errs[i] == nil {
				cases[i] = table.item
			}
		}
		if errs[i] == nil {
			each[i] = cases[i].Fields.Fields
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	k, err := newKind(d.Kinds, nil, held, d.Make)
	if err != nil {
		return nil, err
	}
	for _, f := range slices.Concat(d.Key.Hash.Fields(), d.Key.Range.Fields()) {
		each = append(each, []fields.Field{absent(f.Name())})
	}
	p := fields.Merge(t, each...)
	table, err := d.only(t, func(attr string) bool { return !k.View || p.Field(attr) != nil }).compile(p, k, cases)
	if err == nil {
		table.Keys.Marked = table.Keys.Marked || len(d.Unique) > 0
		table.Unkept = d.unkept(held, table.Uniques)
	}
	return table, err
}

// newKind returns the kind of items that are read as any of held, and written
// as own, which is nil where the model is of an interface.
func newKind(k *Kinds, own *KindDecl, held []*KindDecl, mk *fault.Makers) (one *Kind, err error) {
	one = &Kind{Attr: k.Attr, Held: names(held), View: k.View, Skip: k.Skip}
	if own != nil {
		one.Name, one.own = own.Name, names([]*KindDecl{own})
	}
	one.other = mk.Kind(k.Attr, nil)
	node := &expr.Node{Op: expr.OpIn, Path: expr.Path{{Name: k.Attr}}}
	for _, name := range one.Held {
		node.Values = append(node.Values, &types.AttributeValueMemberS{Value: name})
	}
	if len(one.Held) == 1 {
		node.Op = expr.OpEq
	}
	one.Guard, err = node.Compile()
	switch {
	case k.View:
		one.other, one.Node = fault.Because(fault.ErrNotFound, leftOut{one.other}), node
	case k.Skip:
		one.other = leftOut{one.other}
	}
	return one, err
}

// unkept returns the attributes of the constraints of kinds that are held, but
// those that are known.
func (d Decl) unkept(held []*KindDecl, known *Uniques) []string {
	var names []string
	add := func(attrs []string) {
		if !slices.ContainsFunc(known.List, func(u Unique) bool { return slices.Equal(u.Attrs, attrs) }) {
			names = append(names, attrs...)
		}
	}
	for _, u := range d.Unique {
		if slices.ContainsFunc(held, func(k *KindDecl) bool { return d.Kinds.within(k, u.Type) || concerns(u.Type, k.Type) }) {
			add(u.Attrs)
		}
	}
	for _, k := range held {
		if k.Item != nil {
			for _, u := range k.Item.Uniques.List {
				add(u.Attrs)
			}
		}
	}
	return Distinct(names)
}
