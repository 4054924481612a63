package write

import (
	"context"
	"errors"
	"time"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/upkeep"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// update builds the write of Update and Increment, of an item that must be
// there.
func (w *Writer) update(ctx context.Context, o *Order, _ bool) (*Write, error) {
	return w.updating(ctx, o, o.Edits)
}

func (w *Writer) updating(ctx context.Context, o *Order, edits []*expr.Edit) (*Write, error) {
	attrs, keyErr := w.table.Keys.Of(o.Key)
	one := &Write{table: w.table, verb: o.Verb, key: attrs}
	one.present(w.conn.Now())
	err := one.change(edits, upkeep.Updated{Known: w.known(o.Key)}, w.conn.Now())
	if err := errors.Join(keyErr, err, w.guarded(ctx, one)); err != nil {
		return nil, w.table.Refuse(o.Verb.String(), err)
	}
	return one, nil
}

// known returns the fields of a key, which composite keys of indexes and unique
// values may be made of.
func (w *Writer) known(k key.Value) values.Item {
	if len(w.table.Keys.Composites) == 0 && len(w.table.Uniques.List) == 0 {
		return values.Item{}
	}
	return w.table.Keys.Fields(k)
}

// touch builds the write of Touch.
func (w *Writer) touch(ctx context.Context, o *Order, _ bool) (*Write, error) {
	now := w.conn.Now()
	edits := o.Times(now)
	if f := w.table.Stamps.Updated; f != nil && !upkeep.Changes(edits, f.Name) {
		edits = append(edits, upkeep.SetField(expr.EditSet, f, now))
	}
	return w.updating(ctx, o, edits)
}

// change adds to edits what the model keeps up and compiles them.
func (w *Write) change(edits []*expr.Edit, of upkeep.Updated, now time.Time) error {
	t, asked := w.table, edits
	edits, err := upkeep.Recompose(t, edits, of)
	if err != nil {
		return err
	}
	dated := false
	if f := t.Stamps.Updated; f != nil && !upkeep.Changes(edits, f.Name) {
		edits, dated = append(edits, upkeep.SetField(expr.EditSet, f, now)), !f.Tag.UnixTime
	}
	if of.Creates {
		edits = append(edits, upkeep.Creation(t, edits, of.Known, now)...)
	}
	builder, err := expr.Compile(edits)
	if err != nil {
		return err
	}
	if t.Stamps.Version != nil {
		builder = t.Stamps.Lock.Bump(builder)
	}
	w.does = &update{builder: builder, conds: notNull(asked), edits: edits, raises: t.Stamps.Version != nil, dated: dated}
	m, err := updateMarks(t, w.key, edits, of)
	w.mark(m)
	return err
}

// CheckEdits refuses changes that can't be made to the items of a query,
// whatever their keys are.
func (w *Writer) CheckEdits(edits []*expr.Edit) error {
	return (&Write{table: w.table}).change(edits, upkeep.Updated{}, w.conn.Now())
}

// Changes tells which attributes an update by edits changes, what the model
// keeps up included.
func (w *Writer) Changes(edits []*expr.Edit) func(attr string) bool {
	return func(attr string) bool {
		s := w.table.Stamps
		return upkeep.Changes(edits, attr) || s.Updated != nil && s.Updated.Name == attr || s.Version != nil && s.Version.Name == attr
	}
}
