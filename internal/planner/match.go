package planner

import (
	"cmp"
	"fmt"
	"slices"

	facts "github.com/dynarepo/dynarepo/internal/values"

	"github.com/dynarepo/dynarepo/internal/expr"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
)

// A match is what the terms of a request make of the keys of the table or of
// one index.
type match struct {
	req    *Request
	idx    *index.Spec // nil for the table
	own    key.Spec    // of the index, or of the table
	scan   bool        // every term is in the filter
	hash   bool        // every hash attribute is equal to something
	sorted bool        // the sort key has a condition
	conds  []KeyCond
	used   []bool // terms that the key conditions hold exactly
	err    error  // why there can be no such Query
	// escaped is the string part whose range follows the escaped text.
	escaped string
}

// keys returns the keys of idx, or of the table.
func (r *Request) keys(idx *index.Spec) key.Spec {
	if idx == nil {
		return r.Key
	}
	return idx.Key(r.Key)
}

func (r *Request) match(idx *index.Spec) *match {
	m := &match{req: r, idx: idx, own: r.keys(idx), used: make([]bool, len(r.Terms))}
	m.err = m.keys()
	if m.hash && m.err == nil {
		m.err = cmp.Or(m.leftover(), m.unprojected())
	}
	return m
}

// keys finds the key conditions among the terms.
func (m *match) keys() error {
	for _, part := range m.own.Hash.Attributes() {
		equal, err := m.equal(part)
		if err != nil {
			m.hash = true // an equality that is wrong is one
			return err
		}
		if !equal {
			return nil
		}
	}
	m.hash = !m.own.Hash.IsZero()
	for _, part := range m.own.Range.Attributes() {
		equal, err := m.equal(part)
		if err != nil {
			return err
		}
		if !equal {
			return m.ranged(part) // what follows can't be a key condition
		}
		m.sorted = true
	}
	return nil
}

func (m *match) fault(attr, rule string, err error) error {
	e := &Error{Attr: attr, Rule: rule, Err: err}
	if m.idx != nil {
		e.Index = m.idx.Name()
	}
	return e
}

func (m *match) plan(rule Rule) Plan {
	p := Plan{Scan: m.scan, Rule: rule, Key: m.conds, Literals: m.literals(), Escaped: m.escaped}
	for i, used := range m.used {
		if !used {
			p.Filter = append(p.Filter, i)
		}
	}
	if m.idx != nil {
		p.Index, p.Global = m.idx.Name(), !m.idx.IsLocal()
		p.Partial = p.Global && !covers(m.idx, m.req.Key, m.req.Projected)
		p.Fetch = m.idx.IsLocal() && m.req.Projected == nil && !covers(m.idx, m.req.Key, nil)
	}
	return p
}

// terms returns the positions of the unused key terms on an attribute.
func (m *match) terms(attr string) []int {
	var at []int
	for i, t := range m.req.Terms {
		if t.Attr == attr && t.Op != expr.OpNone && !m.used[i] {
			at = append(at, i)
		}
	}
	return at
}

// value returns what the first expr.OpEq term on an attribute demands, and its
// position, or -1. It can be of use to several keys.
func (m *match) value(attr string) (types.AttributeValue, int) {
	for i, t := range m.req.Terms {
		if t.Attr == attr && t.Op == expr.OpEq {
			return t.Values[0], i
		}
	}
	return nil, -1
}

func (m *match) add(part key.Part, op expr.Op, values ...types.AttributeValue) error {
	for _, v := range values {
		switch {
		case facts.TypeOf(v) != part.Type():
			return m.fault(part.Name(), fmt.Sprintf("a key of type %s is compared with another type", part.Type()), nil)
		case facts.IsEmpty(v):
			return m.fault(part.Name(), "a key is never empty, and DynamoDB refuses to compare it with what is", nil)
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
		return true, m.add(part, expr.OpEq, v)
	}
	values, at := m.run(part)
	if !part.IsComposite() || len(values) < len(part.Fields()) {
		return false, nil
	}
	v, err := facts.Composite(part, values, true)
	if err != nil {
		return false, m.fault(part.Name(), "the parts make no key", err)
	}
	if m.left(part, values) {
		return false, m.fault(part.Name(), "an item whose string parts are all empty is not in the index", nil)
	}
	m.use(at)
	return true, m.add(part, expr.OpEq, v)
}

// left reports whether an item with these parts of a composite is left out of
// the index (rule F7).
func (m *match) left(part key.Part, values []types.AttributeValue) bool {
	table := slices.Concat(attributes(m.req.Key.Hash), attributes(m.req.Key.Range))
	if slices.Contains(table, part.Name()) {
		return false
	}
	return facts.Sparse(values)
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
	if c.Op == expr.OpNone || !m.sorted && !m.req.Literals {
		return nil
	}
	m.use(at)
	return m.add(part, c.Op, c.Values...)
}

const oneCondition = "a key takes one condition; only >= and <= fold into one"

// fold makes one condition of those on one attribute, if they are one or fold
// into one exactly (rule D1).
func (m *match) fold(at []int) (expr.Op, []types.AttributeValue, bool) {
	first := m.req.Terms[at[0]]
	if len(at) == 1 {
		return first.Op, first.Values, true
	}
	second := m.req.Terms[at[1]]
	if first.Op == expr.OpLte {
		first, second = second, first
	}
	if len(at) > 2 || first.Op != expr.OpGte || second.Op != expr.OpLte {
		return expr.OpNone, nil, false
	}
	return expr.OpBetween, []types.AttributeValue{first.Values[0], second.Values[0]}, true
}

func (m *match) bounds(attr string, op expr.Op, values []types.AttributeValue) error {
	if op == expr.OpBetween && compare(values[0], values[1]) > 0 {
		return m.fault(attr, "the bounds of between are reversed", nil)
	}
	return nil
}
