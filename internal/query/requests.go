package query

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// queryInput builds a Query request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func (p *Prepared) queryInput(r pageRequest) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName:                 &p.table.Name,
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
func (p *Prepared) scanInput(r pageRequest) *dynamodb.ScanInput {
	in := &dynamodb.ScanInput{
		TableName:                 &p.table.Name,
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
func (p *Prepared) selects() types.Select {
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
