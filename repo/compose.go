package repo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// item is the attributes of one item.
type item = map[string]types.AttributeValue

// compose adds the composite attributes to an encoded item, keeps the item out
// of the indexes that it has no key for, and checks keys, nesting and size.
func (s *schema) compose(m item) error {
	for _, c := range s.composites {
		av, err := s.composite(c, m)
		switch {
		case err != nil:
			return err
		case av == nil:
			delete(m, c.Name())
		default:
			m[c.Name()] = av
		}
	}
	for _, name := range s.sparse {
		if isEmpty(m[name]) {
			delete(m, name)
		}
	}
	errs := s.checkItem(m)
	for i, a := range s.keyAttrs {
		limit := maxSortBytes
		if i == 0 {
			limit = maxHashBytes
		}
		errs = append(errs, checkKey(a, m[a.Name()], limit), s.reserved(a.Name(), m[a.Name()]))
	}
	if n := itemSize(m); n > maxItemBytes {
		errs = append(errs, &SizeError{n})
	}
	return errors.Join(errs...)
}

// composite returns the attribute made of an item's parts, or nil where the
// item stays out of the index: a part is missing, or every string part is
// empty (rule F7). A composite of the table's own key is always made.
func (s *schema) composite(c key.Part, m item) (types.AttributeValue, error) {
	fields := c.Fields()
	values := make([]types.AttributeValue, len(fields))
	strs, empty, missing := 0, 0, false
	for i, f := range fields {
		values[i] = m[f.Name()]
		missing = missing || values[i] == nil || isNull(values[i])
		if f.Type() == types.ScalarAttributeTypeS {
			strs++
			if isEmpty(values[i]) {
				empty++
			}
		}
	}
	if !s.isTableKey(c.Name()) && (missing || strs > 0 && strs == empty) {
		return nil, nil
	}
	return c.Encode(values)
}

func (s *schema) isTableKey(attr string) bool {
	for _, a := range s.keyAttrs {
		if a.Name() == attr {
			return true
		}
	}
	return false
}

func hasLiteral(composite key.Part) bool {
	return slices.ContainsFunc(composite.Parts(), key.Part.IsLiteral)
}

// keyOf returns the table's key of a key value, or why it is none (rule E1).
func (s *schema) keyOf(k key.Value) (item, error) {
	var room [2]codec.Attribute
	attrs, err := s.appendKey(room[:0], k)
	if err != nil {
		return nil, err
	}
	m := make(item, len(attrs))
	for _, a := range attrs {
		m[a.Name] = a.Value
	}
	return m, nil
}

// appendKey appends the attributes of the table's key, as keyOf returns them.
func (s *schema) appendKey(dst []codec.Attribute, k key.Value) ([]codec.Attribute, error) {
	var room [4]any
	parts, n := k.AppendParts(room[:0])
	dst, hash := s.hash.bind(dst, parts[:n])
	dst, sort := s.sort.bind(dst, parts[n:])
	if hash == nil && sort == nil {
		for _, a := range dst {
			if err := s.reserved(a.Name, a.Value); err != nil {
				return nil, err
			}
		}
		return dst, nil
	}
	return nil, errors.Join(hash, sort)
}

// A keySide is the hash key or the sort key of the table, ready to bind.
type keySide struct {
	role   string // "hash" or "sort"
	name   string // of the key, for messages
	limit  int    // bytes
	fields []keyField
	attrs  []keyAttr
}

type keyField struct {
	part  key.Part
	field *fields.Field
}

type keyAttr struct {
	part   key.Part
	fields int // how many of the fields it takes
}

func (s *schema) keySide(role string, p key.Part, limit int) keySide {
	side := keySide{role: role, name: p.Name(), limit: limit, fields: s.keyFields(p.Fields())}
	for _, a := range p.Attributes() {
		side.attrs = append(side.attrs, keyAttr{a, len(a.Fields())})
	}
	return side
}

func (s *schema) keyFields(parts []key.Part) []keyField {
	fields := make([]keyField, len(parts))
	for i, f := range parts {
		fields[i] = keyField{f, s.plan.Field(f.Name())}
	}
	return fields
}

// bind appends the side's attributes, made from the values given for its fields.
func (k *keySide) bind(dst []codec.Attribute, values []any) ([]codec.Attribute, error) {
	if len(values) != len(k.fields) {
		return nil, &key.Error{Attr: k.name, Rule: fmt.Sprintf("the %s key has %d parts, not %d", k.role, len(k.fields), len(values))}
	}
	var room [4]types.AttributeValue
	parts, err := encodeParts(room[:0], k.fields, values)
	if err != nil {
		return nil, err
	}
	for _, a := range k.attrs {
		av := parts[0]
		if a.part.IsComposite() {
			if av, err = a.part.Encode(parts[:a.fields]); err != nil {
				return nil, err
			}
		}
		if err := checkKey(a.part, av, k.limit); err != nil {
			return nil, err
		}
		dst, parts = append(dst, codec.Attribute{Name: a.part.Name(), Value: av}), parts[a.fields:]
	}
	return dst, nil
}

// encodeParts appends values as the fields of the type store them (rule D4).
func encodeParts(parts []types.AttributeValue, fields []keyField, values []any) ([]types.AttributeValue, error) {
	var errs []error
	for i, v := range values {
		f := fields[i]
		av, err := codec.EncodeField(f.field, v)
		if err == nil && key.TypeOf(av) != f.part.Type() {
			err = codec.ErrKind
		}
		if err != nil {
			errs = append(errs, &key.Error{Attr: f.part.Name(), Rule: "the value is of the wrong kind", Err: err})
		}
		parts = append(parts, av)
	}
	return parts, errors.Join(errs...)
}

// itemAttrs returns key attributes of an item, from its fields.
func (s *schema) itemAttrs(v reflect.Value, attrs []key.Part) (item, error) {
	if s.cases != nil {
		own, v, err := s.of(v)
		if err != nil {
			return nil, err
		}
		return own.itemAttrs(v, own.ownParts(attrs))
	}
	parts, m := item{}, make(item, len(attrs))
	for _, a := range attrs {
		for _, f := range a.Fields() {
			field := s.plan.Field(f.Name())
			value, ok := s.valueOf(field, v)
			if !ok {
				return nil, &key.Error{Attr: a.Name(), Part: f.Name(), Rule: "missing"}
			}
			av, err := codec.EncodeField(field, value)
			if err != nil {
				return nil, &key.Error{Attr: a.Name(), Part: f.Name(), Rule: "the value is of the wrong kind", Err: err}
			}
			parts[f.Name()] = av
		}
		av := parts[a.Name()]
		if a.IsComposite() {
			values := make([]types.AttributeValue, 0, len(a.Fields()))
			for _, f := range a.Fields() {
				values = append(values, parts[f.Name()])
			}
			var err error
			if av, err = a.Encode(values); err != nil {
				return nil, err
			}
		}
		limit := maxHashBytes
		if a.Name() == s.spec.Key.Range.Name() {
			limit = maxSortBytes
		}
		if err := cmp.Or(checkKey(a, av, limit), s.reserved(a.Name(), av)); err != nil {
			return nil, err
		}
		m[a.Name()] = av
	}
	return m, nil
}

// ownParts returns key attributes as the table's key of s declares them.
func (s *schema) ownParts(attrs []key.Part) []key.Part {
	own := slices.Clone(attrs)
	for i, a := range own {
		if at := slices.IndexFunc(s.keyAttrs, func(p key.Part) bool { return p.Name() == a.Name() }); at >= 0 {
			own[i] = s.keyAttrs[at]
		}
	}
	return own
}

// checkKey refuses what DynamoDB does not take as a key attribute.
func checkKey(a key.Part, av types.AttributeValue, limit int) error {
	rule := ""
	switch {
	case av == nil || isNull(av):
		rule = "missing"
	case key.TypeOf(av) != a.Type():
		rule = "the value is of the wrong kind"
	case isEmpty(av):
		rule = "a key can't be empty"
	case keySize(av) > limit:
		rule = fmt.Sprintf("a key has at most %d bytes", limit)
	default:
		return nil
	}
	return &key.Error{Attr: a.Name(), Rule: rule}
}

func keySize(av types.AttributeValue) int {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	}
	return 0
}

func isNull(av types.AttributeValue) bool {
	_, null := av.(*types.AttributeValueMemberNULL)
	return null
}

// isEmpty reports whether av can't be in an index: missing, NULL, or an empty
// string or binary. The number 0 is a value.
func isEmpty(av types.AttributeValue) bool {
	return av == nil || isNull(av) || key.TypeOf(av) != "" && key.TypeOf(av) != types.ScalarAttributeTypeN && keySize(av) == 0
}

// sameKey reports whether two key attributes are equal: of numbers, the text
// that DynamoDB gives back is canonical.
func sameKey(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		b, ok := b.(*types.AttributeValueMemberS)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberN:
		b, ok := b.(*types.AttributeValueMemberN)
		return ok && strings.TrimPrefix(a.Value, "+") == b.Value
	case *types.AttributeValueMemberB:
		b, ok := b.(*types.AttributeValueMemberB)
		return ok && bytes.Equal(a.Value, b.Value)
	}
	return false
}
