package repo

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/key"
)

// A ReadOp is one read of a transaction. It is made by [Repo.Into].
type ReadOp struct {
	schema *schema
	key    key.Value
	decode func(context.Context, item) error
}

// Into is the read of the item with the key into a T, for [DB.TransactGet].
func (r *Repo[T]) Into(k key.Value, into *T) ReadOp {
	return ReadOp{r.schema, k, func(ctx context.Context, m item) error {
		if into == nil {
			return errNilItem
		}
		var found T
		if err := r.decode(m, &found); err != nil {
			return err
		}
		if r.schema.expired(reflect.ValueOf(&found).Elem(), r.db.cfg.Now()) {
			return ErrNotFound
		}
		if err := r.schema.found(ctx, reflect.ValueOf(&found).Elem()); err != nil {
			return err
		}
		*into = found
		return nil
	}}
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
	var out *dynamodb.TransactGetItemsOutput
	err = db.insist(ctx, func() (err error) {
		out, err = db.client.TransactGetItems(ctx, in)
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
		if i >= len(out.Responses) || len(out.Responses[i].Item) == 0 {
			missing.Positions = append(missing.Positions, i)
			continue
		}
		switch err := r.decode(ctx, out.Responses[i].Item); {
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
