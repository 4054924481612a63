package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/repo"
)

// SetTTL makes an attribute of Unix seconds the time after which
// DynamoDB removes an item, or, with "", ends that for every attribute (rule
// J4). changed tells whether it was otherwise. Another attribute is a change in
// two steps, and DynamoDB takes up to an hour for each: the first is waited for.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
//
// It sends a DescribeTable and a DescribeTimeToLive a poll, and an
// UpdateTimeToLive a step. Errors: [ErrNotFound]; [ErrNotActive] when the polls
// are spent.
func SetTTL(ctx context.Context, m Model, attr string, opts *Options) (changed bool, err error) {
	return alter(ctx, "SetTTL", m, opts, func(o *op, d *differ) error {
		if err := o.lookTTL(ctx); err != nil {
			return err
		}
		d.live, d.spec.TTL = o.last, repo.TTL{Attr: attr}
		d.ttl()
		return nil
	})
}

func ttlInput(table, attr string, on bool) *dynamodb.UpdateTimeToLiveInput {
	return &dynamodb.UpdateTimeToLiveInput{
		TableName:               aws.String(table),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(attr), Enabled: aws.Bool(on)},
	}
}

func (o *op) lookTTL(ctx context.Context) error {
	out, err := o.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(o.table)}, wire.Guard)
	if err != nil {
		return told(err)
	}
	o.last.TTL = TTL{Status: types.TimeToLiveStatusDisabled}
	if t := out.TimeToLiveDescription; t != nil && t.TimeToLiveStatus != "" {
		o.last.TTL = TTL{Attr: aws.ToString(t.AttributeName), Status: t.TimeToLiveStatus}
	}
	return nil
}

// ttlChange is an UpdateTimeToLive. It is so as soon as it is under way.
func (o *op) ttlChange(in *dynamodb.UpdateTimeToLiveInput) change {
	attr, on := aws.ToString(in.TimeToLiveSpecification.AttributeName), aws.ToBool(in.TimeToLiveSpecification.Enabled)
	return change{
		look: o.inspect,
		settled: func() bool {
			switch o.last.TTL.Status {
			case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
				return on && o.last.TTL.Attr == attr
			default:
				return !on
			}
		},
		ready: func() bool {
			return o.last.TTL.Status == types.TimeToLiveStatusEnabled || o.last.TTL.Status == types.TimeToLiveStatusDisabled
		},
		send: func(ctx context.Context) error {
			_, err := o.client.UpdateTimeToLive(ctx, in, once)
			if err == nil {
				o.last.TTL = TTL{Attr: attr, Status: types.TimeToLiveStatusDisabling}
				if on {
					o.last.TTL.Status = types.TimeToLiveStatusEnabling
				}
			}
			return err
		},
	}
}
