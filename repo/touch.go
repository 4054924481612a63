package repo

import (
	"context"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// Touch sets the update time and the named attributes to now, and nothing else
// (rule F2), in one UpdateItem request, as [Repo.Update] does: the item must be
// there, and the version rises, so that a Save of what was loaded before does
// not bring the old times back. A model without an update time and no
// attributes named is [ErrInvalid].
func (r *Repo[T]) Touch(ctx context.Context, k key.Value, times ...cond.Attr[T, time.Time]) (T, error) {
	return Writer[T]{r.writes()}.Touch(ctx, k, times...)
}

// Touch is [Repo.Touch] under the writer's conditions.
func (w Writer[T]) Touch(ctx context.Context, k key.Value, times ...cond.Attr[T, time.Time]) (T, error) {
	return w.change(ctx, write.Order{Verb: life.Touch, Key: k, Times: setting(times)})
}

// setting returns what sets attributes to a time.
func setting[T any](times []cond.Attr[T, time.Time]) func(time.Time) []*expr.Edit {
	return func(now time.Time) []*expr.Edit {
		all := make([]*expr.Edit, len(times))
		for i, a := range times {
			all[i] = a.Set(now).Edit()
		}
		return all
	}
}
