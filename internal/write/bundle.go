package write

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A bundle is what one transaction sends: some writes, each with the markers
// that it claims and releases.
type bundle struct {
	writes []*Write
	units  []unit // each write, with its parts behind it
}

// A unit is one operation of the request.
type unit struct {
	*Write

	of int // the position of the write that it is, or is a part of
}

// newBundle puts writes and their parts together. A value that one of them
// loses and another gets is handed over; one that two get is [ErrUnique].
func newBundle(writes []*Write) (*bundle, error) {
	b := &bundle{writes: writes, units: make([]unit, 0, len(writes))}
	claims, releases := map[string]*Write{}, map[string]*Write{}
	var errs []error
	for i, w := range writes {
		b.add(w, i)
		for _, part := range w.parts() {
			id, same := w.table.Name+"\x00"+part.id, releases
			_, claim := part.does.(*put)
			if claim {
				same = claims
			}
			switch {
			case same[id] == nil:
				same[id] = part
				b.add(part, i)
			case claim:
				errs = append(errs, fmt.Errorf("operation %d: %w", i, part.refused(nil, nil)))
			}
		}
	}
	for id, part := range releases {
		if claim := claims[id]; claim != nil {
			b.units = slices.DeleteFunc(b.units, func(u unit) bool { return u.Write == part })
			if part.changes() {
				claim.guard.conds[0] = claim.guard.conds[0].Or(part.guard.conds[0])
			}
		}
	}
	return b, errors.Join(errs...)
}

func (b *bundle) add(w *Write, of int) { b.units = append(b.units, unit{w, of}) }

// token returns the idempotency token of a round: what was sent with one must
// not be sent with others.
func (b *bundle) token(first string) string {
	rounds := 0
	for _, w := range b.writes {
		rounds += w.turns
		if w.marks != nil {
			rounds += w.marks.rounds
		}
	}
	if rounds == 0 {
		return first
	}
	return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, first, "/", rounds)).String()
}

// send sends the transaction.
func (b *bundle) send(ctx context.Context, c *send.Conn, token string) error {
	err := b.request(ctx, c, token)
	if unsent(err) {
		for _, w := range b.units {
			if p, puts := w.does.(*put); puts {
				if err = p.standard(); err != nil {
					return fault.Because(fault.ErrInvalid, err)
				}
			}
		}
		err = b.request(ctx, c, token)
	}
	return err
}

func (b *bundle) request(ctx context.Context, c *send.Conn, token string) error {
	body := wire.NewBody()
	defer body.Release()
	var opts []func(*dynamodb.Options)
	for _, w := range b.units {
		p, puts := w.does.(*put)
		if !puts {
			continue
		}
		if p.stand(body); p.json != nil && opts == nil {
			opts = body.Options()
		}
	}
	in, err := b.input(token)
	if err != nil {
		return fault.Because(fault.ErrInvalid, err)
	}
	var a wire.Attempts
	_, err = c.TransactWriteItems(ctx, in, append(opts[:len(opts):len(opts)], a.Option())...)
	_, canceled := errors.AsType[*types.TransactionCanceledException](err) // it would not be, under its token, had it been done
	switch {
	case err == nil || unsent(err) || canceled:
		return err
	case a.Done:
		return nil
	case a.Unknown(err):
		return fault.Because(fault.ErrUnknown, err)
	}
	return err
}

// input builds the request.
func (b *bundle) input(token string) (*dynamodb.TransactWriteItemsInput, error) {
	in := &dynamodb.TransactWriteItemsInput{
		ClientRequestToken: aws.String(token),
		TransactItems:      make([]types.TransactWriteItem, len(b.units)),
	}
	var errs []error
	if n := len(b.units); n > send.MaxOps {
		with := ""
		if n > len(b.writes) {
			with = ", the markers of unique values included"
		}
		errs = append(errs, fmt.Errorf("a transaction has at most %d operations, not %d%s", send.MaxOps, n, with))
	}
	if len(token) < 1 || len(token) > 36 || !utf8.ValidString(token) {
		errs = append(errs, errors.New("a token has 1 to 36 characters"))
	}
	bytes := 0
	for i, w := range b.units {
		bytes += w.itemBytes(false)
		e, err := w.expr()
		if err != nil {
			errs = append(errs, fmt.Errorf("operation %d: %w", w.of, err))
		}
		in.TransactItems[i] = w.does.transact(w.Write, e)
	}
	if bytes > send.MaxTransactBytes {
		bytes = 0
		for _, w := range b.units {
			bytes += w.itemBytes(true)
		}
	}
	if bytes > send.MaxTransactBytes {
		errs = append(errs, fmt.Errorf("a transaction has at most %d bytes of items, not %d", send.MaxTransactBytes, bytes))
	}
	return in, errors.Join(errs...)
}

// cancelled tells which writes a transaction failed on; none of an error that
// is about no operation. again says that it is to be sent once more, since other
// values were stored than a write took to be; a value that seemed to be taken
// may then be handed over.
func (b *bundle) cancelled(err error) (failed []fault.FailedOp, again bool) {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		return nil, false
	}
	told := make([]bool, len(b.writes)) // what kept a write; its parts come behind it
	final := false
	for i, r := range canceled.CancellationReasons {
		code := aws.ToString(r.Code)
		if code == "" || code == "None" || i >= len(b.units) || told[b.units[i].of] {
			continue
		}
		unit := b.units[i]
		w := b.writes[unit.of]
		told[unit.of] = true
		f := fault.FailedOp{Position: unit.of, Op: w.verb.String(), Table: w.table.Name, Code: code, Err: err}
		var stored values.Item
		if len(r.Item) > 0 {
			stored = r.Item
		}
		if unit.Write == w {
			f.Stored = stored
		}
		switch code {
		case "ConditionalCheckFailed":
			if unit.again(stored) {
				again = true
				continue
			}
			f.Err = unit.refused(stored, err)
		case send.CodeConflict:
			f.Err = fault.Because(fault.ErrConflict, err)
		}
		failed = append(failed, f)
		final = final || unit.Write == w || code != "ConditionalCheckFailed"
	}
	return failed, again && !final
}

// alone tells what the one write of the bundle failed with.
func (b *bundle) alone(err error) (again bool, _ error) {
	failed, again := b.cancelled(err)
	if len(failed) > 0 {
		err = failed[0].Err
	}
	return again, err
}

// together tells what a transaction failed with.
func (b *bundle) together(c *send.Conn, err error) (again bool, _ error) {
	if _, ok := errors.AsType[*types.TransactionCanceledException](err); !ok {
		return false, err
	}
	failed, again := b.cancelled(err)
	return again, c.Make.Transact(failed, err)
}
