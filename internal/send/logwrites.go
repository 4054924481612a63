package send

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// PutItem sends the request; so do the methods that follow.
func (t *told) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return through(ctx, t, Client.PutItem, in, opts, func(in *dynamodb.PutItemInput) line {
		return line{op: "PutItem", table: aws.ToString(in.TableName)}
	}, func(out *dynamodb.PutItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// UpdateItem sends the request.
func (t *told) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return through(ctx, t, Client.UpdateItem, in, opts, func(in *dynamodb.UpdateItemInput) line {
		return line{op: "UpdateItem", table: aws.ToString(in.TableName)}
	}, func(out *dynamodb.UpdateItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// DeleteItem sends the request.
func (t *told) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return through(ctx, t, Client.DeleteItem, in, opts, func(in *dynamodb.DeleteItemInput) line {
		return line{op: "DeleteItem", table: aws.ToString(in.TableName)}
	}, func(out *dynamodb.DeleteItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// BatchWriteItem tells how many writes are left.
func (t *told) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return through(ctx, t, Client.BatchWriteItem, in, opts, func(in *dynamodb.BatchWriteItemInput) line {
		return line{op: "BatchWriteItem", table: tableNames(in.RequestItems)}
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
	return through(ctx, t, Client.TransactWriteItems, in, opts, func(in *dynamodb.TransactWriteItemsInput) line {
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
		return line{op: "TransactWriteItems", table: tableNames(tables), asked: len(in.TransactItems)}
	}, func(out *dynamodb.TransactWriteItemsOutput) result {
		return result{used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}
