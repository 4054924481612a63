package write

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/values"
)

// upsert builds the write of Upsert.
func (w *Writer) upsert(ctx context.Context, o *Order, _ bool) (*Write, error) {
	t := w.table
	attrs, keyErr := t.Keys.Of(o.Key)
	one := &Write{table: t, verb: o.Verb, key: attrs}
	one.guard.means = kindOrFailed
	err := one.change(o.Edits, updated{known: w.known(o.Key), creates: true}, w.conn.Now())
	if t.Kind != nil && t.Kind.Name == "" {
		err = errors.Join(err, errKindless)
	}
	one.seen()
	one.fresh(w.conn.Now())
	if err := errors.Join(keyErr, err, w.guarded(ctx, one)); err != nil {
		return nil, t.Refuse(o.Verb.String(), err)
	}
	return one, nil
}

var errKindless = errors.New("which type of item to make is not told: upsert through a repository of it")

// creation returns the edits that give an item, if there is none, what Create
// would have given it beside what edits change.
func creation(t *model.Table, edits []*expr.Edit, known values.Item, now time.Time) []*expr.Edit {
	var all []*expr.Edit
	fill := func(e *expr.Edit) {
		name := e.Path.Attribute()
		if !changes(edits, name) && !t.Keys.HasField(name) && !t.Keys.InComposite(name) &&
			!values.IsNull(e.Value) && (!values.IsEmpty(e.Value) || !slices.Contains(t.Keys.Sparse, name)) {
			all = append(all, e)
		}
	}
	if t.Stamps.Created != nil {
		fill(setField(expr.EditSetIfMissing, t.Stamps.Created, now))
	}
	if t.Stamps.Ending() {
		fill(setField(expr.EditSetIfMissing, t.Stamps.Ends, t.Stamps.End(now).Interface()))
	}
	for _, d := range t.Stamps.Defaults {
		fill(setField(expr.EditSetIfMissing, d.Field, d.Make().Interface()))
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
