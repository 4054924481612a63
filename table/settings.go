package table

import (
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/circle"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/repo"
)

// SetStream gives the table a stream whose records hold view, or, with
// [NoStream], ends its stream. changed tells whether it was otherwise. The view
// of a stream can't be changed: one stream is ended, whose records can be read
// for 24 hours more, and another begun, so that records of what is written
// between the two are in neither.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
//
// It sends a DescribeTable, and if there is something to change another a poll
// and one or two UpdateTable. Errors: [repo.ErrInvalid] for no such view, before
// any request; [ErrNotFound]; [ErrNotActive] when the polls are spent.
func SetStream(ctx context.Context, m Model, view types.StreamViewType, opts *Options) (changed bool, err error) {
	if err := (Settings{Stream: view}).check(); err != nil || view == "" {
		return false, &Error{Op: "SetStream", Table: m.Table(), err: fmt.Errorf("%w: no such view", repo.ErrInvalid)}
	}
	return alter(ctx, "SetStream", m, opts, func(_ *op, d *differ) error {
		d.settings.Stream = view
		d.stream()
		return nil
	})
}

// SetProtection protects the table against deletion, or no longer. changed tells
// whether it was otherwise. Requests and errors are those of [SetStream].
func SetProtection(ctx context.Context, m Model, on bool, opts *Options) (changed bool, err error) {
	return alter(ctx, "SetProtection", m, opts, func(_ *op, d *differ) error {
		d.settings.Protection = &on
		d.protection()
		return nil
	})
}

// SetRecovery turns the recovery of the table to any second of the
// last 35 days on or off. changed tells whether it was otherwise.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
//
// It sends a DescribeTable and a DescribeContinuousBackups, and if there is
// something to change both again a poll, and an UpdateContinuousBackups. Errors:
// [ErrUnsupported], [ErrNotFound]; [ErrNotActive] when the polls are spent.
func SetRecovery(ctx context.Context, m Model, on bool, opts *Options) (changed bool, err error) {
	return alter(ctx, "SetRecovery", m, opts, func(o *op, d *differ) error {
		if err := o.lookRecovery(ctx); err != nil {
			return err
		}
		d.live, d.settings.Recovery = o.last, &on
		d.recovery()
		return nil
	})
}

func (o *op) lookRecovery(ctx context.Context) error {
	out, err := o.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(o.table)}, wire.Guard)
	if err != nil {
		return told(err)
	}
	o.sawRecovery(out.ContinuousBackupsDescription)
	return nil
}

func (o *op) sawRecovery(b *types.ContinuousBackupsDescription) {
	o.last.Recovery = types.PointInTimeRecoveryStatusDisabled
	if b != nil && b.PointInTimeRecoveryDescription != nil {
		o.last.Recovery = b.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus
	}
}

func (o *op) recoveryChange(in *dynamodb.UpdateContinuousBackupsInput) change {
	on := aws.ToBool(in.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled)
	return change{
		look: func(ctx context.Context) error {
			if err := o.describe(ctx); err != nil {
				return err
			}
			return o.lookRecovery(ctx)
		},
		settled: func() bool { return on == (o.last.Recovery == types.PointInTimeRecoveryStatusEnabled) },
		ready:   o.calm,
		send: func(ctx context.Context) error {
			out, err := o.client.UpdateContinuousBackups(ctx, in, once)
			if err == nil {
				o.sawRecovery(out.ContinuousBackupsDescription)
			}
			return err
		},
	}
}

// SetTags gives the table tags, and leaves its other tags as they are. changed
// tells whether one of them was otherwise. It sends a DescribeTable for the name
// that tags go by and a ListTagsOfResource for each page of them, and if there is
// something to change those again and a TagResource. DynamoDB takes some seconds to
// show tags, which are waited for. Errors: [ErrUnsupported], [ErrNotFound];
// [ErrNotActive] when the polls are spent.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html
func SetTags(ctx context.Context, m Model, tags map[string]string, opts *Options) (changed bool, err error) {
	if err := (Settings{Tags: tags}).check(); err != nil {
		return false, &Error{Op: "SetTags", Table: m.Table(), err: err}
	}
	return alter(ctx, "SetTags", m, opts, func(o *op, d *differ) error {
		if err := o.lookTags(ctx); err != nil {
			return err
		}
		d.live, d.settings.Tags = o.last, maps.Clone(tags)
		d.tags()
		return nil
	})
}

// RemoveTags takes tags from the table by their keys. changed tells whether it had
// one of them. Otherwise it is as [SetTags], with an UntagResource.
func RemoveTags(ctx context.Context, m Model, keys []string, opts *Options) (changed bool, err error) {
	return alter(ctx, "RemoveTags", m, opts, func(o *op, d *differ) error {
		if err := o.lookTags(ctx); err != nil {
			return err
		}
		d.live = o.last
		d.untag(keys)
		return nil
	})
}

func (o *op) lookTags(ctx context.Context) error {
	tags := map[string]string{}
	var seen circle.Watch[string]
	in := &dynamodb.ListTagsOfResourceInput{ResourceArn: o.last.SDK.TableArn}
	for {
		out, err := o.client.ListTagsOfResource(ctx, in, wire.Guard)
		if err != nil {
			return told(err)
		}
		for _, tag := range out.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if aws.ToString(out.NextToken) == "" {
			o.last.Tags = tags
			return nil
		}
		if seen.Closes(*out.NextToken, sameToken) {
			return errCircles
		}
		in.NextToken = out.NextToken
	}
}

func (o *op) inspectTags(ctx context.Context) error {
	if err := o.describe(ctx); err != nil {
		return err
	}
	return o.lookTags(ctx)
}

func (o *op) tagChange(in *dynamodb.TagResourceInput) change {
	return change{
		look: o.inspectTags,
		settled: func() bool {
			for _, tag := range in.Tags {
				if have, ok := o.last.Tags[aws.ToString(tag.Key)]; !ok || have != aws.ToString(tag.Value) {
					return false
				}
			}
			return true
		},
		ready: o.calm,
		send: func(ctx context.Context) error {
			_, err := o.client.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: o.last.SDK.TableArn, Tags: in.Tags}, once)
			return err
		},
	}
}

func (o *op) untagChange(in *dynamodb.UntagResourceInput) change {
	return change{
		look: o.inspectTags,
		settled: func() bool {
			for _, k := range in.TagKeys {
				if _, ok := o.last.Tags[k]; ok {
					return false
				}
			}
			return true
		},
		ready: o.calm,
		send: func(ctx context.Context) error {
			_, err := o.client.UntagResource(ctx, &dynamodb.UntagResourceInput{ResourceArn: o.last.SDK.TableArn, TagKeys: in.TagKeys}, once)
			return err
		},
	}
}
