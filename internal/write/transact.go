package write

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/send"
)

// Transact does all of ops or none, under an idempotency token.
func Transact(ctx context.Context, c *send.Conn, token string, ops []*Op) error {
	const op = "Transact"
	if len(ops) == 0 {
		return nil
	}
	if err := checkOps(ops); err != nil {
		return fail(c, op, err)
	}
	writes, bad, wrong := makeWrites(ctx, false, token, ops, func(*Write) error { return nil })
	if err := refused(c, op, wrong, bad); err != nil {
		return err
	}
	if err := look(ctx, c, token, writes); err != nil {
		return fail(c, op, err)
	}
	for n, again := 1, true; again; n++ {
		b, err := newBundle(writes)
		if err != nil {
			return fail(c, op, fault.Invalid(err))
		}
		err = c.Insist(ctx, func() error { return b.send(ctx, c, b.token(token)) })
		forget(ctx, err, writes...)
		for _, w := range writes {
			w.keepID(err)
		}
		revised, reviseErr := b.revise(ctx, c, err)
		if reviseErr != nil {
			return fail(c, op, reviseErr)
		}
		if revised && n < MaxRounds {
			continue
		}
		switch again, err = b.together(c, err); {
		case err == nil:
		case !again:
			return fail(c, op, err)
		case n == MaxRounds:
			return fail(c, op, fault.Because(fault.ErrConflict, err))
		default:
			if err := send.Backoff(ctx, n); err != nil {
				return fail(c, op, err)
			}
		}
	}
	var errs []error
	for _, w := range writes {
		if err := w.done(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	return fail(c, op, errors.Join(errs...))
}

// fail wraps an error of an operation that is on no table alone.
func fail(c *send.Conn, op string, err error) error {
	if err == nil {
		return nil
	}
	return c.Make.Op(op, "", "", nil, err)
}

// checkOps refuses what no transaction may be, before any callback runs.
func checkOps(ops []*Op) error {
	if len(ops) > send.MaxOps {
		return fault.Invalid(fmt.Errorf("a transaction has at most %d operations, not %d", send.MaxOps, len(ops)))
	}
	var errs []error
	on := newItemSet(len(ops))
	var room [96]byte
	for i, o := range ops {
		if o == nil {
			continue // told with the faults of the others
		}
		table, id := o.appendID(room[:0])
		if id == nil {
			continue
		}
		if _, err := on.take(table, id, i); err != nil {
			errs = append(errs, fmt.Errorf("operation %d: %w", i, err))
		}
	}
	return errors.Join(errs...)
}
