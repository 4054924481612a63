package send

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Cost is what one request took, as DynamoDB and the SDK report it.
func Cost(meta middleware.Metadata, used ...types.ConsumedCapacity) dyniter.Stats {
	c := dyniter.Stats{Requests: 1}
	for _, u := range used {
		c.Consumed += aws.ToFloat64(u.CapacityUnits)
		if u.Table != nil {
			c.ConsumedTable += aws.ToFloat64(u.Table.CapacityUnits)
		}
		for _, indexes := range []map[string]types.Capacity{u.GlobalSecondaryIndexes, u.LocalSecondaryIndexes} {
			for _, x := range indexes {
				c.ConsumedIndex += aws.ToFloat64(x.CapacityUnits)
			}
		}
	}
	if attempts, ok := retry.GetAttemptResults(meta); ok {
		c.Retries = len(attempts.Results) - 1
	}
	if n, ok := wire.Bytes(meta); ok {
		c.Bytes = int64(n)
	} else if raw, ok := awsmiddleware.GetRawResponse(meta).(*smithyhttp.Response); ok {
		c.Bytes = max(0, raw.ContentLength)
	}
	return c
}

// FailedCost is what is known of a request that failed.
func FailedCost(err error) dyniter.Stats {
	c := dyniter.Stats{Requests: 1}
	if spent, ok := errors.AsType[*retry.MaxAttemptsError](err); ok {
		c.Retries = spent.Attempt - 1
	}
	return c
}

// Units adds up what a request consumed, in capacity units.
func Units(used []types.ConsumedCapacity) (units float64) {
	for _, u := range used {
		units += aws.ToFloat64(u.CapacityUnits)
	}
	return units
}

// stats is what an answer tells of its cost.
func (r *result) stats() dyniter.Stats {
	s := Cost(r.meta, r.used...)
	s.Evaluated = int(r.evaluated)
	return s
}

// one is the capacity that one table consumed, as the answer tells it.
func one(used *types.ConsumedCapacity) []types.ConsumedCapacity {
	if used == nil {
		return nil
	}
	return []types.ConsumedCapacity{*used}
}

// ask makes a request tell what it consumes, if it does not yet.
func ask(in any) {
	var told *types.ReturnConsumedCapacity
	switch in := in.(type) {
	case *dynamodb.GetItemInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.BatchGetItemInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.QueryInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.ScanInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.PutItemInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.UpdateItemInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.DeleteItemInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.BatchWriteItemInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.TransactGetItemsInput:
		told = &in.ReturnConsumedCapacity
	case *dynamodb.TransactWriteItemsInput:
		told = &in.ReturnConsumedCapacity
	default:
		return
	}
	if *told == "" {
		*told = types.ReturnConsumedCapacityIndexes
	}
}
