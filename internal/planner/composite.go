package planner

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/expr"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/key"
)

// within returns the condition on a composite sort key whose leading fields
// have values: a prefix, or, where the next field has a range that the order
// of the composite follows, a between (rule K4). ranged tells the latter; the
// terms that the condition holds exactly are used up. Op expr.OpNone stands for no
// condition.
func (m *match) within(part key.Part, values []types.AttributeValue) (c KeyCond, ranged bool, err error) {
	prefix, err := part.Inside(door.Key{}).Prefix(values)
	if err != nil {
		return KeyCond{}, false, m.fault(part.Name(), "the parts make no prefix", err)
	}
	next := part.Fields()[len(values)]
	if at := m.terms(next.Name()); len(at) > 0 {
		if op, bounds, ok := m.fold(at); ok {
			if err := m.bounds(next.Name(), op, bounds); err != nil {
				return KeyCond{}, false, err
			}
			c, exact, err := m.between(part, values, prefix, op, bounds)
			if err != nil {
				return KeyCond{}, false, m.fault(part.Name(), "the parts make no key", err)
			}
			if exact {
				m.use(at)
			}
			if c.Op != expr.OpNone {
				return c, true, nil
			}
		}
	}
	if prefix == "" {
		return KeyCond{}, false, nil
	}
	return KeyCond{part.Name(), expr.OpBeginsWith, []types.AttributeValue{text(prefix)}}, false, nil
}

// between turns a range over the field behind values into one over the
// composite. exact tells whether the condition holds the range without a
// filter.
func (m *match) between(part key.Part, values []types.AttributeValue, prefix string, op expr.Op, bounds []types.AttributeValue) (c KeyCond, exact bool, err error) {
	if part.Fields()[len(values)].Inside(door.Key{}).IsInt() {
		return intRange(part, values, op, bounds)
	}
	return m.stringRange(part, values, prefix, op, bounds)
}

// intRange makes the condition of a range over an integer. Byte order is the
// order of sortable ones; ranges over others stay a filter.
func intRange(part key.Part, values []types.AttributeValue, op expr.Op, bounds []types.AttributeValue) (c KeyCond, exact bool, err error) {
	first, end, ok := allowed(op, bounds)
	if !ok || !part.Fields()[len(values)].Inside(door.Key{}).IsSortable() {
		return KeyCond{}, false, nil
	}
	lo, err := part.Inside(door.Key{}).Stem(append(slices.Clip(values), number(first)))
	if err != nil {
		return KeyCond{}, false, err
	}
	hi, err := last(part, append(slices.Clip(values), number(end)))
	return KeyCond{part.Name(), expr.OpBetween, []types.AttributeValue{text(lo), text(hi)}}, true, err
}

// stringRange makes the condition of a range over a string. Byte order is the
// order of strings that are the last part; other ranges stay a filter, and so
// do those with a bound that holds the delimiter, which is stored escaped.
func (m *match) stringRange(part key.Part, values []types.AttributeValue, prefix string, op expr.Op, bounds []types.AttributeValue) (c KeyCond, exact bool, err error) {
	stems := make([]string, len(bounds))
	ordered := true
	for i, b := range bounds {
		if stems[i], err = part.Inside(door.Key{}).Stem(append(slices.Clip(values), b)); err != nil {
			return KeyCond{}, false, err
		}
		if s, ok := b.(*types.AttributeValueMemberS); ok {
			ordered = ordered && len(stems[i]) == len(prefix)+len(s.Value)+2*strings.Count(s.Value, "%")
		}
	}
	if slices.Contains(stems, "") {
		return KeyCond{}, false, nil // a key is never compared with nothing, a filter may be
	}
	if op == expr.OpBeginsWith {
		return KeyCond{part.Name(), expr.OpBeginsWith, []types.AttributeValue{text(stems[0])}}, true, nil
	}
	if parts := part.Inside(door.Key{}).Parts(); !ordered || parts[len(parts)-1].Name() != part.Fields()[len(values)].Name() {
		return KeyCond{}, false, nil
	}
	if !keepsOrder(part) {
		m.escaped = part.Fields()[len(values)].Name()
	}
	// The open side ends with the prefix; without one there is nothing to end.
	c = KeyCond{part.Name(), op, []types.AttributeValue{text(stems[0])}}
	switch {
	case op == expr.OpBetween:
		c.Values = append(c.Values, text(stems[1]))
	case prefix == "":
	case op == expr.OpGt, op == expr.OpGte:
		if op == expr.OpGt {
			stems[0] += "\x00" // the least string above
		}
		c.Op, c.Values = expr.OpBetween, []types.AttributeValue{text(stems[0]), text(part.Inside(door.Key{}).Ceiling(prefix))}
	default: // there is no greatest string below, so expr.OpLt lets one too many in
		c.Op, c.Values = expr.OpBetween, []types.AttributeValue{text(prefix), text(stems[0])}
		return c, op != expr.OpLt, nil
	}
	return c, true, nil
}

// keepsOrder reports whether the escape of the delimiter keeps the order of all
// strings: '$' and '&' stand beside '%', with which every escape begins.
func keepsOrder(part key.Part) bool {
	return strings.Trim(part.Inside(door.Key{}).Delim(), "$&") == ""
}

// last returns the greatest composite whose leading fields have values, or
// what is greater than those and less than all others.
func last(part key.Part, values []types.AttributeValue) (string, error) {
	prefix, err := part.Inside(door.Key{}).Prefix(values)
	if err != nil || len(values) == len(part.Fields()) {
		return prefix, err
	}
	return part.Inside(door.Key{}).Ceiling(prefix), nil
}

// allowed returns the integers, both inclusive, that a range allows. ok is
// false if a bound is no integer of 64 bits.
func allowed(op expr.Op, bounds []types.AttributeValue) (first, end int64, ok bool) {
	n := make([]int64, len(bounds))
	for i, b := range bounds {
		av, isN := b.(*types.AttributeValueMemberN)
		if !isN {
			return 0, 0, false
		}
		var err error
		if n[i], err = strconv.ParseInt(strings.TrimPrefix(av.Value, "+"), 10, 64); err != nil {
			return 0, 0, false
		}
	}
	first, end = math.MinInt64, math.MaxInt64
	switch {
	case op == expr.OpGte:
		first = n[0]
	case op == expr.OpLte:
		end = n[0]
	case op == expr.OpGt && n[0] < math.MaxInt64:
		first = n[0] + 1
	case op == expr.OpLt && n[0] > math.MinInt64:
		end = n[0] - 1
	case op == expr.OpBetween:
		first, end = n[0], n[1]
	default:
		return 0, 0, false
	}
	return first, end, true
}
