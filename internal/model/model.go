package model

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// A Table is what the items that a repository holds have in common: all that
// is known without one of them.
type Table struct {
	Name    string         // with its namespace
	Model   string         // the Go type, for messages
	Fields  *fields.Struct // of the type, or of all types of an interface
	Indexes []index.Spec
	Keys    *Keys
	Stamps  *Stamps
	Kind    *Kind // nil if nothing but the keys tells items apart
	Uniques *Uniques
	Codec   *codec.Codec
	Tells   []string // the discriminators
	Finds   bool     // something runs on items that were read
	Unkept  []string // attributes with constraints of some kind, which a write by key can't keep: it does not know the kind

	loose   []string
	refuses bool // items of other models are refused, not left out
	make    *fault.Makers
	sinks   *sinks
	locals  []local // the local indexes

	item  *Item                  // of a struct type
	items []*Item                // of an interface: its struct types, in order
	types map[reflect.Type]*Item // the same, by the pointer to the type
}

// An Item is what is done with an item of one struct type. Its Table is that
// of the type alone.
type Item struct {
	*Table

	Hooks    *life.Hooks
	parts    []part     // the composites with their fields
	plain    []plainKey // key attributes that are no composites
	ids      []idAttr   // nil where the id of an item takes encoding
	embedded [][]int    // structs embedded by pointer
	deep     bool       // items may nest without bounds
	room     *room
}

// Of returns the item of the struct type that v, a T, is of, and the struct: v
// itself unless T is an interface.
func (t *Table) Of(v reflect.Value) (*Item, reflect.Value, error) {
	if t.types == nil {
		return t.item, v, nil
	}
	if v.IsNil() {
		return nil, v, fault.ErrNilItem
	}
	p := v.Elem()
	own := t.types[p.Type()]
	if own == nil {
		return nil, v, t.make.Kind("", p.Type())
	}
	if p.IsNil() {
		return nil, v, fault.ErrNilItem
	}
	return own, p.Elem(), nil
}

// Items returns the items of each struct type that the repository holds.
func (t *Table) Items() []*Item {
	if t.types == nil {
		return []*Item{t.item}
	}
	return t.items
}

// Refuses reports whether a query fails on an item whose literal key parts
// differ, instead of leaving it out.
func (t *Table) Refuses() bool { return t.refuses }

// Known reports whether the model has an attribute of that name.
func (t *Table) Known(name string) bool {
	return t.Fields.Field(name) != nil || slices.Contains(t.loose, name) || t.Keys.has(name)
}

// Index returns the declared index of that name, or nil.
func (t *Table) Index(name string) *index.Spec {
	if i := slices.IndexFunc(t.Indexes, func(x index.Spec) bool { return x.Name() == name }); i >= 0 {
		return &t.Indexes[i]
	}
	return nil
}

// KeySpec returns the keys of an index, or of the table.
func (t *Table) KeySpec(name string) key.Spec {
	if idx := t.Index(name); idx != nil {
		return idx.Key(t.Keys.Spec)
	}
	return t.Keys.Spec
}

// Position returns the key attributes that tell a place in the table or an
// index, each once (rule B2).
func (t *Table) Position(name string) []key.Part {
	parts := slices.Clone(t.Keys.Attrs)
	if t.Index(name) == nil {
		return parts
	}
	own := t.KeySpec(name)
	for _, a := range slices.Concat(own.Hash.Attributes(), own.Range.Attributes()) {
		if !slices.ContainsFunc(parts, func(p key.Part) bool { return p.Name() == a.Name() }) {
			parts = append(parts, a)
		}
	}
	return parts
}

// Projects reports whether an index, or the table, has an attribute.
func (t *Table) Projects(name, attr string) bool {
	idx := t.Index(name)
	if idx == nil || idx.Projection() == types.ProjectionTypeAll || slices.Contains(idx.Included(), attr) {
		return true
	}
	return slices.ContainsFunc(t.Position(name), func(a key.Part) bool { return a.Name() == attr })
}

// Identity returns the attributes that tell which item of which kind it is.
func (t *Table) Identity() []string { return slices.Concat(t.Keys.Names, t.Tells) }

// Present is the condition that there is an item with the key, of a view's
// kinds if the model is one.
func (t *Table) Present() expression.ConditionBuilder {
	if t.IsView() {
		return t.Kind.Guard
	}
	return t.Keys.Exists
}

// IsView reports whether items of other kinds are in the table and not seen.
func (t *Table) IsView() bool { return t.Kind != nil && t.Kind.View }

// Foreign reports whether an item that is stored is none that a view sees.
func (t *Table) Foreign(stored values.Item) bool { return t.IsView() && !t.Kind.Sees(stored) }

// Marker tells a marker of a unique value, which is no item of the model.
func (t *Table) Marker(stored values.Item) error {
	if err := t.Keys.Marker(stored); err != nil {
		return fault.Because(fault.ErrForeign, err)
	}
	return nil
}

// Make returns what makes the errors that callers see.
func (t *Table) Make() *fault.Makers { return t.make }

// Fail wraps err for an operation on the table, or an index of it. Errors that
// are wrapped already, and nil, stay as they are.
func (t *Table) Fail(op, idx string, attrs []string, err error) error {
	if err == nil {
		return nil
	}
	return t.make.Op(op, t.Name, idx, attrs, err)
}

// Refuse makes the error of input that is not sent.
func (t *Table) Refuse(op string, err error) error { return t.Fail(op, "", nil, fault.Invalid(err)) }

// Decode sets v to what an item is.
func (t *Table) Decode(attrs values.Item, v reflect.Value) error {
	return fault.Decode(t.Codec.Decode(attrs, v))
}

// Distinct returns names in order, each once.
func Distinct(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
