package write

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/instances"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
)

// Send sends the write alone and returns the item as an update leaves it.
func (w *Write) Send(ctx context.Context, c *send.Conn) (returned values.Item, err error) {
	if w.marks != nil {
		returned, err = w.settle(ctx, c)
	} else {
		returned, err = w.insist(ctx, c)
	}
	forget(ctx, err, w)
	w.keepID(err)
	if _, ok := errors.AsType[*types.TransactionConflictException](err); ok {
		err = fault.Because(fault.ErrConflict, err)
	}
	if err == nil {
		err = w.done(ctx)
	}
	return returned, w.table.Fail(w.verb.String(), "", w.table.Keys.Names, err)
}

// insist sends the write by itself, again where what is stored is what it takes
// to be stored in another form.
func (w *Write) insist(ctx context.Context, c *send.Conn) (returned values.Item, err error) {
	for range MaxRounds {
		returned, err = w.single(ctx, c)
		failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
		if !ok {
			return returned, err
		}
		again, blocked := w.unblock(ctx, c, failed.Item)
		switch {
		case blocked != nil:
			return nil, blocked
		case !again && !w.again(failed.Item):
			return nil, w.refused(failed.Item, err)
		}
	}
	return nil, fault.Because(fault.ErrConflict, err)
}

// single sends the write in a request of its own and returns the item as an
// update leaves it.
func (w *Write) single(ctx context.Context, c *send.Conn) (returned values.Item, err error) {
	return w.does.send(ctx, c, w)
}

// done makes the caller's item what is stored and runs the callbacks behind the
// write, which has succeeded.
func (w *Write) done(ctx context.Context) error {
	m := &w.memory
	if m.finished || !m.callers.IsValid() || !w.changes() {
		return nil
	}
	m.finished = true
	if m.value.IsValid() {
		m.callers.Set(m.value)
	}
	if m.bulk {
		return nil
	}
	return m.item.Hooks.After(ctx, w.verb, m.callers.Addr().Interface())
}

// forget takes what was written out of the context's identity map, but for an
// instance that is itself as it was stored.
func forget(ctx context.Context, err error, writes ...*Write) {
	m := instances.Of(ctx)
	if m == nil || unsent(err) {
		return
	}
	for _, w := range writes {
		if !w.changes() {
			continue
		}
		id := w.id
		if _, puts := w.does.(*put); id == "" && puts {
			id, _ = w.table.ItemID(w.memory.value) // it was encoded, so it has one
		} else if id == "" {
			id = w.table.Keys.ID(w.key)
		}
		mine := w.memory.mine
		if err != nil {
			mine = nil
		}
		m.Forget(w.table, id, mine, w.memory.end)
	}
}
