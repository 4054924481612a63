package write

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
)

// MaxRounds bounds how often a write is sent while others change the unique
// values of its item.
const MaxRounds = 10

// settle sends a write of unique fields, alone where no marker changes, else as
// a transaction, until it took to be stored what is. A conflict with another
// write, of which only the markers may be the reason, is waited out.
func (w *Write) settle(ctx context.Context, c *send.Conn) (returned values.Item, err error) {
	if err := w.look(ctx, c); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		var again bool
		if returned, again, err = w.round(ctx, c); err == nil {
			return returned, nil
		}
		conflict := errors.Is(err, fault.ErrConflict)
		switch {
		case !again && !conflict:
			return nil, err
		case n == MaxRounds:
			return nil, fault.Because(fault.ErrConflict, err)
		case conflict:
			if err := send.Backoff(ctx, n); err != nil {
				return nil, err
			}
		}
	}
}

// round sends the write once.
func (w *Write) round(ctx context.Context, c *send.Conn) (returned values.Item, again bool, err error) {
	b, err := newBundle([]*Write{w})
	if err != nil {
		return nil, false, err
	}
	if len(b.units) == 1 {
		returned, err = w.single(ctx, c)
		if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
			if again, blocked := w.unblock(ctx, c, failed.Item); again || blocked != nil {
				return nil, again, errors.Join(blocked, err)
			}
			if w.again(failed.Item) {
				return nil, true, err
			}
			err = w.refused(failed.Item, err)
		}
		return returned, false, err
	}
	err = b.send(ctx, c, uuid.NewString())
	if revised, reviseErr := b.revise(ctx, c, err); revised || reviseErr != nil {
		return nil, revised, errors.Join(reviseErr, err)
	}
	again, err = b.alone(err)
	switch {
	case err != nil:
		return nil, again, err
	case w.returns() == types.ReturnValueAllOld:
		return w.marks.stored, false, nil
	case w.returns() == types.ReturnValueAllNew:
		returned, err = w.readBack(ctx, c)
	}
	return returned, false, err
}

var errGone = errors.New("it was deleted since")

// readBack reads the item of an update, which a transaction does not return. An
// error of it is about a write that was done.
func (w *Write) readBack(ctx context.Context, c *send.Conn) (values.Item, error) {
	stored, err := read.Stored(ctx, c, w.table, w.key, nil)
	switch {
	case err != nil:
		return nil, fault.Because(fault.ErrUnread, err)
	case len(stored) == 0:
		return nil, fault.Because(fault.ErrUnread, errGone)
	}
	return stored, nil
}

// looks reports whether the write has yet to read which values are stored.
func (w *Write) looks() bool { return w.marks != nil && !w.marks.known }

// look reads the values that a write has to know and does not.
func (w *Write) look(ctx context.Context, c *send.Conn) error {
	if !w.looks() {
		return nil
	}
	m := w.marks
	attrs := m.attrs
	if w.returns() == types.ReturnValueAllOld {
		attrs = nil
	}
	stored, err := read.Stored(ctx, c, m.table, m.owner, attrs)
	if err == nil {
		m.assume(m.only(stored))
		m.stored = stored
	}
	return err
}

// look is look for the writes of a transaction, several at once.
func look(ctx context.Context, c *send.Conn, token string, writes []*Write) error {
	if !slices.ContainsFunc(writes, (*Write).looks) {
		return nil
	}
	asked := &bundle{writes: writes} // refused before any request, whatever the markers add
	for i, w := range writes {
		asked.add(w, i)
	}
	if _, err := asked.input(token); err != nil {
		return fault.Because(fault.ErrInvalid, err)
	}
	errs := make([]error, len(writes))
	c.Each(len(writes), func(i int) { errs[i] = writes[i].look(ctx, c) })
	return errors.Join(errs...)
}
