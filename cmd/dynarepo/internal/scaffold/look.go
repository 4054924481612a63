// Package scaffold looks at a table that exists and writes the model that reads
// it.
package scaffold

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// A Client sends what a look at a table needs.
type Client interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// A Sample says how much of a table is looked at.
type Sample struct {
	Items int     // at most
	Units float64 // read capacity, after which no page is asked for
}

// A Table is what was seen of one.
type Table struct {
	Description *types.TableDescription
	TTL         string // the attribute; "" for none
	TTLUnknown  bool   // it may not be asked for
	Items       []map[string]types.AttributeValue
	Units       float64 // read capacity that the sample took
	Whole       bool    // the sample is the table
}

// Look describes the table and samples its items.
func Look(ctx context.Context, c Client, name string, s Sample) (*Table, error) {
	described, err := c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return nil, fmt.Errorf("describe table %s: %w", name, err)
	}
	t := &Table{Description: described.Table}
	ttl, err := c.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	var refused smithy.APIError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode() == "AccessDeniedException":
		t.TTLUnknown = true
	case err != nil:
		return nil, fmt.Errorf("describe the TTL of table %s: %w", name, err)
	case ttl.TimeToLiveDescription != nil && ttl.TimeToLiveDescription.AttributeName != nil:
		t.TTL = *ttl.TimeToLiveDescription.AttributeName
	}
	if err := t.sample(ctx, c, name, s); err != nil {
		return nil, fmt.Errorf("scan table %s: %w", name, err)
	}
	return t, nil
}

// sample reads pages that grow while they fit: the first is one item, so that a
// table of large items costs no more than it may.
func (t *Table) sample(ctx context.Context, c Client, name string, s Sample) error {
	in := &dynamodb.ScanInput{TableName: &name, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	limit := 1
	for len(t.Items) < s.Items && t.Units < s.Units {
		limit = min(limit, s.Items-len(t.Items))
		in.Limit = new(int32(limit))
		page, err := c.Scan(ctx, in)
		if err != nil {
			return err
		}
		t.Items = append(t.Items, page.Items...)
		if page.ConsumedCapacity != nil && page.ConsumedCapacity.CapacityUnits != nil {
			t.Units += *page.ConsumedCapacity.CapacityUnits
		}
		if in.ExclusiveStartKey = page.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			t.Whole = true
			return nil
		}
		each := max(t.Units, 0.5) / float64(max(len(t.Items), 1))
		limit = max(1, min(4*limit, int((s.Units-t.Units)/each)))
	}
	return nil
}
