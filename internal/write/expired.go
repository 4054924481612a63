package write

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/query"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
)

// begins guards a write that makes an item by absent, for which an item that has
// expired is not there where that hides it (rule O3).
func (w *Write) begins(absent expression.ConditionBuilder, now time.Time) {
	if w.now = now; w.table.Stamps.Hides() {
		absent = absent.Or(w.table.Stamps.Over(now))
		w.guard.tell = true
	}
	w.guard.on(absent)
}

// hiding returns conditions of the caller's that take an item which has expired for
// none, where that hides it.
func (w *Writer) hiding(conds []expression.ConditionBuilder) []expression.ConditionBuilder {
	switch s := w.table.Stamps; {
	case len(conds) == 0 || !s.Hides():
		return conds
	case w.holdsOfNone():
		return []expression.ConditionBuilder{s.Over(w.conn.Now()).Or(query.Conjunction(conds))}
	default:
		return append([]expression.ConditionBuilder{s.Alive(w.conn.Now())}, conds...) // those of a likeness stay last
	}
}

// holdsOfNone reports whether the writer's conditions hold where there is no item.
func (w *Writer) holdsOfNone() bool {
	if w.loaded.IsValid() {
		own, v, err := w.table.Of(w.loaded.Elem())
		if err != nil || own.Stamps.Version == nil || own.Stamps.Loaded(v) != 0 {
			return false
		}
	}
	return !slices.ContainsFunc(w.conds, func(n *expr.Node) bool { return !n.HoldsOfNone() })
}

// fresh guards an upsert against adding to an item that has expired: an update
// can't begin anew.
func (w *Write) fresh(now time.Time) {
	if w.now = now; w.table.Stamps.Hides() {
		w.guard.on(w.table.Stamps.Alive(now))
		w.guard.tell = true
	}
}

// unblock removes the item that an upsert failed on, if it has expired, on the
// condition that it still has. It reports whether the upsert is to be sent again.
func (w *Write) unblock(ctx context.Context, c *send.Conn, stored values.Item) (again bool, err error) {
	if w.verb != life.Upsert || stored == nil || !w.table.Stamps.Ended(stored, w.now) {
		return false, nil
	}
	old := &Write{table: w.table, verb: life.Delete, key: w.key, does: remove{}, now: w.now}
	old.guard.on(w.table.Stamps.Over(w.now))
	if m := newMarks(w.table, w.key); m != nil {
		m.decided = func(stored values.Item) bool { return !w.table.Stamps.Ended(stored, w.now) }
		old.mark(m)
	}
	_, err = old.Send(ctx, c)
	if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); failed {
		err = nil // another was faster: the upsert meets what it left
	}
	if err != nil {
		return false, err
	}
	if w.turns++; w.marks != nil {
		w.marks.before, w.marks.known, w.marks.stored = nil, true, nil
	}
	return true, nil
}
