package model

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// Keys are the key attributes of a table and its indexes: how they are made of
// values, and what may not be one.
type Keys struct {
	Spec       key.Spec
	Attrs      []key.Part                  // stored key attributes of the table: hash, then sort
	Names      []string                    // their names
	Exists     expression.ConditionBuilder // there is an item with the key
	Absent     expression.ConditionBuilder // there is none
	Composites []key.Part                  // of the table and the indexes, each once
	Sparse     []string                    // plain key attributes of indexes that are no table keys
	Marked     bool                        // markers of unique values are in the table, of this model or of others

	plan       *fields.Struct
	hash, sort side
	table      []attr          // attributes of both
	indexed    map[string]attr // key attributes of the indexes
}

// has reports whether a stored key attribute of the table, or a composite, has
// that name.
func (k *Keys) has(name string) bool {
	named := func(p key.Part) bool { return p.Name() == name }
	return slices.ContainsFunc(k.Composites, named) || slices.ContainsFunc(k.Attrs, named)
}

// OfTable reports whether a stored attribute is in the table's key.
func (k *Keys) OfTable(attr string) bool {
	for _, a := range k.Attrs {
		if a.Name() == attr {
			return true
		}
	}
	return false
}

// HasField reports whether a field is in the table's key.
func (k *Keys) HasField(field string) bool { return within(k.Attrs, field) }

// InComposite reports whether a field is part of a composite key.
func (k *Keys) InComposite(field string) bool { return within(k.Composites, field) }

func within(parts []key.Part, field string) bool {
	return slices.ContainsFunc(parts, func(p key.Part) bool { return slices.Contains(PartNames(p), field) })
}

// PartNames returns the names of the fields that a key is made of.
func PartNames(p key.Part) []string {
	var names []string
	for _, f := range p.Fields() {
		names = append(names, f.Name())
	}
	return names
}

// HasLiteral reports whether a part of a composite is a literal.
func HasLiteral(composite key.Part) bool {
	return slices.ContainsFunc(composite.Inside(door.Key{}).Parts(), func(p key.Part) bool { return p.Inside(door.Key{}).IsLiteral() })
}

// Of returns the table's key of a key value, or why it is none (rule E1).
func (k *Keys) Of(v key.Value) (values.Item, error) {
	var room [2]codec.Attribute
	attrs, err := k.Append(room[:0], v)
	if err != nil {
		return nil, err
	}
	m := make(values.Item, len(attrs))
	for _, a := range attrs {
		m[a.Name] = a.Value
	}
	return m, nil
}

// Append appends the attributes of the table's key, as [Keys.Of] returns them.
func (k *Keys) Append(dst []codec.Attribute, v key.Value) ([]codec.Attribute, error) {
	var room [4]any
	parts, n := v.AppendParts(door.Key{}, room[:0])
	dst, hash := k.hash.bind(dst, parts[:n])
	dst, sort := k.sort.bind(dst, parts[n:])
	if hash == nil && sort == nil {
		for _, a := range dst {
			if err := k.Reserved(a.Name, a.Value); err != nil {
				return nil, err
			}
		}
		return dst, nil
	}
	return nil, errors.Join(hash, sort)
}

// AppendJSON appends a key of the table in DynamoDB's JSON.
func (k *Keys) AppendJSON(dst []byte, m values.Item) ([]byte, error) {
	var room [2]codec.Attribute
	attrs := room[:0]
	for _, name := range k.Names {
		attrs = append(attrs, codec.Attribute{Name: name, Value: m[name]})
	}
	return codec.AppendAttributes(dst, attrs...)
}

// Fields returns the fields of the table's key as a key value has them, each
// as it is stored; nil if it is no key.
func (k *Keys) Fields(v key.Value) values.Item {
	parts := slices.Concat(k.hash.fields, k.sort.fields)
	given := slices.Concat(v.HashParts(), v.RangeParts())
	if len(parts) != len(given) {
		return nil
	}
	encoded, err := encodeParts(nil, parts, given)
	if err != nil {
		return nil
	}
	known := make(values.Item, len(parts))
	for i, f := range parts {
		known[f.part.Name()] = encoded[i]
	}
	return known
}

// Encode returns values as the fields of parts store them (rule D4).
func (k *Keys) Encode(parts []key.Part, given []any) ([]types.AttributeValue, error) {
	return encodeParts(nil, keyFields(k.plan, parts), given)
}

// Check refuses a value that can't be a key attribute of an index; an attribute
// that is none is nothing to it.
func (k *Keys) Check(name string, av types.AttributeValue) error {
	if a, indexed := k.indexed[name]; indexed {
		return a.check(av)
	}
	return nil
}

// Indexed reports whether an attribute is a key attribute of an index.
func (k *Keys) Indexed(name string) bool {
	_, indexed := k.indexed[name]
	return indexed
}

// checkIndexed refuses an item whose key attributes of indexes can't be.
func (k *Keys) checkIndexed(m values.Item) (errs []error) {
	for name, a := range k.indexed {
		if av := m[name]; av != nil {
			errs = append(errs, a.check(av))
		}
	}
	return errs
}

// checkTable refuses an item that has not the table's key.
func (k *Keys) checkTable(m values.Item) (errs []error) {
	for _, a := range k.table {
		errs = append(errs, a.check(m[a.Name()]), k.Reserved(a.Name(), m[a.Name()]))
	}
	return errs
}

// own returns a key attribute as the table's key declares it, with its limit;
// one of an index as it is given.
func (k *Keys) own(p key.Part) attr {
	for _, a := range k.table {
		if a.Name() == p.Name() {
			return a
		}
	}
	if a, indexed := k.indexed[p.Name()]; indexed {
		return attr{p, a.limit}
	}
	return attr{p, maxHashBytes}
}

// Fixed calls f with each part and stored attribute of the table's key.
func (k *Keys) Fixed(f func(p key.Part)) {
	for _, s := range []*side{&k.hash, &k.sort} {
		for _, field := range s.fields {
			f(field.part)
		}
		for _, a := range s.attrs {
			if a.IsComposite() {
				f(a.Part)
			}
		}
	}
}

// A side is the hash key or the sort key of the table, ready to bind.
type side struct {
	role   string // "hash" or "sort"
	name   string // of the key, for messages
	fields []keyField
	attrs  []sideAttr
}

type keyField struct {
	part  key.Part
	field *fields.Field
}

type sideAttr struct {
	attr

	fields int // how many of the fields it takes
}

func newSide(plan *fields.Struct, role string, p key.Part, limit int) side {
	s := side{role: role, name: p.Name(), fields: keyFields(plan, p.Fields())}
	for _, a := range p.Attributes() {
		s.attrs = append(s.attrs, sideAttr{attr{a, limit}, len(a.Fields())})
	}
	return s
}

func keyFields(plan *fields.Struct, parts []key.Part) []keyField {
	all := make([]keyField, len(parts))
	for i, f := range parts {
		all[i] = keyField{f, plan.Field(f.Name())}
	}
	return all
}

// bind appends the side's attributes, made from the values given for its fields.
func (s *side) bind(dst []codec.Attribute, given []any) ([]codec.Attribute, error) {
	if len(given) != len(s.fields) {
		return nil, &key.Error{Attr: s.name, Rule: fmt.Sprintf("values of the %s key: want %d, not %d", s.role, len(s.fields), len(given))}
	}
	var room [4]types.AttributeValue
	parts, err := encodeParts(room[:0], s.fields, given)
	if err != nil {
		return nil, err
	}
	for _, a := range s.attrs {
		av := parts[0]
		if a.IsComposite() {
			if av, err = values.Composite(a.Part, parts[:a.fields], true); err != nil {
				return nil, err
			}
		}
		if err := a.check(av); err != nil {
			return nil, err
		}
		dst, parts = append(dst, codec.Attribute{Name: a.Name(), Value: av}), parts[a.fields:]
	}
	return dst, nil
}

// encodeParts appends values as the fields of the type store them (rule D4).
func encodeParts(dst []types.AttributeValue, parts []keyField, given []any) ([]types.AttributeValue, error) {
	var errs []error
	for i, v := range given {
		f := parts[i]
		av, err := codec.EncodeField(f.field, v)
		if err == nil && values.TypeOf(av) != f.part.Type() {
			err = codec.ErrKind
		}
		if err != nil {
			errs = append(errs, wrongKind(f.part.Name(), "", err))
		}
		dst = append(dst, av)
	}
	return dst, errors.Join(errs...)
}

// ID returns a text that is the same for the same key of the table.
func (k *Keys) ID(m values.Item) string {
	var room [96]byte
	return string(k.AppendID(room[:0], m))
}

// AppendID appends what [Keys.ID] returns.
func (k *Keys) AppendID(dst []byte, m values.Item) []byte {
	for _, a := range k.Attrs {
		dst = values.AppendID(dst, m[a.Name()])
	}
	return dst
}

// Same reports whether two keys are one, or both none.
func (k *Keys) Same(a, b values.Item) bool {
	return (a == nil) == (b == nil) && k.ID(a) == k.ID(b)
}
