package upkeep

import (
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/values"
)

// Creation returns the edits that give an item, if there is none, what Create
// would have given it beside what edits change.
func Creation(t *model.Table, edits []*expr.Edit, known values.Item, now time.Time) []*expr.Edit {
	var all []*expr.Edit
	fill := func(e *expr.Edit) {
		name := e.Path.Attribute()
		if !Changes(edits, name) && !t.Keys.HasField(name) && !t.Keys.InComposite(name) &&
			!values.IsNull(e.Value) && (!values.IsEmpty(e.Value) || !slices.Contains(t.Keys.Sparse, name)) {
			all = append(all, e)
		}
	}
	if t.Stamps.Created != nil {
		fill(SetField(expr.EditSetIfMissing, t.Stamps.Created, now))
	}
	if t.Stamps.Ending() {
		fill(SetField(expr.EditSetIfMissing, t.Stamps.Ends, t.Stamps.End(now).Interface()))
	}
	for _, d := range t.Stamps.Defaults {
		fill(SetField(expr.EditSetIfMissing, d.Field, d.Make().Interface()))
	}
	if t.Kind != nil && !t.Keys.HasField(t.Kind.Attr) {
		all = append(all, &expr.Edit{Op: expr.EditSetIfMissing, Path: expr.Path{{Name: t.Kind.Attr}}, Value: t.Kind.Value()})
	}
	for _, a := range t.Keys.Attrs {
		if !a.IsComposite() {
			continue // it is in the request's key
		}
		for _, name := range model.PartNames(a) {
			all = append(all, &expr.Edit{Op: expr.EditSetIfMissing, Path: expr.Path{{Name: name}}, Value: known[name]})
		}
	}
	return all
}
