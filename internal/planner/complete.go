package planner

import (
	"fmt"
	"slices"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/expr"
	facts "github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// lacks returns the attribute without which an item that the terms hold for is not
// in the index; "" if the index has all of them (rules C2, F7). An index that is
// meant to lack items has all that are asked for.
func (m *match) lacks() string {
	if m.req.Kept == nil || m.idx.IsSparse() {
		return ""
	}
	table := slices.Concat(attributes(m.req.Key.Hash), attributes(m.req.Key.Range)) // which every item has
	for _, part := range slices.Concat(m.own.Hash.Attributes(), m.own.Range.Attributes()) {
		if slices.Contains(table, part.Name()) {
			continue
		}
		if name := m.mayLack(part); name != "" {
			return name
		}
	}
	return ""
}

func (m *match) mayLack(part key.Part) string {
	if m.demanded(part.Name(), false) {
		return ""
	}
	if !part.IsComposite() {
		if _, filled := m.req.Kept(part.Name()); !filled {
			return part.Name()
		}
		return ""
	}
	empty := "" // a string part, where all may be empty
	for _, f := range part.Fields() {
		there, filled := m.req.Kept(f.Name())
		if !there && !m.demanded(f.Name(), false) {
			return f.Name()
		}
		switch {
		case f.Inside(door.Key{}).IsInt():
		case filled || m.demanded(f.Name(), true):
			return ""
		default:
			empty = f.Name()
		}
	}
	return empty
}

// demanded reports whether a term holds only for items that have the attribute, one
// that is not empty if so asked.
func (m *match) demanded(attr string, filled bool) bool {
	return slices.ContainsFunc(m.req.Terms, func(t Term) bool {
		switch {
		case t.Attr != attr || t.Op == expr.OpNone:
			return false
		case !filled || t.Op == expr.OpGt:
			return true
		}
		return t.Op != expr.OpLt && t.Op != expr.OpLte && !facts.IsEmpty(t.Values[0])
	})
}

// named is the advice to name an index that would serve if it had all items.
func (m *match) named(lacks string) string {
	return fmt.Sprintf("Index(%q), which has no items without %s", m.idx.Name(), lacks)
}
