package index

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/key"
)

// A match is what the terms of a request make of the keys of the table or of
// one index.
type match struct {
	req    *Request
	idx    *Spec // nil for the table
	hash   bool  // every hash attribute is equal to something
	sorted bool  // the sort key has a condition
	conds  []KeyCond
	used   []bool // terms that the key conditions hold exactly
	err    error  // why a Query can't hold the rest
}

func (r *Request) match(idx *Spec) match {
	m := match{req: r, idx: idx, used: make([]bool, len(r.Terms))}
	own := r.Key
	if idx != nil {
		own = idx.Key(r.Key)
	}
	for _, part := range own.Hash.Attributes() {
		ok, err := m.equal(part)
		if err != nil {
			m.err = err
		}
		if !ok {
			return m
		}
	}
	m.hash = !own.Hash.IsZero()
	for _, part := range own.Range.Attributes() {
		equal, err := m.equal(part)
		if err != nil {
			m.err = err
			return m
		}
		if equal {
			m.sorted = true
			continue
		}
		if err := m.ranged(part); err != nil {
			m.err = err
			return m
		}
		break // what follows an attribute that is not equal can't be a key condition
	}
	m.err = m.leftover(slices.Concat(attributes(own.Hash), attributes(own.Range)))
	return m
}

func (m *match) fault(attr, rule string, err error) error {
	e := &PlanError{Attr: attr, Rule: rule, Err: err}
	if m.idx != nil {
		e.Index = m.idx.name
	}
	return e
}

func (m *match) plan(rule Rule) Plan {
	p := Plan{Rule: rule, Key: m.conds}
	for i, used := range m.used {
		if !used {
			p.Filter = append(p.Filter, i)
		}
	}
	if m.idx != nil {
		covered := m.idx.covers(m.req.Key, m.req.Projected)
		p.Index, p.Global = m.idx.name, !m.idx.local
		p.Partial = p.Global && !covered
		p.Fetch = m.idx.local && !covered && m.req.Projected == nil
	}
	return p
}

// terms returns the positions of the unused key terms on an attribute.
func (m *match) terms(attr string) []int {
	var at []int
	for i, t := range m.req.Terms {
		if t.Attr == attr && t.Op != Other && !m.used[i] {
			at = append(at, i)
		}
	}
	return at
}

// value returns what the one Eq term on an attribute demands, and its position.
func (m *match) value(attr string) (types.AttributeValue, int) {
	for _, i := range m.terms(attr) {
		if m.req.Terms[i].Op == Eq {
			return m.req.Terms[i].Values[0], i
		}
	}
	return nil, -1
}

func (m *match) add(part key.Part, op Op, values ...types.AttributeValue) error {
	for _, v := range values {
		if typeOf(v) != part.Type() {
			return m.fault(part.Name(), fmt.Sprintf("a key of type %s is compared with another type", part.Type()), nil)
		}
	}
	m.conds = append(m.conds, KeyCond{part.Name(), op, values})
	return nil
}

// equal adds the equality of one key attribute, said of it as a whole or of
// every part of a composite (rule K5).
func (m *match) equal(part key.Part) (bool, error) {
	if v, i := m.value(part.Name()); i >= 0 {
		m.used[i] = true
		return true, m.add(part, Eq, v)
	}
	values, at := m.run(part)
	if !part.IsComposite() || len(values) < len(part.Fields()) {
		return false, nil
	}
	v, err := part.Encode(values)
	if err != nil {
		return false, m.fault(part.Name(), "the parts make no key", err)
	}
	m.use(at)
	return true, m.add(part, Eq, v)
}

func (m *match) use(at []int) {
	for _, i := range at {
		m.used[i] = true
	}
}

// run returns the values of a composite's leading fields that are equal to
// something, and the terms that say so.
func (m *match) run(part key.Part) (values []types.AttributeValue, at []int) {
	for _, f := range part.Fields() {
		v, i := m.value(f.Name())
		if i < 0 {
			break
		}
		values, at = append(values, v), append(at, i)
	}
	return values, at
}

// ranged adds the condition of the first sort attribute that is not equal to
// something, if there is one.
func (m *match) ranged(part key.Part) error {
	if at := m.terms(part.Name()); len(at) > 0 {
		op, values, ok := m.fold(at)
		if !ok {
			return m.fault(part.Name(), oneCondition, nil)
		}
		m.use(at)
		m.sorted = true
		if err := m.bounds(part.Name(), op, values); err != nil {
			return err
		}
		return m.add(part, op, values...)
	}
	if !part.IsComposite() {
		return nil
	}
	values, at := m.run(part)
	c, ranged, err := m.within(part, values)
	if err != nil {
		return err
	}
	m.sorted = len(at) > 0 || ranged
	if c.Op == Other || !m.sorted && !m.req.Literals {
		return nil
	}
	m.use(at)
	return m.add(part, c.Op, c.Values...)
}

const oneCondition = "a key takes one condition; only >= and <= fold into one"

// fold makes one condition of those on one attribute, if they are one or fold
// into one exactly (rule D1).
func (m *match) fold(at []int) (Op, []types.AttributeValue, bool) {
	first := m.req.Terms[at[0]]
	if len(at) == 1 {
		return first.Op, first.Values, true
	}
	second := m.req.Terms[at[1]]
	if first.Op == Lte {
		first, second = second, first
	}
	if len(at) > 2 || first.Op != Gte || second.Op != Lte {
		return Other, nil, false
	}
	return Between, []types.AttributeValue{first.Values[0], second.Values[0]}, true
}

func (m *match) bounds(attr string, op Op, values []types.AttributeValue) error {
	if op == Between && compare(values[0], values[1]) > 0 {
		return m.fault(attr, "the bounds of between are reversed", nil)
	}
	return nil
}

// leftover refuses the terms on key attributes that no key condition holds,
// since a Query can't filter on its own keys.
func (m *match) leftover(keys []string) error {
	for i, t := range m.req.Terms {
		if m.used[i] {
			continue
		}
		for _, k := range keys {
			switch {
			case !t.touches(k):
			case t.Op == Eq && slices.ContainsFunc(m.conds, func(c KeyCond) bool { return c.Attr == k }):
				return m.fault(k, oneCondition, nil)
			default:
				return m.fault(k, "a query can't filter on its own key, and the condition is no key condition", nil)
			}
		}
	}
	return nil
}

// literalPrefix returns the condition that a composite starts with its leading
// literals.
func literalPrefix(part key.Part) (KeyCond, bool) {
	if !part.IsComposite() {
		return KeyCond{}, false
	}
	prefix, err := part.Prefix(nil)
	if err != nil || prefix == "" {
		return KeyCond{}, false
	}
	return KeyCond{part.Name(), BeginsWith, []types.AttributeValue{text(prefix)}}, true
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func typeOf(v types.AttributeValue) types.ScalarAttributeType {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return types.ScalarAttributeTypeS
	case *types.AttributeValueMemberN:
		return types.ScalarAttributeTypeN
	case *types.AttributeValueMemberB:
		return types.ScalarAttributeTypeB
	}
	return ""
}
