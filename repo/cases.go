package repo

import (
	"bytes"
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// compileKinds checks the declaration of the kinds and returns the schema of a
// repository of t.
func (spec Spec) compileKinds(db *DB, t reflect.Type, set func(slot, p reflect.Value)) (*schema, error) {
	k := *spec.Kinds
	k.List = slices.Clone(k.List)
	spec.Kinds = &k
	var errs []error
	fault := func(rule string) {
		errs = append(errs, &ConfigError{Model: t.String(), Field: "Kinds", Rule: rule})
	}
	if t.Kind() != reflect.Interface && t.Kind() != reflect.Struct {
		fault("want a repository of a struct type or of an interface")
		return nil, errors.Join(errs...)
	}
	if k.validate(t, fault); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if t.Kind() == reflect.Struct {
		s, err := spec.compileKind(db, t, k.of(t))
		if err == nil {
			s.declared, s.marked = spec, len(spec.Unique) > 0 // as a whole, for views and for the table
		}
		return s, err
	}
	s, err := spec.compileCases(db, t, k.of(t))
	if err == nil {
		s.declared, s.codec = spec, s.casesCodec(db, set)
		s.marked = s.marked || len(spec.Unique) > 0
	}
	return s, err
}

// compileKind returns the schema of items of kind t, a struct type, that are
// read from any of held.
func (spec Spec) compileKind(db *DB, t reflect.Type, held []*Kind) (*schema, error) {
	own := spec.Kinds.find(t)
	p, err := fields.Of(own.Type)
	if err != nil {
		return nil, &ConfigError{Model: own.Type.String(), Field: "T", Rule: "its fields or tags are not right", Err: err}
	}
	k, err := newKind(spec.Kinds, own, held)
	if err != nil {
		return nil, err
	}
	fault := func(rule string) error {
		return &ConfigError{Model: own.Type.String(), Field: "Kinds", Rule: rule}
	}
	k.field = p.Field(k.attr)
	switch {
	case k.field != nil && !isDirect(k.field, false):
		return nil, fault("field " + k.field.Path + " of the discriminator is stored as no plain string")
	case k.field == nil && len(held) > 1:
		return nil, fault("there are kinds under it: so that none is written as another, it needs a string field for " + k.attr + ", or a repository of an interface")
	case k.field == nil && len(k.own) > 1 && spec.indexes(k.attr):
		return nil, fault("it has aliases and attribute " + k.attr + " is a key: a string field must hold what is stored")
	}
	p = fields.Merge(own.Type, p.Fields, []fields.Field{absent(k.attr)})
	return spec.only(own.Type, func(attr string) bool { return p.Field(attr) != nil }).compile(db, p, k)
}

// absent stands for a string field that a type does not have.
func absent(attr string) fields.Field {
	return fields.Field{Name: attr, Type: reflect.TypeFor[string]()}
}

// indexes reports whether an attribute is in a key of the table or of an index.
func (spec Spec) indexes(attr string) bool {
	keys := []key.Spec{spec.Key}
	for _, idx := range spec.Indexes {
		keys = append(keys, idx.Key(spec.Key))
	}
	return slices.ContainsFunc(keys, func(k key.Spec) bool {
		return slices.ContainsFunc(slices.Concat(k.Hash.Fields(), k.Range.Fields()), func(f key.Part) bool { return f.Name() == attr })
	})
}

// compileCases returns the schema of a repository of t, an interface type. It
// knows the table and the attributes of all kinds; what is done with an item is
// up to the schema of the item's own type.
func (spec Spec) compileCases(db *DB, t reflect.Type, held []*Kind) (*schema, error) {
	cases := make([]*schema, len(held))
	each := make([][]fields.Field, len(held))
	errs := make([]error, len(held))
	for i, own := range held {
		if cases[i] = own.model; own.model == nil {
			cases[i], errs[i] = spec.compileKind(db, own.Type, []*Kind{own})
		}
		if errs[i] == nil {
			each[i] = cases[i].plan.Fields
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	k, err := newKind(spec.Kinds, nil, held)
	if err != nil {
		return nil, err
	}
	for _, f := range slices.Concat(spec.Key.Hash.Fields(), spec.Key.Range.Fields()) {
		each = append(each, []fields.Field{absent(f.Name())})
	}
	p := fields.Merge(t, each...)
	s, err := spec.only(t, func(attr string) bool { return !k.view || p.Field(attr) != nil }).compile(db, p, k)
	if err != nil {
		return nil, err
	}
	s.order, s.cases = cases, make(map[reflect.Type]*schema, len(cases))
	for _, own := range cases {
		s.cases[reflect.PointerTo(own.plan.Type)] = own
		s.finds, s.marked = s.finds || own.finds, s.marked || own.marked
		s.tells = distinct(append(s.tells, own.tells...))
	}
	return s, nil
}

// casesCodec returns the codec of an interface type: by the name that the
// discriminator holds or, where kinds are those of several repositories, by
// what tells each of them.
func (s *schema) casesCodec(db *DB, set func(slot, p reflect.Value)) *codec.Codec {
	if s.kind.attr != "" {
		at := map[string]int{}
		c := codec.Cases{Names: []string{s.kind.attr}, Set: set}
		for i, own := range s.order {
			c.Codecs = append(c.Codecs, own.codec)
			for _, name := range own.kind.held {
				at[name] = i
			}
		}
		c.Pick = func(seen []codec.Scalar) (int, error) {
			if i, ok := at[string(seen[0].Data)]; ok && seen[0].Kind == 'S' {
				return i, nil
			}
			return 0, s.kind.other
		}
		return codec.NewCases(s.plan.Type, c)
	}
	c := codec.Cases{Names: distinct(s.identity()), Set: set}
	signs := make([][]sign, len(s.order))
	for i, own := range s.order {
		c.Codecs = append(c.Codecs, own.newCodec(db, c.Names...))
		signs[i] = own.signs(c.Names)
	}
	c.Pick = func(seen []codec.Scalar) (int, error) {
		i := slices.IndexFunc(signs, func(all []sign) bool {
			return !slices.ContainsFunc(all, func(one sign) bool { return !one.fits(seen[one.at]) })
		})
		if i < 0 {
			return 0, s.kind.other
		}
		return i, nil
	}
	return codec.NewCases(s.plan.Type, c)
}

// A sign is one attribute by which items of a model are told from others: its
// discriminator, or a key with literals.
type sign struct {
	at     int // among the names
	kind   *kind
	part   key.Part
	prefix string
}

// signs returns what tells the items of a model.
func (s *schema) signs(names []string) []sign {
	var all []sign
	if s.kind != nil {
		all = append(all, sign{at: slices.Index(names, s.kind.attr), kind: s.kind})
	}
	for _, a := range s.keyAttrs {
		if !hasLiteral(a) {
			continue
		}
		prefix, err := a.Prefix(nil)
		if err == nil {
			all = append(all, sign{at: slices.Index(names, a.Name()), part: a, prefix: prefix})
		}
	}
	return all
}

func (n *sign) fits(stored codec.Scalar) bool {
	if n.kind != nil {
		return n.kind.check(stored) == nil
	}
	if stored.Kind != 'S' || !bytes.HasPrefix(stored.Data, []byte(n.prefix)) {
		return false
	}
	_, err := n.part.Split(string(stored.Data))
	return err == nil
}

// scalarOf is an attribute value as a codec sees it.
func scalarOf(av types.AttributeValue) codec.Scalar {
	v := value("", av)
	return codec.Scalar{Kind: v.Kind, Data: []byte(v.Data)}
}
