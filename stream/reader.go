package stream

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	smithytime "github.com/aws/smithy-go/time"
)

// emptyInARow is how many answers without a record say that an open shard has
// no more: one may come though there are some.
const emptyInARow = 3

// reader reads the records of a stream, shard by shard, parents before their
// children. It knows no model.
type reader struct {
	client Client
	opts   Options
	arn    string
	since  time.Time // see Checkpoint.Since
	latest bool      // shards that are open at the first look begin at their end
	shards []*shard  // as listed: of a parent before its children
	live   bool      // more may be written to the stream
}

// A shard is a part of the stream, and how far it was read.
type shard struct {
	id, parent string
	mark       Mark
	latest     bool           // begins at its end
	whole      bool           // was begun at the trim horizon, for want of a mark
	iterator   *string        // nil before the first, and when it has expired
	records    []types.Record // fetched, not handed out
	ended      bool           // all of a closed shard is fetched
	empty      int            // answers without a record, in a row
}

// An each takes records and says whether to go on.
type each func(shard string, rec types.Record) bool

// run hands out records until there are no more, or forever, or until each has
// enough.
func (r *reader) run(ctx context.Context, hand each) error {
	for _, s := range r.shards {
		s.empty = 0
	}
	look := true
	for {
		if look {
			if err := r.list(ctx); err != nil {
				return err
			}
		}
		look = false
		active := r.active()
		if err := r.fetch(ctx, active); err != nil {
			return err
		}
		idle := true
		for _, s := range active {
			for len(s.records) > 0 {
				idle = false
				if !r.next(s, hand) {
					return nil
				}
			}
			if s.ended {
				s.mark.Done, look = true, true
			}
		}
		switch {
		case !idle || look:
		case r.opts.Follow && (r.live || len(active) > 0):
			if err := smithytime.SleepWithContext(ctx, r.opts.Interval); err != nil {
				return err
			}
			look = r.childless()
		case r.drained(active):
			return nil
		}
	}
}

// next hands out the first record of a shard.
func (r *reader) next(s *shard, hand each) bool {
	rec := s.records[0]
	s.records = s.records[1:]
	if rec.Dynamodb != nil {
		s.mark.Sequence = aws.ToString(rec.Dynamodb.SequenceNumber)
		if s.whole && aws.ToTime(rec.Dynamodb.ApproximateCreationDateTime).Before(r.since) {
			return true
		}
	}
	return hand(s.id, rec)
}

// drained reports whether there is nothing more to read now.
func (r *reader) drained(active []*shard) bool {
	for _, s := range active {
		if s.empty < emptyInARow {
			return false
		}
	}
	return true
}

// fetch gets records of those shards that have none waiting, several at once.
func (r *reader) fetch(ctx context.Context, active []*shard) error {
	var wg sync.WaitGroup
	errs := make([]error, len(active))
	slots := make(chan struct{}, r.opts.Concurrency)
	for i, s := range active {
		if len(s.records) > 0 || !r.opts.Follow && s.empty >= emptyInARow {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := r.get(ctx, s); err != nil {
				errs[i] = &Error{Shard: s.id, err: told(err)}
			}
		})
	}
	wg.Wait()
	for _, err := range errs { // the first says enough: the others will come again
		if err != nil {
			return err
		}
	}
	return nil
}

// get sends one GetRecords, behind a GetShardIterator where it takes a new one.
func (r *reader) get(ctx context.Context, s *shard) error {
	for again := 0; ; again++ {
		err := r.try(ctx, s)
		_, expired := errors.AsType[*types.ExpiredIteratorException](err)
		_, trimmed := errors.AsType[*types.TrimmedDataAccessException](err)
		switch {
		case again == 2:
			return err
		case expired:
		case trimmed && r.opts.AllowTrimmed:
			s.mark.Sequence = ""
		default:
			return err
		}
		s.iterator = nil
	}
}

func (r *reader) try(ctx context.Context, s *shard) error {
	if s.iterator == nil {
		out, err := r.client.GetShardIterator(ctx, r.iteratorInput(s), guard)
		if err != nil {
			return err
		}
		s.iterator = out.ShardIterator
		s.whole, s.latest = !s.latest && s.mark.Sequence == "", false
	}
	out, err := r.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.iterator, Limit: r.limit()}, guard)
	if err != nil {
		return err
	}
	s.records, s.iterator, s.ended = out.Records, out.NextShardIterator, out.NextShardIterator == nil
	if s.empty++; len(out.Records) > 0 {
		s.empty = 0
	}
	return nil
}

func (r *reader) limit() *int32 {
	if r.opts.BatchSize == 0 {
		return nil
	}
	return aws.Int32(int32(r.opts.BatchSize))
}

// iteratorInput asks for the place behind the mark.
func (r *reader) iteratorInput(s *shard) *dynamodbstreams.GetShardIteratorInput {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &r.arn, ShardId: &s.id}
	switch {
	case s.mark.Sequence != "":
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &s.mark.Sequence
	case s.latest:
		in.ShardIteratorType = types.ShardIteratorTypeLatest
	default:
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	}
	return in
}
