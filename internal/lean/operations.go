package lean

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// operations are those that a repository uses.
type operations struct {
	getItem            operation
	batchGetItem       operation
	query              operation
	scan               operation
	putItem            operation
	updateItem         operation
	deleteItem         operation
	batchWriteItem     operation
	transactGetItems   operation
	transactWriteItems operation
}

func newOperations() operations {
	return operations{
		getItem:            operation{schema: smithy.NewOperationSchema(schemas.GetItem, schemas.GetItemInput, schemas.GetItemOutput)},
		batchGetItem:       operation{schema: smithy.NewOperationSchema(schemas.BatchGetItem, schemas.BatchGetItemInput, schemas.BatchGetItemOutput)},
		query:              operation{schema: smithy.NewOperationSchema(schemas.Query, schemas.QueryInput, schemas.QueryOutput)},
		scan:               operation{schema: smithy.NewOperationSchema(schemas.Scan, schemas.ScanInput, schemas.ScanOutput)},
		putItem:            operation{schema: smithy.NewOperationSchema(schemas.PutItem, schemas.PutItemInput, schemas.PutItemOutput)},
		updateItem:         operation{schema: smithy.NewOperationSchema(schemas.UpdateItem, schemas.UpdateItemInput, schemas.UpdateItemOutput)},
		deleteItem:         operation{schema: smithy.NewOperationSchema(schemas.DeleteItem, schemas.DeleteItemInput, schemas.DeleteItemOutput)},
		batchWriteItem:     operation{schema: smithy.NewOperationSchema(schemas.BatchWriteItem, schemas.BatchWriteItemInput, schemas.BatchWriteItemOutput)},
		transactGetItems:   operation{schema: smithy.NewOperationSchema(schemas.TransactGetItems, schemas.TransactGetItemsInput, schemas.TransactGetItemsOutput)},
		transactWriteItems: operation{schema: smithy.NewOperationSchema(schemas.TransactWriteItems, schemas.TransactWriteItemsInput, schemas.TransactWriteItemsOutput)},
	}
}

// GetItem sends the request, through the SDK where it has to.
func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return do(ctx, c, &c.ops.getItem, (*dynamodb.Client).GetItem, in, opts, func(out *dynamodb.GetItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// BatchGetItem sends the request, through the SDK where it has to.
func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return do(ctx, c, &c.ops.batchGetItem, (*dynamodb.Client).BatchGetItem, in, opts, func(out *dynamodb.BatchGetItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// Query sends the request, through the SDK where it has to.
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return do(ctx, c, &c.ops.query, (*dynamodb.Client).Query, in, opts, func(out *dynamodb.QueryOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// Scan sends the request, through the SDK where it has to.
func (c *Client) Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return do(ctx, c, &c.ops.scan, (*dynamodb.Client).Scan, in, opts, func(out *dynamodb.ScanOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// PutItem sends the request, through the SDK where it has to.
func (c *Client) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return do(ctx, c, &c.ops.putItem, (*dynamodb.Client).PutItem, in, opts, func(out *dynamodb.PutItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// UpdateItem sends the request, through the SDK where it has to.
func (c *Client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return do(ctx, c, &c.ops.updateItem, (*dynamodb.Client).UpdateItem, in, opts, func(out *dynamodb.UpdateItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DeleteItem sends the request, through the SDK where it has to.
func (c *Client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return do(ctx, c, &c.ops.deleteItem, (*dynamodb.Client).DeleteItem, in, opts, func(out *dynamodb.DeleteItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// BatchWriteItem sends the request, through the SDK where it has to.
func (c *Client) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return do(ctx, c, &c.ops.batchWriteItem, (*dynamodb.Client).BatchWriteItem, in, opts, func(out *dynamodb.BatchWriteItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// TransactGetItems sends the request, through the SDK where it has to.
func (c *Client) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return do(ctx, c, &c.ops.transactGetItems, (*dynamodb.Client).TransactGetItems, in, opts, func(out *dynamodb.TransactGetItemsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// TransactWriteItems sends the request, through the SDK where it has to.
func (c *Client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if in.ClientRequestToken == nil { // the SDK makes one, the same for all attempts
		return c.sdk.TransactWriteItems(ctx, in, guarded(opts)...)
	}
	return do(ctx, c, &c.ops.transactWriteItems, (*dynamodb.Client).TransactWriteItems, in, opts, func(out *dynamodb.TransactWriteItemsOutput) *middleware.Metadata { return &out.ResultMetadata })
}
