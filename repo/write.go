package repo

import (
	"context"
	"errors"
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
	item    item                   // to put, or what stands for json in the request
	json    []byte                 // to put, in DynamoDB's JSON; nil on the standard path
	encode  func() (item, error)   // makes item on the standard path
	ident   func() (string, error) // makes id of a put
	update  *expression.UpdateBuilder
	returns types.ReturnValue // of an update
	sink    *wire.Sink        // takes what an update returns; nil for the standard path
	check   bool              // of a transaction: the condition alone
	blind   bool              // the lock is overridden on purpose
	guard   []expression.ConditionBuilder
	tell    bool     // a failed condition brings the stored item
	mine    any      // the caller's item, which is as stored after success; nil if there is none
	end     int64    // when mine is to be hidden
	tally   *float64 // where to add what it takes; nil if nobody asks
	marks   *marks   // of unique values; nil if it is about none

	again   func(stored item) bool                         // whether to send it once more though its condition failed; may be nil
	refused func(stored item, cause error) error           // a failed condition; stored is nil if there is no item
	done    func(ctx context.Context, returned item) error // after success; nil if there is nothing to do
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

// onFailure asks for the stored item beside a failed condition.
func (w *write) onFailure() types.ReturnValuesOnConditionCheckFailure {
	if !w.tell && w.marks == nil {
		return ""
	}
	return types.ReturnValuesOnConditionCheckFailureAllOld
}

// standard makes the item that a put sends on the standard path.
func (w *write) standard() (err error) {
	if w.json = nil; w.put {
		w.item, err = w.encode()
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

// send sends the write alone and tells what came of it.
func (w *write) send(ctx context.Context, client Client) error {
	var returned item
	var err error
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
	if err == nil && w.done != nil {
		err = w.done(ctx, returned)
	}
	return w.schema.fail(w.op, "", w.schema.keyNames, err)
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
