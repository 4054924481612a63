package read

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/key"
)

// An Op is one read of a transaction.
type Op struct {
	Conn  *send.Conn
	Table *model.Table // nil of an empty operation
	Key   key.Value
	Into  reflect.Value // a *T
}

// decode sets the caller's item to what was read.
func (o *Op) decode(ctx context.Context, one read) error {
	if o.Into.IsNil() {
		return fault.ErrNilItem
	}
	t := o.Table
	found := reflect.New(o.Into.Type().Elem()).Elem()
	if one.taken.IsValid() {
		found.Set(one.taken)
	} else if err := t.Decode(one.attrs, found); err != nil {
		return err
	}
	if t.Expired(found, o.Conn.Clock()) {
		return fault.ErrNotFound
	}
	if err := t.Found(ctx, found); err != nil {
		return err
	}
	o.Into.Elem().Set(found)
	return nil
}

// A read is an item that was read, in one form or the other.
type read struct {
	taken reflect.Value // the T that a sink has
	attrs values.Item
}

// Transact reads what ops ask for as it stood at one moment.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
func Transact(ctx context.Context, c *send.Conn, ops []Op) error {
	if len(ops) == 0 {
		return nil
	}
	in, err := transactInput(ops)
	if err != nil {
		return fail(c, fault.Invalid(err))
	}
	var opts []func(*dynamodb.Options)
	var sink *wire.Sink
	var out *dynamodb.TransactGetItemsOutput
	if !c.Standard {
		sink = newPositions(ops)
		defer sink.Release()
	}
	err = c.Insist(ctx, func() (err error) {
		if sink != nil {
			opts = sink.Options()
		}
		out, err = c.TransactGetItems(ctx, in, opts...)
		return err
	})
	if send.Conflicts(err) {
		err = fault.Because(fault.ErrConflict, err)
	}
	if err == nil && len(out.Responses) != len(ops) {
		err = fault.Because(fault.ErrDecode, errPositions)
	}
	if err != nil {
		return fail(c, err)
	}
	var missing []int
	var errs []error
	for i, r := range ops {
		var one read
		var err error
		switch {
		case sink != nil && sink.Used():
			one.taken, err = sink.At(i)
			err = cmp.Or(fault.Decode(err), sink.Err())
		default:
			one.attrs = out.Responses[i].Item
		}
		switch {
		case err != nil:
		case one.taken.IsValid() || len(one.attrs) > 0:
			err = r.decode(ctx, one)
		default:
			err = fault.ErrNotFound
		}
		switch {
		case errors.Is(err, fault.ErrNotFound):
			missing = append(missing, i)
		case err != nil:
			errs = append(errs, fmt.Errorf("read %d: %w", i, err))
		}
	}
	if len(missing) > 0 {
		errs = append(errs, c.Make.Missing(missing))
	}
	return fail(c, errors.Join(errs...))
}

var errPositions = errors.New("the answer has not as many items as were asked for")

// newPositions returns what takes the items of reads out of the answer.
func newPositions(ops []Op) *wire.Sink {
	codecs := make([]*codec.Codec, len(ops))
	for i, r := range ops {
		codecs[i] = r.Table.Codec
	}
	return wire.NewPositions(codecs)
}

func transactInput(ops []Op) (*dynamodb.TransactGetItemsInput, error) {
	in := &dynamodb.TransactGetItemsInput{}
	var errs []error
	if len(ops) > send.MaxOps {
		errs = append(errs, fmt.Errorf("a transaction has at most %d reads, not %d", send.MaxOps, len(ops)))
	}
	for i, r := range ops {
		if r.Table == nil {
			errs = append(errs, fmt.Errorf("read %d: %w", i, fault.ErrNoOp))
			continue
		}
		attrs, err := r.Table.Keys.Of(r.Key)
		if err != nil {
			errs = append(errs, fmt.Errorf("read %d: %w", i, err))
		}
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{
			Get: &types.Get{TableName: &r.Table.Name, Key: attrs},
		})
	}
	return in, errors.Join(errs...)
}

func fail(c *send.Conn, err error) error {
	if err == nil {
		return nil
	}
	return c.Make.Op("TransactGet", "", "", nil, err)
}
