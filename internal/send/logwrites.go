package send

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// PutItem sends the request; so do the methods that follow.
func (t *told) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return through(ctx, t, Client.PutItem, in, opts, func(in *dynamodb.PutItemInput) Request {
		return Request{Operation: "PutItem", Tables: table(in.TableName)}
	}, func(out *dynamodb.PutItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// UpdateItem sends the request.
func (t *told) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return through(ctx, t, Client.UpdateItem, in, opts, func(in *dynamodb.UpdateItemInput) Request {
		return Request{Operation: "UpdateItem", Tables: table(in.TableName)}
	}, func(out *dynamodb.UpdateItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// DeleteItem sends the request.
func (t *told) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return through(ctx, t, Client.DeleteItem, in, opts, func(in *dynamodb.DeleteItemInput) Request {
		return Request{Operation: "DeleteItem", Tables: table(in.TableName)}
	}, func(out *dynamodb.DeleteItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// BatchWriteItem tells how many writes are asked for, and how many are left.
func (t *told) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return through(ctx, t, Client.BatchWriteItem, in, opts, func(in *dynamodb.BatchWriteItemInput) Request {
		r := Request{Operation: "BatchWriteItem", Tables: tableNames(in.RequestItems)}
		for _, t := range in.RequestItems {
			r.Size += len(t)
		}
		return r
	}, func(out *dynamodb.BatchWriteItemOutput) result {
		left := 0
		for _, t := range out.UnprocessedItems {
			left += len(t)
		}
		return result{unprocessed: left, used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}

// TransactWriteItems tells how many operations are asked for.
func (t *told) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return through(ctx, t, Client.TransactWriteItems, in, opts, func(in *dynamodb.TransactWriteItemsInput) Request {
		tables := map[string]bool{}
		for _, one := range in.TransactItems {
			switch {
			case one.Put != nil:
				tables[aws.ToString(one.Put.TableName)] = true
			case one.Update != nil:
				tables[aws.ToString(one.Update.TableName)] = true
			case one.Delete != nil:
				tables[aws.ToString(one.Delete.TableName)] = true
			case one.ConditionCheck != nil:
				tables[aws.ToString(one.ConditionCheck.TableName)] = true
			}
		}
		return Request{Operation: "TransactWriteItems", Tables: tableNames(tables), Size: len(in.TransactItems)}
	}, func(out *dynamodb.TransactWriteItemsOutput) result {
		return result{used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}
