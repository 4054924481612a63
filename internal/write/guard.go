package write

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/values"
)

// A guard is the condition on which a write is done, and what it means that it
// does not hold.
type guard struct {
	conds  []expression.ConditionBuilder
	asked  bool                          // conds has conditions of the caller's
	locked bool                          // conds has the version that was loaded
	blind  bool                          // the lock is overridden on purpose
	tell   bool                          // a failed condition brings the stored item
	loaded int64                         // version
	means  meaning                       // nil if a failed condition means nothing but its cause
	again  func(stored values.Item) bool // of a marker: whether to send it once more
	like   func(stored values.Item) bool // of IfUnchanged: whether it is stored in another form, which conds now ask for
}

// A meaning is what a failed condition means; stored is nil if there is no item.
type meaning func(w *Write, stored values.Item, cause error) error

// refused is what it means that the condition of the write failed.
func (w *Write) refused(stored values.Item, cause error) error {
	if w.guard.means == nil {
		return cause
	}
	return w.guard.means(w, stored, cause)
}

// on adds a condition of the write's own.
func (g *guard) on(c expression.ConditionBuilder) { g.conds = append(g.conds, c) }

// also adds conditions of the caller's.
func (g *guard) also(conds []expression.ConditionBuilder) {
	if len(conds) > 0 {
		g.conds, g.asked, g.tell = append(g.conds, conds...), true, true
	}
}

// alike has the last conditions, which are those of a likeness, follow it.
func (g *guard) alike(ctx context.Context, like *model.Likeness) {
	if like == nil {
		return
	}
	from := len(g.conds) - len(like.Conds)
	g.like = func(stored values.Item) bool {
		if !like.Again(ctx, stored) {
			return false
		}
		copy(g.conds[from:], like.Conds)
		return true
	}
}

// lock guards the write by the version that its item was loaded with, which one
// that has expired does not have where that hides it (rule O3).
func (w *Write) lock(now time.Time) {
	g, s := &w.guard, w.table.Stamps
	same := s.Lock.Guard(g.loaded)
	switch w.now = now; {
	case !s.Hides():
	case g.loaded == 0:
		same = same.Or(s.Over(now))
	default:
		g.on(s.Alive(now))
	}
	g.on(same)
	g.locked, g.tell = true, true
}

// present guards the write by there being an item with its key, one that has not
// expired where that hides it.
func (w *Write) present(now time.Time) {
	w.guard.on(w.table.Present())
	w.guard.tell, w.guard.means = w.table.IsView(), missingOrFailed
	if w.now = now; w.table.Stamps.Hides() {
		w.guard.on(w.table.Stamps.Alive(now))
		w.guard.tell = true
	}
}

// gone reports whether what is stored is not there for anyone: nothing, or an item
// that has expired (rule O3).
func (w *Write) gone(stored values.Item) bool {
	return stored == nil || w.table.Stamps.Ended(stored, w.now)
}

// seen guards a write by key through a view against items that it does not see.
func (w *Write) seen() {
	if w.table.IsView() {
		w.guard.on(expression.Or(w.table.Keys.Absent, w.table.Kind.Guard))
		w.guard.tell = true
	}
}

// isStale reports whether the lock keeps the write from what is stored.
func (w *Write) isStale(stored values.Item) bool {
	version := int64(0)
	if w.guard.locked && !w.gone(stored) {
		version = w.table.Stamps.Stored(stored)
	}
	return w.guard.locked && version != w.guard.loaded
}

func (w *Write) stale(stored values.Item, cause error) error {
	if w.gone(stored) {
		stored = nil
	}
	return w.table.Stamps.Lock.Stale(w.table.Name, w.guard.loaded, stored, cause)
}

func (w *Write) failed(stored values.Item, cause error) error {
	return w.table.Make().Condition(stored, cause)
}

// existsOrFailed is of a Create: an item is there, or a condition of the
// caller's does not hold for none.
func existsOrFailed(w *Write, stored values.Item, cause error) error {
	if !w.gone(stored) || !w.guard.asked {
		return fault.Because(fault.ErrExists, cause)
	}
	return staleOrFailed(w, stored, cause)
}

// staleOrFailed is of a write of an item that was loaded: it is stale, or a
// condition of the caller's does not hold.
func staleOrFailed(w *Write, stored values.Item, cause error) error {
	if w.guard.locked && !w.guard.asked || w.isStale(stored) {
		return w.stale(stored, cause)
	}
	return w.failed(stored, cause)
}

// goneOrFailed is staleOrFailed of an item that must be there.
func goneOrFailed(w *Write, stored values.Item, cause error) error {
	if w.gone(stored) {
		return w.stale(nil, cause)
	}
	return staleOrFailed(w, stored, cause)
}

// missingOrFailed is of a write by key of an item that must be there.
func missingOrFailed(w *Write, stored values.Item, cause error) error {
	if w.gone(stored) || w.table.Foreign(stored) {
		return fault.Because(fault.ErrNotFound, cause)
	}
	return w.failed(stored, cause)
}

// kindOrFailed is of an upsert: a view does not see the item that is there, or a
// condition of the caller's does not hold.
func kindOrFailed(w *Write, stored values.Item, cause error) error {
	if stored != nil && w.table.Foreign(stored) {
		return fault.Because(fault.ErrExists, cause)
	}
	return w.failed(stored, cause)
}

// foreignOrFailed is of a delete by key: a view does not see the item that is
// there, or a condition of the caller's does not hold.
func foreignOrFailed(w *Write, stored values.Item, cause error) error {
	if stored != nil && w.table.Foreign(stored) {
		return fault.Because(fault.ErrNotFound, cause)
	}
	return w.failed(stored, cause)
}
