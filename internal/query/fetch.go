package query

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A page request is what differs between the requests of one query.
type pageRequest struct {
	limit    int         // 0 for none
	start    values.Item // nil for the beginning
	segment  int
	segments int // 0 for a scan that is not parallel
}

// An answer is one page as it came.
type answer struct {
	items     []values.Item
	evaluated int
	returned  int
	last      values.Item // LastEvaluatedKey; nil if there is no more
	cost      dyniter.Stats
}

// fetch sends one request. The items of the answer are in sink if that has
// used it, else in the answer; without a sink they always are.
func (p *Prepared) fetch(ctx context.Context, c *send.Conn, r pageRequest, sink *wire.Sink) (a answer, err error) {
	var opts []func(*dynamodb.Options)
	if sink != nil {
		opts = sink.Options()
	}
	var limit *int32 // as it was sent: a context may change it
	if p.plan.Scan {
		in := p.scanInput(r)
		out, err := c.Scan(ctx, in, opts...)
		if err != nil {
			return answer{cost: send.FailedCost(err)}, err
		}
		a = newAnswer(out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey, out.ConsumedCapacity, out.ResultMetadata)
		limit = in.Limit
	} else {
		in := p.queryInput(r)
		out, err := c.Query(ctx, in, opts...)
		if err != nil {
			return answer{cost: send.FailedCost(err)}, err
		}
		a = newAnswer(out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey, out.ConsumedCapacity, out.ResultMetadata)
		limit = in.Limit
	}
	return a, p.believe(r.start, int(aws.ToInt32(limit)), &a, sink, c.Own)
}

func newAnswer(items []values.Item, count, scanned int32, last values.Item, used *types.ConsumedCapacity, meta middleware.Metadata) answer {
	a := answer{items: items, evaluated: int(scanned), returned: int(count)}
	if len(last) > 0 {
		a.last = last
	}
	if used == nil {
		used = &types.ConsumedCapacity{} // of a server that does not report it
	}
	a.cost = send.Cost(meta, *used)
	a.cost.Evaluated = a.evaluated
	return a
}
