package repo

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Returns is what an update returns; see [Repo.Returning].
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
type Returns uint8

// What an update returns.
const (
	ReturnStored  Returns = iota // the item as stored
	ReturnBefore                 // the item as it was; the zero T if an upsert made it
	ReturnNothing                // the zero T; nothing is sent back or decoded
)

var returnValues = [...]types.ReturnValue{types.ReturnValueAllNew, types.ReturnValueAllOld, types.ReturnValueNone}

var errReturns = errors.New("no such choice of what an update returns")

// Returning makes Update, Upsert and Touch return what is chosen instead of the
// item as stored. Writes of a transaction return nothing.
func (r *Repo[T]) Returning(what Returns) Writer[T] { return Writer[T]{r.writer.returning(what)} }

// Returning chooses what an update returns; see [Repo.Returning].
func (w Writer[T]) Returning(what Returns) Writer[T] { return Writer[T]{w.of.returning(what)} }

// change makes the update of an order, sends it and sets into, a T, to what the
// writer chose.
func (w *writer) change(ctx context.Context, o order, into reflect.Value) error {
	one, err := w.build(ctx, &o, false)
	switch {
	case err != nil:
		return err
	case int(w.returns) >= len(returnValues):
		return w.schema.refuse(one.op, errReturns)
	}
	one.returns = returnValues[w.returns]
	if w.returns != ReturnNothing {
		one.sink = w.schema.single(w.db)
		defer w.schema.release(one.sink)
	}
	attrs, err := w.send(ctx, one)
	if err == nil {
		_, err = w.schema.take(one.sink, attrs, into)
	}
	return w.schema.fail(one.op, "", w.schema.keyNames, err)
}
