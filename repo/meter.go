package repo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/send"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// WithMeter returns a context and a meter of what is done under it, by every
// verb of every repository. Requests, retries, capacity units and evaluated items
// are those of all requests, also of ones that read ahead and are never handed
// out; returned, skipped and gone items, and the reason to end, those of queries.
// Requests then ask DynamoDB for the capacity that they consume
// (ReturnConsumedCapacity). The meter is safe for concurrent use; contexts made
// of the one returned share it, unless they have a meter of their own, which
// measures in its place.
func WithMeter(ctx context.Context) (context.Context, *dyniter.Meter) {
	m := new(dyniter.Meter)
	return send.WithMeter(ctx, m), m
}

// WithOptions returns a context whose requests go out with options of the SDK:
// of another region or retryer, say, for one call. They are applied behind those
// that the library passes, and behind those of contexts outside of it. Requests
// with options go through the SDK's own stack.
func WithOptions(ctx context.Context, opts ...func(*dynamodb.Options)) context.Context {
	return send.WithOptions(ctx, opts...)
}

// An Input is the input of a request that repositories send.
type Input interface {
	*dynamodb.GetItemInput | *dynamodb.BatchGetItemInput | *dynamodb.QueryInput | *dynamodb.ScanInput |
		*dynamodb.PutItemInput | *dynamodb.UpdateItemInput | *dynamodb.DeleteItemInput | *dynamodb.BatchWriteItemInput |
		*dynamodb.TransactGetItemsInput | *dynamodb.TransactWriteItemsInput
}

// WithInput returns a context in which change may change each input of the type
// before it is sent: set a member that the library does not, such as
// ReturnItemCollectionMetrics. Items and keys may stand in an input as
// placeholders, and must be left as they are; what else change breaks is its
// own affair.
func WithInput[I Input](ctx context.Context, change func(I)) context.Context {
	return send.WithInput(ctx, func(input any) {
		if own, ok := input.(I); ok {
			change(own)
		}
	})
}
