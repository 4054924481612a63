package write

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fields"
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
	err := one.change(edits, updated{known: w.known(o.Key)}, w.conn.Now())
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
	if f := w.table.Stamps.Updated; f != nil && !changes(edits, f.Name) {
		edits = append(edits, setField(expr.EditSet, f, now))
	}
	return w.updating(ctx, o, edits)
}

// change adds to edits what the model keeps up and compiles them.
func (w *Write) change(edits []*expr.Edit, of updated, now time.Time) error {
	t, asked := w.table, edits
	edits, err := recompose(t, edits, of)
	if err != nil {
		return err
	}
	if t.Stamps.Updated != nil && !changes(edits, t.Stamps.Updated.Name) {
		edits = append(edits, setField(expr.EditSet, t.Stamps.Updated, now))
	}
	if of.creates {
		edits = append(edits, creation(t, edits, of.known, now)...)
	}
	builder, err := expr.Compile(edits)
	if err != nil {
		return err
	}
	if t.Stamps.Version != nil {
		builder = t.Stamps.Lock.Bump(builder)
	}
	w.does = &update{builder: builder, conds: notNull(asked), edits: edits, raises: t.Stamps.Version != nil}
	m, err := updateMarks(t, w.key, edits, of)
	w.mark(m)
	return err
}

// changes reports whether one of edits changes an attribute or what is within.
func changes(edits []*expr.Edit, attr string) bool {
	return slices.ContainsFunc(edits, func(e *expr.Edit) bool { return e != nil && e.Path.Attribute() == attr })
}

// setField is the edit that stores v as a field is stored.
func setField(op expr.EditOp, f *fields.Field, v any) *expr.Edit {
	av, err := codec.EncodeField(f, v)
	return &expr.Edit{Op: op, Path: expr.Path{{Name: f.Name}}, Value: av, Err: err}
}

// CheckEdits refuses changes that can't be made to the items of a query,
// whatever their keys are.
func (w *Writer) CheckEdits(edits []*expr.Edit) error {
	return (&Write{table: w.table}).change(edits, updated{}, w.conn.Now())
}

// Changes tells which attributes an update by edits changes, what the model
// keeps up included.
func (w *Writer) Changes(edits []*expr.Edit) func(attr string) bool {
	return func(attr string) bool {
		s := w.table.Stamps
		return changes(edits, attr) || s.Updated != nil && s.Updated.Name == attr || s.Version != nil && s.Version.Name == attr
	}
}
