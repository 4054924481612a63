package upkeep

import (
	"maps"
	"slices"
	"strings"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/values"
)

// Changes reports whether one of edits changes an attribute or what is within.
func Changes(edits []*expr.Edit, attr string) bool {
	return slices.ContainsFunc(edits, func(e *expr.Edit) bool { return e != nil && e.Path.Attribute() == attr })
}

// SetField is the edit that stores v as a field is stored.
func SetField(op expr.EditOp, f *fields.Field, v any) *expr.Edit {
	av, err := codec.EncodeField(f, v)
	return &expr.Edit{Op: op, Path: expr.Path{{Name: f.Name}}, Value: av, Err: err}
}

// Diff returns the edits that make one stored form the other, and whether they
// are about more than the version and the update time.
func Diff(t *model.Table, from, to values.Item) (edits []*expr.Edit, differs bool) {
	edit := func(op expr.EditOp, name string) {
		e := &expr.Edit{Op: op, Path: expr.Path{{Name: name}}, Value: to[name]}
		if strings.ContainsAny(name, "[]") {
			e.Err = &cond.AttrError{Attr: name, Rule: "a name with brackets can't be in an expression: use Save"}
		}
		edits = append(edits, e)
		own := t.Stamps.Version != nil && t.Stamps.Version.Name == name || t.Stamps.Updated != nil && t.Stamps.Updated.Name == name
		differs = differs || !own
	}
	for _, name := range slices.Sorted(maps.Keys(to)) {
		if !values.Equal(from[name], to[name]) {
			edit(expr.EditSet, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if to[name] == nil {
			edit(expr.EditRemove, name)
		}
	}
	return edits, differs
}
