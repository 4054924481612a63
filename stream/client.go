package stream

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/dynarepo/dynarepo/internal/wire"
)

// A Client sends the operations that a stream is read by: what
// *dynamodbstreams.Client has. It must be safe for concurrent use.
type Client interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

var _ Client = (*dynamodbstreams.Client)(nil)

// clientOf makes a client of one for tables, or returns nil.
func clientOf(tables any) Client {
	c, ok := tables.(interface{ Options() dynamodb.Options })
	if !ok {
		return nil
	}
	o := c.Options()
	return dynamodbstreams.New(dynamodbstreams.Options{
		AppID:        o.AppID,
		BaseEndpoint: o.BaseEndpoint,
		Credentials:  o.Credentials,
		HTTPClient:   o.HTTPClient,
		Logger:       o.Logger,
		Region:       o.Region,
		Retryer:      o.Retryer,
	})
}

// guard refuses what is no answer before the SDK reads it.
func guard(o *dynamodbstreams.Options) { o.APIOptions = append(o.APIOptions, wire.Guarded) }
