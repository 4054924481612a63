package repo

import (
	"context"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// Touch sets the update time and the named attributes to now, and nothing else
// (rule F2), in one UpdateItem request, as [Repo.Update] does: the item must be
// there, and the version rises, so that a Save of what was loaded before does
// not bring the old times back. A model without an update time and no
// attributes named is [ErrInvalid].
func (r *Repo[T]) Touch(ctx context.Context, k key.Value, times ...cond.Attr[T, time.Time]) (T, error) {
	return Writer[T]{repo: r}.Touch(ctx, k, times...)
}

// Touch is [Repo.Touch] under the writer's conditions.
func (w Writer[T]) Touch(ctx context.Context, k key.Value, times ...cond.Attr[T, time.Time]) (T, error) {
	return w.sendUpdate(ctx)(w.touch(k, times))
}

// touch builds the write of Touch.
func (w Writer[T]) touch(k key.Value, times []cond.Attr[T, time.Time]) (*write, error) {
	now := w.repo.db.cfg.now()
	var edits []*cond.Edit
	for _, a := range times {
		edits = append(edits, a.Set(now).Edit())
	}
	if f := w.repo.schema.updated; f != nil && !changes(edits, f.Name) {
		edits = append(edits, setField(cond.EditSet, f, now))
	}
	return w.update("Touch", k, edits)
}
