package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/internal/wire"
)

// A bundle is what one transaction sends: some writes, each with the markers
// that it claims and releases.
type bundle struct {
	writes []*write
	units  []unit // each write, with its parts behind it
}

// A unit is one operation of the request.
type unit struct {
	*write

	of int // the position of the write that it is, or is a part of
}

// newBundle puts writes and their parts together. A value that one of them
// loses and another gets is handed over; one that two get is [ErrUnique].
func newBundle(writes []*write) (*bundle, error) {
	b := &bundle{writes: writes, units: make([]unit, 0, len(writes))}
	claims, releases := map[string]*write{}, map[string]*write{}
	var errs []error
	for i, w := range writes {
		b.add(w, i)
		for _, part := range w.parts() {
			id, same := w.schema.table+"\x00"+part.id, releases
			if part.put {
				same = claims
			}
			switch {
			case same[id] == nil:
				same[id] = part
				b.add(part, i)
			case part.put:
				errs = append(errs, fmt.Errorf("operation %d: %w", i, part.refused(nil, nil)))
			}
		}
	}
	for id, part := range releases {
		if claim := claims[id]; claim != nil {
			b.units = slices.DeleteFunc(b.units, func(u unit) bool { return u.write == part })
			if !part.check {
				claim.guard[0] = claim.guard[0].Or(part.guard[0])
			}
		}
	}
	return b, errors.Join(errs...)
}

func (b *bundle) add(w *write, of int) { b.units = append(b.units, unit{w, of}) }

// token returns the idempotency token of a round: what was sent with one must
// not be sent with others.
func (b *bundle) token(first string) string {
	rounds := 0
	for _, w := range b.writes {
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
func (b *bundle) send(ctx context.Context, client Client, token string) error {
	err := b.request(ctx, client, token)
	if errors.Is(err, wire.ErrBody) {
		for _, w := range b.units {
			if err = w.standard(); err != nil {
				return because(ErrInvalid, err)
			}
		}
		err = b.request(ctx, client, token)
	}
	return err
}

func (b *bundle) request(ctx context.Context, client Client, token string) error {
	body := wire.NewBody()
	defer body.Release()
	var opts []func(*dynamodb.Options)
	for _, w := range b.units {
		if w.stand(body); w.json != nil && opts == nil {
			opts = body.Options()
		}
	}
	in, err := b.input(token)
	if err != nil {
		return because(ErrInvalid, err)
	}
	first := b.writes[0] // of several, nobody asks
	in.ReturnConsumedCapacity = first.consumption()
	out, err := client.TransactWriteItems(ctx, in, opts...)
	if err != nil {
		return err
	}
	for i := range out.ConsumedCapacity {
		first.took(&out.ConsumedCapacity[i])
	}
	return nil
}

// input builds the request.
func (b *bundle) input(token string) (*dynamodb.TransactWriteItemsInput, error) {
	in := &dynamodb.TransactWriteItemsInput{
		ClientRequestToken: aws.String(token),
		TransactItems:      make([]types.TransactWriteItem, len(b.units)),
	}
	var errs []error
	if n := len(b.units); n > maxTransact {
		with := ""
		if n > len(b.writes) {
			with = ", the markers of unique values included"
		}
		errs = append(errs, fmt.Errorf("a transaction has at most %d operations, not %d%s", maxTransact, n, with))
	}
	if len(token) < 1 || len(token) > 36 {
		errs = append(errs, errors.New("a token has 1 to 36 characters"))
	}
	bytes := 0
	for i, w := range b.units {
		bytes += w.size(false)
		var err error
		if in.TransactItems[i], err = w.transactItem(); err != nil {
			errs = append(errs, fmt.Errorf("operation %d: %w", w.of, err))
		}
	}
	if bytes > maxTransactBytes {
		bytes = 0
		for _, w := range b.units {
			bytes += w.size(true)
		}
	}
	if bytes > maxTransactBytes {
		errs = append(errs, fmt.Errorf("a transaction has at most %d bytes of items, not %d", maxTransactBytes, bytes))
	}
	return in, errors.Join(errs...)
}

// cancelled tells which writes a transaction failed on. again says that it is
// to be sent once more, since other values were stored than a write took to be;
// a value that seemed to be taken may then be handed over.
func (b *bundle) cancelled(err error) (again bool, _ error) {
	c, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		return false, err
	}
	te := &TransactError{Err: err}
	told := make([]bool, len(b.writes)) // what kept a write; its parts come behind it
	final := false
	for i, r := range c.CancellationReasons {
		code := aws.ToString(r.Code)
		if code == "" || code == "None" || i >= len(b.units) || told[b.units[i].of] {
			continue
		}
		unit := b.units[i]
		w := b.writes[unit.of]
		told[unit.of] = true
		f := FailedOp{Position: unit.of, Op: w.op, Table: w.schema.table, Code: code, Err: err}
		var stored item
		if len(r.Item) > 0 {
			stored = r.Item
		}
		if unit.write == w {
			f.Stored = stored
		}
		switch code {
		case "ConditionalCheckFailed":
			if unit.again != nil && unit.again(stored) {
				again = true
				continue
			}
			f.Err = unit.refused(stored, err)
		case codeConflict:
			f.Err = because(ErrConflict, err)
		}
		te.Failed = append(te.Failed, f)
		final = final || unit.write == w || code != "ConditionalCheckFailed"
	}
	return again && !final, te
}
