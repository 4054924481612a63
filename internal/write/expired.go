package write

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/life"
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
		w.marks.assume(nil)
	}
	return true, nil
}
