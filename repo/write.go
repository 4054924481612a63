package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/wire"
)

// A write is one change of one item, alone or in a transaction: what it sends,
// what its failed condition means, and what follows its success.
type write struct {
	schema  *schema
	op      string // as errors name it: "Create"
	key     item   // of the table; nil for a put
	id      string // of the key, in a batch or a transaction
	put     bool
	value   reflect.Value // what is stored, a struct; of DeleteAll, what was read; the zero Value of another write by key
	item    item          // value to put, or what stands for json in the request
	json    []byte        // value to put, in DynamoDB's JSON; nil on the standard path
	update  *expression.UpdateBuilder
	returns types.ReturnValue // of an update
	sink    *wire.Sink        // takes what an update returns; nil for the standard path
	check   bool              // of a transaction: the condition alone
	guard   []expression.ConditionBuilder
	asked   bool     // guard has conditions of the caller's
	locked  bool     // guard has the version that was loaded
	loaded  int64    // version
	blind   bool     // the lock is overridden on purpose
	tell    bool     // a failed condition brings the stored item
	bulk    bool     // part of a batch, without callbacks
	tally   *float64 // where to add what it takes; nil if nobody asks
	marks   *marks   // of unique values; nil if it is about none

	callers reflect.Value // the caller's struct, which is as value after success; the zero Value of a write by key
	mine    any           // the pointer that the caller gave; nil unless callers is as stored after success
	end     int64         // when it is to be hidden

	again   func(stored item) bool                         // whether to send it once more though its condition failed; may be nil
	failure func(w *write, stored item, cause error) error // what a failed condition means; nil if nothing but its cause
}

// expr compiles condition and update.
func (w *write) expr() (expression.Expression, error) {
	b := expression.NewBuilder()
	guard := w.guard
	if w.marks != nil {
		guard = slices.Concat(guard, w.marks.guard())
	}
	if len(guard) > 0 {
		b = b.WithCondition(conjunction(guard))
	}
	if w.update != nil {
		b = b.WithUpdate(*w.update)
	}
	if len(guard) == 0 && w.update == nil {
		return expression.Expression{}, nil
	}
	e, err := b.Build()
	return e, errors.Join(err, checkExpressions(e.Condition(), e.Update()))
}

// options are those of an update that returns an item.
func (w *write) options() []func(*dynamodb.Options) {
	if w.sink == nil {
		return nil
	}
	return w.sink.Options()
}

// refused is what it means that the condition failed; stored is nil if there is
// no item.
func (w *write) refused(stored item, cause error) error {
	if w.failure == nil {
		return cause
	}
	return w.failure(w, stored, cause)
}

// onFailure asks for the stored item beside a failed condition.
func (w *write) onFailure() types.ReturnValuesOnConditionCheckFailure {
	if !w.tell && w.marks == nil {
		return ""
	}
	return types.ReturnValuesOnConditionCheckFailureAllOld
}

// standard makes the item that a put sends on the standard path.
func (w *write) standard() (err error) {
	if w.json = nil; w.put && w.value.IsValid() {
		w.item, err = w.schema.encode(w.value)
	}
	return err
}

// stand puts what stands for the item's JSON in its place.
func (w *write) stand(b *wire.Body) {
	if w.json != nil {
		w.item = b.Item(w.json)
	}
}

// consumption asks for what the write takes, if somebody asks.
func (w *write) consumption() types.ReturnConsumedCapacity {
	if w.tally == nil {
		return ""
	}
	return types.ReturnConsumedCapacityTotal
}

// took adds what the write took.
func (w *write) took(used *types.ConsumedCapacity) {
	if w.tally != nil && used != nil {
		*w.tally += aws.ToFloat64(used.CapacityUnits)
	}
}

func (w *write) putInput() (*dynamodb.PutItemInput, error) {
	e, err := w.expr()
	return &dynamodb.PutItemInput{
		TableName:                           &w.schema.table,
		Item:                                w.item,
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            e.Names(),
		ExpressionAttributeValues:           e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
		ReturnConsumedCapacity:              w.consumption(),
	}, err
}

func (w *write) updateInput() (*dynamodb.UpdateItemInput, error) {
	e, err := w.expr()
	in := &dynamodb.UpdateItemInput{
		TableName:                           &w.schema.table,
		Key:                                 w.key,
		UpdateExpression:                    e.Update(),
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            e.Names(),
		ExpressionAttributeValues:           e.Values(),
		ReturnValues:                        w.returns,
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
		ReturnConsumedCapacity:              w.consumption(),
	}
	return in, err
}

func (w *write) deleteInput() (*dynamodb.DeleteItemInput, error) {
	e, err := w.expr()
	return &dynamodb.DeleteItemInput{
		TableName:                           &w.schema.table,
		Key:                                 w.key,
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            e.Names(),
		ExpressionAttributeValues:           e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
		ReturnConsumedCapacity:              w.consumption(),
	}, err
}

// transactItem is the write as part of a TransactWriteItems.
func (w *write) transactItem() (types.TransactWriteItem, error) {
	e, err := w.expr()
	table := &w.schema.table
	switch {
	case w.check:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: table, Key: w.key, ConditionExpression: e.Condition(),
			ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: w.onFailure(),
		}}, err
	case w.put:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: table, Item: w.item, ConditionExpression: e.Condition(),
			ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: w.onFailure(),
		}}, err
	case w.update != nil:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: table, Key: w.key, UpdateExpression: e.Update(), ConditionExpression: e.Condition(),
			ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: w.onFailure(),
		}}, err
	default:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: table, Key: w.key, ConditionExpression: e.Condition(),
			ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: w.onFailure(),
		}}, err
	}
}

// mark makes the write keep the markers of unique values; m may be nil.
func (w *write) mark(m *marks) {
	if m != nil {
		w.marks, w.again = m, m.again
	}
}

// send sends the write alone and returns the item as an update leaves it.
func (w *write) send(ctx context.Context, client Client) (returned item, err error) {
	if w.marks != nil {
		returned, err = w.settle(ctx, client)
	} else if returned, err = w.single(ctx, client); err != nil {
		if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
			err = w.refused(failed.Item, err)
		}
	}
	forget(ctx, err, w)
	if _, ok := errors.AsType[*types.TransactionConflictException](err); ok {
		err = because(ErrConflict, err)
	}
	if err == nil {
		err = w.done(ctx)
	}
	return returned, w.schema.fail(w.op, "", w.schema.keyNames, err)
}

// done makes the caller's item what is stored and runs the callbacks behind the
// write, which has succeeded.
func (w *write) done(ctx context.Context) error {
	if !w.callers.IsValid() || w.check {
		return nil
	}
	if w.value.IsValid() {
		w.callers.Set(w.value)
	}
	if w.bulk {
		return nil
	}
	return w.schema.hooks.after(ctx, w.op, w.callers.Addr().Interface())
}

// single sends the write in a request of its own and returns the item as an
// update leaves it.
func (w *write) single(ctx context.Context, client Client) (returned item, err error) {
	switch {
	case w.put:
		if err = w.sendPut(ctx, client); errors.Is(err, wire.ErrBody) {
			if err = w.standard(); err == nil {
				err = w.sendPut(ctx, client)
			}
		}
	case w.update != nil:
		in, ierr := w.updateInput()
		if ierr != nil {
			return nil, w.schema.refuse(w.op, ierr)
		}
		var out *dynamodb.UpdateItemOutput
		if out, err = client.UpdateItem(ctx, in, w.options()...); err == nil {
			returned = out.Attributes
			w.took(out.ConsumedCapacity)
		}
	default:
		in, ierr := w.deleteInput()
		if ierr != nil {
			return nil, w.schema.refuse(w.op, ierr)
		}
		var out *dynamodb.DeleteItemOutput
		if out, err = client.DeleteItem(ctx, in); err == nil {
			w.took(out.ConsumedCapacity)
		}
	}
	return returned, err
}

func (w *write) sendPut(ctx context.Context, client Client) error {
	body := wire.NewBody()
	defer body.Release()
	var opts []func(*dynamodb.Options)
	if w.json != nil {
		opts = body.Options()
	}
	w.stand(body)
	in, err := w.putInput()
	if err != nil {
		return w.schema.refuse(w.op, err)
	}
	out, err := client.PutItem(ctx, in, opts...)
	if err == nil {
		w.took(out.ConsumedCapacity)
	}
	return err
}

// A ConditionError holds the item that a condition did not hold for. It is
// [ErrConditionFailed].
type ConditionError struct {
	Stored map[string]types.AttributeValue // nil if there is no item
	Err    error                           // the SDK's error
}

// Error says that a condition failed, and nothing of the item.
func (e *ConditionError) Error() string { return ErrConditionFailed.Error() }

// Unwrap returns [ErrConditionFailed] and the SDK's error.
func (e *ConditionError) Unwrap() []error { return []error{ErrConditionFailed, e.Err} }
