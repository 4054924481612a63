package stream

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/dynarepo/dynarepo/internal/circle"
	"github.com/dynarepo/dynarepo/repo"
)

// list looks which shards there are, in DescribeStream requests of 100 each,
// and forgets those that are gone and were read.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html
func (r *reader) list(ctx context.Context) error {
	var all []types.Shard
	var seen circle.Watch[string]
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &r.arn}
	for {
		out, err := r.client.DescribeStream(ctx, in, guard)
		if err != nil {
			return &Error{err: told(err)}
		}
		d := out.StreamDescription
		if d == nil {
			return &Error{err: ErrNoStream}
		}
		r.live = d.StreamStatus == types.StreamStatusEnabled || d.StreamStatus == types.StreamStatusEnabling
		all = append(all, d.Shards...)
		if in.ExclusiveStartShardId = d.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			break
		}
		if seen.Closes(*in.ExclusiveStartShardId, func(a, b string) bool { return a == b }) {
			return &Error{err: errCircles}
		}
	}
	return r.merge(all)
}

var errCircles = fmt.Errorf("%w: the answers go in a circle", repo.ErrDecode)

// merge takes in what was listed.
func (r *reader) merge(listed []types.Shard) error {
	known := make(map[string]*shard, len(r.shards))
	for _, s := range r.shards {
		known[s.id] = s
	}
	var shards []*shard
	for _, l := range listed {
		id := aws.ToString(l.ShardId)
		s := known[id]
		if delete(known, id); s == nil {
			s = &shard{id: id}
			if r.latest {
				closed := l.SequenceNumberRange != nil && l.SequenceNumberRange.EndingSequenceNumber != nil
				s.mark.Done, s.latest = closed, !closed
			}
		}
		s.parent = aws.ToString(l.ParentShardId)
		shards = append(shards, s)
	}
	for _, s := range known { // gone: trimmed with all its records
		switch {
		case s.mark.Done, r.opts.AllowTrimmed:
		case len(s.records) > 0 || s.ended:
			shards = append(shards, s)
		default:
			return &Error{Shard: s.id, err: ErrTrimmed}
		}
	}
	r.shards, r.latest = shards, false
	return nil
}

// active returns the shards to read now: those whose parents were read.
func (r *reader) active() []*shard {
	var out []*shard
	for _, s := range r.shards {
		waits := slices.ContainsFunc(r.shards, func(p *shard) bool { return p.id == s.parent && !p.mark.Done })
		if !s.mark.Done && !waits {
			out = append(out, s)
		}
	}
	return out
}

// childless reports whether a shard was read to its end and its children are
// not yet listed, or nothing is left to read.
func (r *reader) childless() bool {
	return r.live && slices.ContainsFunc(r.shards, func(s *shard) bool {
		return s.mark.Done && !slices.ContainsFunc(r.shards, func(c *shard) bool { return c.parent == s.id })
	}) || len(r.active()) == 0
}
