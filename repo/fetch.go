package repo

import (
	"context"
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

// A page request is what differs between the requests of one query.
type pageRequest struct {
	limit    int  // 0 for none
	start    item // nil for the beginning
	segment  int
	segments int // 0 for a scan that is not parallel
}

// An answer is one page as it came.
type answer struct {
	items     []item
	evaluated int
	returned  int
	last      item // LastEvaluatedKey; nil if there is no more
	cost      dyniter.Stats
}

// fetch sends one request. The items of the answer are in sink if that has
// used it, else in the answer; without a sink they always are.
func (p *prepared) fetch(ctx context.Context, client Client, r pageRequest, sink *wire.Sink) (answer, error) {
	var opts []func(*dynamodb.Options)
	if sink != nil {
		opts = sink.Options()
	}
	if p.plan.Scan {
		out, err := client.Scan(ctx, p.scanInput(r), opts...)
		if err != nil {
			return answer{cost: failedCost(err)}, err
		}
		return newAnswer(out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey, out.ConsumedCapacity, out.ResultMetadata), nil
	}
	out, err := client.Query(ctx, p.queryInput(r), opts...)
	if err != nil {
		return answer{cost: failedCost(err)}, err
	}
	return newAnswer(out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey, out.ConsumedCapacity, out.ResultMetadata), nil
}

func newAnswer(items []item, count, scanned int32, last item, used *types.ConsumedCapacity, meta middleware.Metadata) answer {
	a := answer{items: items, evaluated: int(scanned), returned: int(count)}
	if len(last) > 0 {
		a.last = last
	}
	if used == nil {
		used = &types.ConsumedCapacity{} // of a server that does not report it
	}
	a.cost = cost(meta, *used)
	a.cost.Evaluated = a.evaluated
	return a
}

// cost is what one request took, as DynamoDB and the SDK report it.
func cost(meta middleware.Metadata, used ...types.ConsumedCapacity) dyniter.Stats {
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
	if raw, ok := awsmiddleware.GetRawResponse(meta).(*smithyhttp.Response); ok {
		c.Bytes = max(0, raw.ContentLength)
	}
	return c
}

// failedCost is what is known of a request that failed.
func failedCost(err error) dyniter.Stats {
	c := dyniter.Stats{Requests: 1}
	if spent, ok := errors.AsType[*retry.MaxAttemptsError](err); ok {
		c.Retries = spent.Attempt - 1
	}
	return c
}

// queryInput builds a Query request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func (p *prepared) queryInput(r pageRequest) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName:                 &p.schema.table,
		KeyConditionExpression:    p.expr.KeyCondition(),
		FilterExpression:          p.expr.Filter(),
		ProjectionExpression:      p.expr.Projection(),
		ExpressionAttributeNames:  p.expr.Names(),
		ExpressionAttributeValues: p.expr.Values(),
		ExclusiveStartKey:         r.start,
		Limit:                     limit32(r.limit),
		Select:                    p.selects(),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
	}
	if p.plan.Index != "" {
		in.IndexName = aws.String(p.plan.Index)
	}
	if p.spec.consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	if p.spec.descending {
		in.ScanIndexForward = aws.Bool(false)
	}
	return in
}

// scanInput builds a Scan request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
func (p *prepared) scanInput(r pageRequest) *dynamodb.ScanInput {
	in := &dynamodb.ScanInput{
		TableName:                 &p.schema.table,
		FilterExpression:          p.expr.Filter(),
		ProjectionExpression:      p.expr.Projection(),
		ExpressionAttributeNames:  p.expr.Names(),
		ExpressionAttributeValues: p.expr.Values(),
		ExclusiveStartKey:         r.start,
		Limit:                     limit32(r.limit),
		Select:                    p.selects(),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
	}
	if p.plan.Index != "" {
		in.IndexName = aws.String(p.plan.Index)
	}
	if p.spec.consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	if r.segments > 0 {
		in.Segment, in.TotalSegments = aws.Int32(int32(r.segment)), aws.Int32(int32(r.segments))
	}
	return in
}

// selects asks a local index for what it does not project, and a count for no
// items.
func (p *prepared) selects() types.Select {
	switch {
	case len(p.attrs) > 0:
		return ""
	case p.spec.count:
		return types.SelectCount
	case p.plan.Fetch:
		return types.SelectAllAttributes
	}
	return ""
}

func limit32(n int) *int32 {
	if n == 0 {
		return nil
	}
	return aws.Int32(int32(n))
}
