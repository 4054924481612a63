package assoc

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// item is the attributes of one item.
type item = map[string]types.AttributeValue

// A side is a compiled [End]: how to tell the id of an item, how to make a key
// of an id, and where the ids of the other side are kept.
//
// An id is the text of an item's key: of a key that takes one value, that value;
// of any other, its values joined as a composite (rule K1).
type side[T any] struct {
	repo    *repo.Repo[T]
	model   string
	codec   *codec.Codec
	key     []*fields.Field // what the key takes: hash, then sort
	hash    int             // how many of them are the hash key's
	fields  []*fields.Field // the same, each once
	join    key.Part        // joins them; zero for a single one
	id      types.ScalarAttributeType
	version *fields.Field
	updated *fields.Field
	made    *fields.Field // what Spec.ID fills; nil if nothing

	kept *fields.Field // nil if the side keeps no ids
	typ  types.ScalarAttributeType
	one  bool // it keeps one id at most
}

// newSide compiles an end and tells its faults.
func newSide[T any](e End[T], fault func(attr, rule string, err error)) *side[T] {
	t := reflect.TypeFor[T]()
	s := &side[T]{repo: e.repo, model: t.String()}
	if e.repo == nil {
		fault("", "want a repository", nil)
		return s
	}
	spec := e.repo.Spec()
	s.model += " in " + spec.Table
	p, err := fields.Of(t)
	if err != nil {
		fault("", "want a struct type", err)
		return s
	}
	s.codec = codec.New(p)
	s.identity(p, spec.Key, fault)
	if spec.Lock != nil {
		s.version = p.Field(spec.Lock.Attribute())
	}
	s.updated = p.Field(spec.Timestamps.Updated)
	if parts := spec.Key.Hash.Fields(); spec.ID != nil && len(parts) == 1 {
		s.made = p.Field(parts[0].Name())
	}
	if !e.keep {
		return s
	}
	if e.err != nil {
		fault("", "the attribute is not right", e.err)
		return s
	}
	f := p.Field(e.attr)
	if f == nil {
		fault("", "want an attribute of the item itself", nil)
		return s
	}
	switch s.kept = f; {
	case f.Tag.StringSet:
		s.typ = types.ScalarAttributeTypeS
	case f.Tag.NumberSet:
		s.typ = types.ScalarAttributeTypeN
	default:
		s.typ, _ = codec.KeyType(f)
	}
	if s.typ != types.ScalarAttributeTypeS && s.typ != types.ScalarAttributeTypeN {
		fault(f.Name, "ids are kept as a string, a number, or a set of them", nil)
	}
	return s
}

// identity finds out what the ids of the side's items are.
func (s *side[T]) identity(p *fields.Struct, spec key.Spec, fault func(attr, rule string, err error)) {
	var parts []key.Part
	for _, part := range slices.Concat(spec.Hash.Fields(), spec.Range.Fields()) {
		f := p.Field(part.Name())
		if s.key = append(s.key, f); !slices.Contains(s.fields, f) {
			s.fields, parts = append(s.fields, f), append(parts, part)
		}
	}
	s.hash = len(spec.Hash.Fields())
	switch {
	case len(parts) == 1:
		if s.id = parts[0].Type(); s.id == types.ScalarAttributeTypeB {
			fault(parts[0].Name(), "an id is a string or a number, and the key is binary", nil)
		}
		return
	case spec.Range.IsZero():
		s.join = spec.Hash
	default:
		s.join = key.Composite("id", parts...)
	}
	s.id = types.ScalarAttributeTypeS
	if err := s.join.Inside(door.Key{}).ValidatePart(); err != nil {
		fault("", "the parts of the key can't be joined to an id", err)
	}
}

// isSet reports whether the ids are kept in a set.
func (s *side[T]) isSet() bool { return s.kept != nil && s.kept.Tag.IsSet() }

// idOf returns the id of an item.
func (s *side[T]) idOf(it *T) (string, error) {
	v := reflect.ValueOf(it).Elem()
	parts := make([]types.AttributeValue, len(s.fields))
	for i, f := range s.fields {
		fv, ok := f.Value(v)
		if !ok {
			return "", &key.Error{Attr: f.Name, Rule: "missing"}
		}
		var err error
		if parts[i], err = codec.EncodeField(f, fv.Interface()); err != nil {
			return "", &key.Error{Attr: f.Name, Rule: "a value that the key can't hold", Err: err}
		}
	}
	av := parts[0]
	if !s.join.IsZero() {
		var err error
		if av, err = s.join.Inside(door.Key{}).Encode(parts); err != nil {
			return "", err
		}
	}
	id := texts(av)
	if len(id) != 1 {
		return "", &key.Error{Attr: s.fields[0].Name, Rule: "missing"}
	}
	return id[0], nil
}

// idOfKey returns the id of the item with a key or, as keyOrText makes them of
// what is no id, the text that a key is of.
func (s *side[T]) idOfKey(k key.Value) (string, error) {
	values := slices.Concat(k.HashParts(), k.RangeParts())
	if len(values) == 1 && len(s.key) > 1 {
		if text, ok := values[0].(string); ok {
			return text, nil
		}
	}
	if len(values) != len(s.key) {
		return "", &key.Error{Attr: s.key[0].Name, Rule: "another number of parts than the key has"}
	}
	var it T
	v := reflect.ValueOf(&it).Elem()
	m := make(item, len(values))
	for i, f := range s.key {
		av, err := codec.EncodeField(f, values[i])
		if err != nil {
			return "", &key.Error{Attr: f.Name, Rule: "a value that the key can't hold", Err: err}
		}
		m[f.Name] = av
	}
	if err := s.codec.Decode(m, v); err != nil {
		return "", &key.Error{Attr: s.key[0].Name, Rule: "a value that the key can't hold", Err: err}
	}
	return s.idOf(&it)
}

// keyOf returns the key of the item with an id, or why there can't be one.
func (s *side[T]) keyOf(id string) (key.Value, error) {
	parts := []types.AttributeValue{scalar(s.id, id)}
	if !s.join.IsZero() {
		var err error
		if parts, err = s.join.Inside(door.Key{}).Decode(parts[0]); err != nil {
			return key.Value{}, err
		}
	}
	m := make(item, len(parts))
	for i, f := range s.fields {
		m[f.Name] = parts[i]
	}
	var it T
	v := reflect.ValueOf(&it).Elem()
	if err := s.codec.Decode(m, v); err != nil {
		return key.Value{}, err
	}
	values := make([]any, len(s.key))
	for i, f := range s.key {
		values[i] = f.Alloc(v).Interface()
	}
	k := key.Of(values[:s.hash]...)
	if s.hash < len(values) {
		k = k.Range(values[s.hash:]...)
	}
	return k, nil
}

// keyOrText is keyOf, and a key of the text of an id that can't be one.
func (s *side[T]) keyOrText(id string) (k key.Value, ok bool) {
	k, err := s.keyOf(id)
	if err != nil {
		return key.Of(id), false
	}
	return k, true
}

// ids returns the ids that an item keeps, nil if there are none.
func (s *side[T]) ids(it *T) ([]string, error) {
	fv, ok := s.kept.Value(reflect.ValueOf(it).Elem())
	if !ok || fv.IsZero() {
		return nil, nil
	}
	av, err := codec.EncodeField(s.kept, fv.Interface())
	if err != nil {
		return nil, err
	}
	return texts(av), nil
}

// keepIn makes an item in memory keep ids, and no others.
func (s *side[T]) keepIn(it *T, ids []string) error {
	f := s.kept.Alloc(reflect.ValueOf(it).Elem())
	if len(ids) == 0 {
		f.SetZero()
		return nil
	}
	var other T
	v := reflect.ValueOf(&other).Elem()
	if err := s.codec.Decode(item{s.kept.Name: s.value(ids)}, v); err != nil {
		return err
	}
	f.Set(s.kept.Alloc(v))
	return nil
}

// value returns ids, one or more, as the side keeps them.
func (s *side[T]) value(ids []string) types.AttributeValue {
	switch {
	case !s.isSet():
		return scalar(s.typ, ids[0])
	case s.typ == types.ScalarAttributeTypeN:
		return &types.AttributeValueMemberNS{Value: ids}
	}
	return &types.AttributeValueMemberSS{Value: ids}
}

func scalar(t types.ScalarAttributeType, text string) types.AttributeValue {
	if t == types.ScalarAttributeTypeN {
		return &types.AttributeValueMemberN{Value: text}
	}
	return &types.AttributeValueMemberS{Value: text}
}

// texts returns the ids that an attribute holds; an empty string is none.
func texts(av types.AttributeValue) []string {
	var ids []string
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		ids = []string{av.Value}
	case *types.AttributeValueMemberN:
		ids = []string{av.Value}
	case *types.AttributeValueMemberSS:
		ids = av.Value
	case *types.AttributeValueMemberNS:
		ids = av.Value
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
}

// identify fills in the id that the repository would make on create. forget
// takes it back.
func (s *side[T]) identify(it *T) (forget func()) {
	if s.made == nil {
		return func() {}
	}
	f := s.made.Alloc(reflect.ValueOf(it).Elem())
	if f.Len() > 0 {
		return func() {}
	}
	f.SetString(s.repo.Spec().ID())
	return f.SetZero
}
