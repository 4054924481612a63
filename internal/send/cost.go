package send

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
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
