package repo

import (
	"context"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Create stores item, which must not be there: in one PutItem request, guarded
// by "no such key" (rule F1). There is one: [ErrExists]. The version, if the
// model has a lock, is 1 then, and both timestamps are now, but a creation time
// that the caller has set is kept. A key that can't be stored is [ErrInvalid]
// and key.ErrKey before any request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (r *Repo[T]) Create(ctx context.Context, item *T) error {
	return r.put(ctx, "Create", item)
}

// Put stores item whatever was there, in one unconditional PutItem request. If
// the model has a lock, the version rises by 1 unchecked; timestamps are set as
// by [Repo.Create]. Errors are those of Create but ErrExists.
func (r *Repo[T]) Put(ctx context.Context, item *T) error {
	return r.put(ctx, "Put", item)
}

// Save stores an item that was loaded, in one PutItem request guarded by its
// version, which rises by 1 (rule G1). The stored item is of another version
// or gone: the error is lock.ErrStale and the store is unchanged (rules G2,
// G3). An item of version 0 was never stored under the lock and must not be
// there with a version. Without a lock Save is [Repo.Put]. Errors are those of
// Create but ErrExists.
func (r *Repo[T]) Save(ctx context.Context, item *T) error {
	return r.put(ctx, "Save", item)
}

func (r *Repo[T]) put(ctx context.Context, op string, item *T) error {
	s := r.schema
	if item == nil {
		return s.refuse(op, errNilItem)
	}
	next := *item // the caller's item changes only once the write has succeeded
	v := reflect.ValueOf(&next).Elem()
	loaded := s.stamp(op, v, r.db.cfg.now())
	attrs, err := r.codec.Encode(&next)
	if err != nil {
		return s.refuse(op, err)
	}
	in, err := s.putInput(op, attrs, loaded)
	if err != nil {
		return s.refuse(op, err)
	}
	if _, err := r.db.client.PutItem(ctx, in); err != nil {
		return s.fail(op, "", s.keyNames(), s.putError(op, loaded, err))
	}
	s.show(v, attrs)
	*item = next
	return nil
}

// stamp sets version and timestamps of an item about to be written and returns
// the version it was loaded with.
func (s *schema) stamp(op string, v reflect.Value, now time.Time) (loaded int64) {
	if s.version != nil {
		f := s.version.Alloc(v)
		if loaded = 0; op != "Create" {
			loaded = f.Convert(int64Type).Int()
		}
		f.Set(reflect.ValueOf(s.spec.Lock.Next(loaded)).Convert(f.Type()))
	}
	if s.created == nil && s.updated == nil {
		return loaded
	}
	at := reflect.ValueOf(now)
	if s.created != nil {
		if f := s.created.Alloc(v); f.IsZero() && op != "Save" {
			f.Set(at)
		}
	}
	if s.updated != nil {
		s.updated.Alloc(v).Set(at)
	}
	return loaded
}

// putInput builds the request of Create, Put and Save.
func (s *schema) putInput(op string, attrs item, loaded int64) (*dynamodb.PutItemInput, error) {
	if err := s.compose(attrs); err != nil {
		return nil, err
	}
	in := &dynamodb.PutItemInput{TableName: aws.String(s.table), Item: attrs}
	var guard expression.ConditionBuilder
	switch {
	case op == "Create":
		guard = s.absent()
	case op == "Save" && s.version != nil:
		guard = s.spec.Lock.Guard(loaded)
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	default:
		return in, nil
	}
	e, err := expression.NewBuilder().WithCondition(guard).Build()
	if err != nil {
		return nil, err
	}
	in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues = e.Condition(), e.Names(), e.Values()
	return in, nil
}

func (s *schema) putError(op string, loaded int64, err error) error {
	failed := failedCondition(err)
	switch {
	case failed == nil:
		return err
	case op == "Create":
		return because(ErrExists, err)
	}
	return s.spec.Lock.Stale(s.table, loaded, failed.Item, err)
}

// absent is the condition that there is no item with the key.
func (s *schema) absent() expression.ConditionBuilder {
	return expression.NameNoDotSplit(s.keyAttrs[0].Name()).AttributeNotExists()
}

// present is the condition that there is an item with the key.
func (s *schema) present() expression.ConditionBuilder {
	return expression.NameNoDotSplit(s.keyAttrs[0].Name()).AttributeExists()
}

// show sets the fields that hold composite attributes, if T has any.
func (s *schema) show(v reflect.Value, attrs item) {
	for _, c := range s.composites {
		f := s.plan.Field(c.Name())
		av, ok := attrs[c.Name()].(*types.AttributeValueMemberS)
		if f == nil || !ok {
			continue
		}
		if fv := f.Alloc(v); fv.Kind() == reflect.String {
			fv.SetString(av.Value)
		}
	}
}
