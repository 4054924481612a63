package repo

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// A kind is how the items of a model are told from others in the table.
type kind struct {
	attr  string
	name  string        // what is written; "" where T is an interface
	own   []string      // the name and its aliases
	held  []string      // of all kinds that are read
	field *fields.Field // of the discriminator; nil if the type has none
	view  bool
	skip  bool
	other error                       // of an item that is none of held
	node  *cond.Node                  // of a view: the condition that an item is one of held
	guard expression.ConditionBuilder // the same
}

// newKind returns the kind of items that are read as any of held, and written
// as own, which is nil where T is an interface.
func newKind(k *Kinds, own *Kind, held []*Kind) (one *kind, err error) {
	one = &kind{attr: k.Attr, held: names(held), view: k.View, skip: k.Skip}
	if own != nil {
		one.name, one.own = own.Name, names([]*Kind{own})
	}
	one.other = &KindError{Attr: k.Attr}
	switch {
	case k.View:
		one.other = because(ErrNotFound, leftOut{one.other})
		one.node = &cond.Node{Op: cond.OpIn, Path: cond.Path{{Name: k.Attr}}}
		for _, name := range one.held {
			one.node.Values = append(one.node.Values, &types.AttributeValueMemberS{Value: name})
		}
		if len(one.held) == 1 {
			one.node.Op = cond.OpEq
		}
		one.guard, err = one.node.Compile()
	case k.Skip:
		one.other = leftOut{one.other}
	}
	return one, err
}

// check tells of a decoded item whether it is one of the kind.
func (k *kind) check(stored codec.Scalar) error {
	if stored.Kind == 'S' && k.holds(stored.Data) {
		return nil
	}
	return k.other
}

func (k *kind) holds(name []byte) bool {
	return slices.ContainsFunc(k.held, func(own string) bool { return own == string(name) })
}

// foreign reports whether an item that is stored is none that a view sees.
func (s *schema) foreign(stored item) bool {
	if !s.isView() {
		return false
	}
	av, ok := stored[s.kind.attr].(*types.AttributeValueMemberS)
	return !ok || !slices.Contains(s.kind.held, av.Value)
}

func (s *schema) isView() bool { return s.kind != nil && s.kind.view }

// sign sets the discriminator in an item that is to be written.
func (s *schema) sign(v reflect.Value) error {
	if s.kind == nil || s.kind.field == nil {
		return nil
	}
	fv := s.kind.field.Alloc(v)
	if name := fv.String(); name != "" && !slices.Contains(s.kind.own, name) {
		return ErrKind
	}
	fv.SetString(s.kind.name)
	return nil
}

// signed adds the discriminator to an encoded item.
func (s *schema) signed(m item) item {
	if s.kind != nil {
		m[s.kind.attr] = &types.AttributeValueMemberS{Value: s.kind.name}
	}
	return m
}

// made reports whether an attribute is a discriminator without a field.
func (s *schema) made(attr string) bool {
	return s.kind != nil && s.kind.field == nil && s.kind.attr == attr
}

// valueOf returns what an item has for a field of the plan; false if it has
// none.
func (s *schema) valueOf(f *fields.Field, v reflect.Value) (value any, ok bool) {
	switch {
	case f == nil:
		return nil, false
	case s.made(f.Name):
		return s.kind.name, true
	}
	fv, ok := f.Value(v)
	if !ok {
		return nil, false
	}
	return fv.Interface(), true
}

// identity returns the attributes that tell which item of which kind it is.
func (s *schema) identity() []string { return slices.Concat(s.keyNames, s.tells) }

// of returns the schema of the struct type that item v is of, and the struct:
// s and v themselves unless T is an interface.
func (s *schema) of(v reflect.Value) (*schema, reflect.Value, error) {
	if s.cases == nil {
		return s, v, nil
	}
	if v.IsNil() {
		return nil, v, errNilItem
	}
	p := v.Elem()
	own := s.cases[p.Type()]
	if own == nil {
		return nil, v, &KindError{Type: p.Type()}
	}
	if p.IsNil() {
		return nil, v, errNilItem
	}
	return own, p.Elem(), nil
}

// narrowed adds the condition of a view to the terms of a query, unless the
// query says which of its kinds it wants.
func (s *schema) narrowed(q *querySpec, terms []index.Term, nodes []*cond.Node) ([]index.Term, []*cond.Node, error) {
	if !s.isView() || q.hydrate && !s.projects(q.index, s.kind.attr) { // then the items themselves tell
		return terms, nodes, nil
	}
	k := s.kind
	for _, t := range terms {
		if t.Attr != k.attr || t.Op != index.Eq {
			continue
		}
		if av, ok := t.Values[0].(*types.AttributeValueMemberS); !ok || !slices.Contains(k.held, av.Value) {
			return nil, nil, &cond.AttrError{Type: s.plan.Type, Attr: k.attr, Rule: "compared with what is no kind of this repository"}
		}
		return terms, nodes, nil
	}
	t := index.Term{Attr: k.attr, Values: k.node.Values}
	if k.node.Op == cond.OpEq {
		t.Op = index.Eq
	}
	return append(terms, t), append(nodes, k.node), nil
}

// telling refuses an index whose items can't be told apart.
func (s *schema) telling(q *querySpec) error {
	if q.hydrate || q.count {
		return nil
	}
	for _, attr := range s.tells {
		if !s.projects(q.index, attr) {
			return &index.PlanError{Index: q.index, Attr: attr, Rule: "tells the kinds apart, and the index does not project it: include it, or hydrate"}
		}
	}
	return nil
}

// projects reports whether an index, or the table, has an attribute.
func (s *schema) projects(name, attr string) bool {
	idx := s.index(name)
	if idx == nil || idx.Projection() == types.ProjectionTypeAll || slices.Contains(idx.Included(), attr) {
		return true
	}
	return slices.ContainsFunc(s.position(name), func(a key.Part) bool { return a.Name() == attr })
}

// present is the condition that there is an item with the key, of a view's
// kinds if s is one.
func (s *schema) present() expression.ConditionBuilder {
	if s.isView() {
		return s.kind.guard
	}
	return s.exists
}
