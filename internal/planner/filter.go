package planner

import (
	"slices"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/expr"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/key"
)

// leftover refuses the terms on key attributes that no key condition holds,
// since a Query can't filter on its own keys.
func (m *match) leftover() error {
	for i, t := range m.req.Terms {
		for _, k := range slices.Concat(attributes(m.own.Hash), attributes(m.own.Range)) {
			switch {
			case m.used[i] || !t.touches(k):
			case t.Op != expr.OpNone && slices.ContainsFunc(m.conds, func(c KeyCond) bool { return c.Attr == k }):
				return m.fault(k, oneCondition, nil)
			default:
				return m.fault(k, "a query can't filter on its own key, and the condition is no key condition", nil)
			}
		}
	}
	return nil
}

// unprojected refuses a filter on what the index does not project, since
// DynamoDB does.
func (m *match) unprojected() error {
	if m.idx == nil {
		return nil
	}
	filtered := slices.Clone(m.req.Filtered)
	for i, t := range m.req.Terms {
		if !m.used[i] {
			filtered = append(filtered, t.attributes()...)
		}
	}
	for _, a := range filtered {
		if !projects(m.idx, m.req.Key, a) {
			return m.fault(a, "a filter reads it, and the index does not project it", nil)
		}
	}
	return nil
}

// literals returns the filters that leave out items whose composite keys start
// with other literals (rule K7). A Query can't filter on its own keys.
func (m *match) literals() []KeyCond {
	if !m.req.Literals {
		return nil
	}
	own := slices.Concat(m.own.Hash.Attributes(), m.own.Range.Attributes())
	var conds []KeyCond
	for i, part := range slices.Concat(own, m.req.Key.Hash.Attributes(), m.req.Key.Range.Attributes()) {
		same := func(o key.Part) bool { return o.Name() == part.Name() }
		if i < len(own) && !m.scan || i >= len(own) && slices.ContainsFunc(own, same) {
			continue
		}
		if c, ok := literalPrefix(part); ok {
			conds = append(conds, c)
		}
	}
	return conds
}

// literalPrefix returns the condition that a composite starts with its leading
// literals.
func literalPrefix(part key.Part) (KeyCond, bool) {
	if !part.IsComposite() {
		return KeyCond{}, false
	}
	prefix, err := part.Inside(door.Key{}).Prefix(nil)
	if err != nil || prefix == "" {
		return KeyCond{}, false
	}
	return KeyCond{part.Name(), expr.OpBeginsWith, []types.AttributeValue{text(prefix)}}, true
}
