package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// Update makes changes to the item with the key, in one UpdateItem request,
// and returns the item as stored, or what [Repo.Returning] chose. There is none:
// [ErrNotFound]; an update never brings one into being (rule F1), which is for
// [Repo.Upsert]. The version, if the model has a lock, rises by 1 unchecked
// (rule G4); the update time is now. A model with unique values sends what
// [Unique] says.
//
// Refused before any request, as [ErrInvalid]: no change, two changes that
// overlap (cond.ErrOverlap), a change of the table's key, of a composite key
// itself, or of some parts of an index's composite key but not all, which
// would leave it wrong (rule K3). With all parts given it is made anew.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (r *Repo[T]) Update(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	return Writer[T]{r.writer}.Update(ctx, k, changes...)
}

// Update is [Repo.Update] under the writer's conditions.
func (w Writer[T]) Update(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	var returned T
	err := w.of.change(ctx, order{op: "Update", key: k, edits: edits(changes)}, reflect.ValueOf(&returned).Elem())
	return returned, err
}

// update builds the write of an update of an item that must be there.
func (w *writer) update(op string, k key.Value, edits []*cond.Edit) (*write, error) {
	s := w.schema
	attrs, keyErr := s.keyOf(k)
	one := &write{schema: s, op: op, key: attrs}
	one.present()
	err := one.change(edits, updated{known: s.keyFieldsOf(k)}, w.db.cfg.now())
	if err := errors.Join(keyErr, err, w.guarded(one)); err != nil {
		return nil, s.refuse(op, err)
	}
	return one, nil
}

// present guards the write by there being an item with its key.
func (w *write) present() {
	s := w.schema
	w.guard, w.tell, w.failure = append(w.guard, s.present()), s.isView(), (*write).missingOrFailed
}

// missingOrFailed is what a failed condition means for an item that must be
// there.
func (w *write) missingOrFailed(stored item, cause error) error {
	if stored == nil || w.schema.foreign(stored) {
		return because(ErrNotFound, cause)
	}
	return &ConditionError{Stored: stored, Err: cause}
}

// updated is the item that an update is of.
type updated struct {
	known   item // the fields of its key; nil for the items of a query
	creates bool // it is made if there is none
}

// edits returns changes without their owner.
func edits[T any](changes []cond.Change[T]) []*cond.Edit {
	all := make([]*cond.Edit, len(changes))
	for i, c := range changes {
		all[i] = c.Edit()
	}
	return all
}

// change adds to edits what the model keeps up and compiles them.
func (w *write) change(edits []*cond.Edit, of updated, now time.Time) error {
	s := w.schema
	edits, err := s.recompose(edits, of)
	if err != nil {
		return err
	}
	if s.updated != nil && !changes(edits, s.updated.Name) {
		edits = append(edits, setField(cond.EditSet, s.updated, now))
	}
	if of.creates {
		edits = append(edits, s.creation(edits, of.known, now)...)
	}
	update, err := cond.Compile(edits)
	if err != nil {
		return err
	}
	if s.version != nil {
		update = s.spec.Lock.Bump(update)
	}
	w.update = &update
	m, err := s.updateMarks(w.key, edits, of)
	w.mark(m)
	return err
}

// changes reports whether one of edits changes an attribute or what is within.
func changes(edits []*cond.Edit, attr string) bool {
	return slices.ContainsFunc(edits, func(e *cond.Edit) bool { return e != nil && e.Path.Attribute() == attr })
}

// setField is the edit that stores v as a field is stored.
func setField(op cond.EditOp, f *fields.Field, v any) *cond.Edit {
	av, err := codec.EncodeField(f, v)
	return &cond.Edit{Op: op, Path: cond.Path{{Name: f.Name}}, Value: av, Err: err}
}
