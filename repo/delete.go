package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/key"
)

// Delete removes the item with the key, in one unconditional DeleteItem
// request, and is quiet if there is none (rule F4). A key that is none is
// [ErrInvalid] and key.ErrKey before any request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (r *Repo[T]) Delete(ctx context.Context, k key.Value) error {
	s := r.schema
	attrs, err := s.keyOf(k)
	if err != nil {
		return s.refuse("Delete", err)
	}
	_, err = r.db.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(s.table), Key: attrs})
	return s.fail("Delete", "", s.keyNames(), err)
}

// Destroy removes an item that was loaded, in one DeleteItem request. If the
// model has a lock, the request is guarded by the item's version: the stored
// item is of another version or gone: the error is lock.ErrStale and the store
// is unchanged (rule G2). Without a lock it is quiet if there is none. item
// itself is left as it is.
func (r *Repo[T]) Destroy(ctx context.Context, item *T) error {
	s := r.schema
	if item == nil {
		return s.refuse("Destroy", errNilItem)
	}
	v := reflect.ValueOf(item).Elem()
	attrs, err := s.itemAttrs(v, s.keyAttrs)
	if err != nil {
		return s.refuse("Destroy", err)
	}
	var loaded int64
	if s.version != nil {
		if f, ok := s.version.Value(v); ok {
			loaded = f.Convert(int64Type).Int()
		}
	}
	in, err := s.destroyInput(attrs, loaded)
	if err != nil {
		return s.refuse("Destroy", err)
	}
	_, err = r.db.client.DeleteItem(ctx, in)
	if failed := failedCondition(err); failed != nil {
		err = s.spec.Lock.Stale(s.table, loaded, failed.Item, err)
	}
	return s.fail("Destroy", "", s.keyNames(), err)
}

// destroyInput builds the request of Destroy.
func (s *schema) destroyInput(attrs item, loaded int64) (*dynamodb.DeleteItemInput, error) {
	in := &dynamodb.DeleteItemInput{TableName: aws.String(s.table), Key: attrs}
	if s.version == nil {
		return in, nil
	}
	e, err := expression.NewBuilder().WithCondition(s.spec.Lock.Guard(loaded)).Build()
	if err != nil {
		return nil, err
	}
	in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues = e.Condition(), e.Names(), e.Values()
	in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	return in, nil
}
