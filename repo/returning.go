package repo

import (
	"context"
	"errors"

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
func (r *Repo[T]) Returning(what Returns) Writer[T] { return Writer[T]{repo: r}.Returning(what) }

// Returning chooses what an update returns; see [Repo.Returning].
func (w Writer[T]) Returning(what Returns) Writer[T] {
	w.returns = what
	return w
}

// sendUpdate sends an update, unless its builder failed, and returns what the
// writer chose.
func (w Writer[T]) sendUpdate(ctx context.Context) func(*write, error) (T, error) {
	return func(one *write, err error) (T, error) {
		var returned T
		switch {
		case err != nil:
			return returned, err
		case int(w.returns) >= len(returnValues):
			return returned, w.repo.schema.refuse(one.op, errReturns)
		}
		one.returns = returnValues[w.returns]
		if w.returns != ReturnNothing {
			one.sink = w.repo.single()
			defer w.repo.release(one.sink)
		}
		one.done = func(_ context.Context, attrs item) error {
			_, err := w.repo.take(one.sink, attrs, &returned)
			return err
		}
		err = w.send(ctx)(one, nil)
		return returned, err
	}
}
