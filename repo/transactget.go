package repo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/key"
)

// A ReadOp is one read of a transaction. It is made by [Repo.Into].
type ReadOp struct {
	db     *DB
	schema *schema
	key    key.Value
	into   reflect.Value // a *T
}

// Into is the read of the item with the key into a T, for [DB.TransactGet].
func (r *Repo[T]) Into(k key.Value, into *T) ReadOp {
	return ReadOp{r.db, r.schema, k, reflect.ValueOf(into)}
}

// decode sets the caller's item to what was read.
func (o *ReadOp) decode(ctx context.Context, one read) error {
	if o.into.IsNil() {
		return errNilItem
	}
	s := o.schema
	found := reflect.New(o.into.Type().Elem()).Elem()
	if one.taken.IsValid() {
		found.Set(one.taken)
	} else if err := s.decode(one.attrs, found); err != nil {
		return err
	}
	if s.expired(found, o.db.cfg.Now()) {
		return ErrNotFound
	}
	if err := s.found(ctx, found); err != nil {
		return err
	}
	o.into.Elem().Set(found)
	return nil
}

// A read is an item that was read, in one form or the other.
type read struct {
	taken reflect.Value // the T that a sink has
	attrs item
}

// A MissingError tells which reads of a transaction found no item. It is
// [ErrNotFound].
type MissingError struct{ Positions []int }

// Error names the positions.
func (e *MissingError) Error() string { return fmt.Sprintf("%v: reads %v", ErrNotFound, e.Positions) }

// Unwrap returns [ErrNotFound].
func (e *MissingError) Unwrap() error { return ErrNotFound }

// TransactGet reads up to 100 items, over any repositories, as they stood at
// one moment, in one TransactGetItems request at twice the capacity; no reads,
// no request. Those of the items that are there are set; of the others the
// error is a [*MissingError]. Bad keys and more than 100 reads are [ErrInvalid]
// before any request. Reads that meet a write under way are [ErrConflict]; they
// are sent again only as Config.ConflictAttempts says.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
func (db *DB) TransactGet(ctx context.Context, reads ...ReadOp) error {
	if len(reads) == 0 {
		return nil
	}
	in, err := transactGetInput(reads)
	if err != nil {
		return db.fail("TransactGet", because(ErrInvalid, err))
	}
	var opts []func(*dynamodb.Options)
	var sink *wire.Sink
	var out *dynamodb.TransactGetItemsOutput
	if !db.cfg.StandardCodec {
		sink = newPositions(reads)
		defer sink.Release()
	}
	err = db.insist(ctx, func() (err error) {
		if sink != nil {
			opts = sink.Options()
		}
		out, err = db.client.TransactGetItems(ctx, in, opts...)
		return err
	})
	if conflicts(err) {
		err = because(ErrConflict, err)
	}
	if err != nil {
		return db.fail("TransactGet", err)
	}
	var missing MissingError
	var errs []error
	for i, r := range reads {
		var one read
		var err error
		switch {
		case sink != nil && sink.Used():
			one.taken, err = sink.At(i)
			err = cmp.Or(decodeError(err), sink.Err())
		case i < len(out.Responses):
			one.attrs = out.Responses[i].Item
		}
		switch {
		case err != nil:
		case one.taken.IsValid() || len(one.attrs) > 0:
			err = r.decode(ctx, one)
		default:
			err = ErrNotFound
		}
		switch {
		case errors.Is(err, ErrNotFound):
			missing.Positions = append(missing.Positions, i)
		case err != nil:
			errs = append(errs, fmt.Errorf("read %d: %w", i, err))
		}
	}
	if len(missing.Positions) > 0 {
		errs = append(errs, &missing)
	}
	return db.fail("TransactGet", errors.Join(errs...))
}

// newPositions returns what takes the items of reads out of the answer.
func newPositions(reads []ReadOp) *wire.Sink {
	codecs := make([]*codec.Codec, len(reads))
	for i, r := range reads {
		codecs[i] = r.schema.codec
	}
	return wire.NewPositions(codecs)
}

func transactGetInput(reads []ReadOp) (*dynamodb.TransactGetItemsInput, error) {
	in := &dynamodb.TransactGetItemsInput{}
	var errs []error
	if len(reads) > maxTransact {
		errs = append(errs, fmt.Errorf("a transaction has at most %d reads, not %d", maxTransact, len(reads)))
	}
	for i, r := range reads {
		if r.schema == nil {
			errs = append(errs, fmt.Errorf("read %d: %w", i, errNoOp))
			continue
		}
		attrs, err := r.schema.keyOf(r.key)
		if err != nil {
			errs = append(errs, fmt.Errorf("read %d: %w", i, err))
		}
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{
			Get: &types.Get{TableName: &r.schema.table, Key: attrs},
		})
	}
	return in, errors.Join(errs...)
}
