package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// Options say where to begin and when to end. The zero value of each field is
// its default, and nil stands for the zero Options.
type Options struct {
	// From is where an earlier run stood. Defaults to the trim horizon: all
	// that the stream still has, the last 24 hours.
	From Checkpoint
	// Latest begins with what changes from now on. It does not go with From.
	Latest bool
	// Follow waits for more changes instead of ending the loop when there are
	// none. It ends with the context, or when the stream was switched off and is
	// read out.
	Follow bool
	// Interval is the time between two looks for more. Defaults to 1 second.
	Interval time.Duration
	// BatchSize is how many records a request asks for, at most 1000. Defaults
	// to what DynamoDB gives, 1000 records or 1 MB.
	BatchSize int
	// Concurrency is how many shards are asked at once. Defaults to that of the
	// database.
	Concurrency int
	// AllowTrimmed goes on with what is left where changes behind From are
	// gone, instead of failing with ErrTrimmed.
	AllowTrimmed bool
	// Client is asked. Defaults to one made of the database's client: of its
	// region, endpoint, credentials, HTTP client and retryer.
	Client Client
}

const (
	maxBatch        = 1000
	defaultInterval = time.Second
	// skew is how far the clock here may be ahead of DynamoDB's.
	skew = time.Minute
)

func (o *Options) checked(db *repo.DB) (Options, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	var errs []error
	fault := func(field, rule string) {
		errs = append(errs, fmt.Errorf("%w: Options.%s: %s", repo.ErrInvalid, field, rule))
	}
	if opts.Latest && (opts.From.Stream != "" || len(opts.From.Shards) > 0) {
		fault("Latest", "does not go with From")
	}
	if opts.Interval < 0 {
		fault("Interval", "can't be negative")
	}
	if opts.BatchSize < 0 || opts.BatchSize > maxBatch {
		fault("BatchSize", "want 0 to 1000")
	}
	if opts.Concurrency < 0 {
		fault("Concurrency", "can't be negative")
	}
	opts.Interval = cmp.Or(opts.Interval, defaultInterval)
	opts.Concurrency = cmp.Or(opts.Concurrency, db.Config().Concurrency)
	if opts.Client == nil {
		opts.Client = clientOf(db.Client())
	}
	if opts.Client == nil {
		errs = append(errs, ErrClient)
	}
	return opts, errors.Join(errs...)
}

// A Stream reads the changes of a model's table. It keeps its place, and is for
// one loop at a time.
type Stream[T any] struct {
	repo    *repo.Repo[T]
	opts    Options
	reader  *reader // nil before the first loop
	skipped int
}

// New returns a reader of the stream of the repository's table. It sends
// nothing. Errors: [repo.ErrInvalid], [ErrClient], all faults at once.
func New[T any](r *repo.Repo[T], opts *Options) (*Stream[T], error) {
	if r == nil {
		return nil, fmt.Errorf("stream: New: %w: want a repository", repo.ErrInvalid)
	}
	o, err := opts.checked(r.DB())
	if err != nil {
		return nil, &Error{Op: "New", Table: r.Table(), err: err}
	}
	return &Stream[T]{repo: r, opts: o}, nil
}

// Changes yields the changes behind the checkpoint: those of one item in order,
// those of different shards in none. Ranging again goes on behind the last one
// that was yielded. Changes of items of other models are passed over and
// counted by [Stream.Skipped].
//
// An image that does not fit T comes as the error of its change, which has all
// but the images; the loop may go on behind it. Any other error ends the loop
// and loses nothing: ranging again tries anew. Errors: [ErrNoStream],
// [ErrTrimmed], [ErrCheckpoint], [repo.ErrDecode], [repo.ErrMismatch], those of
// the SDK and of the context, in an [*Error].
//
// Requests: DescribeTable once, DescribeStream when the loop begins and
// whenever a shard ends, GetShardIterator for each shard, GetRecords for each
// 1000 records of a shard. Without Follow the loop ends once every shard was
// read out, an open one when three answers in a row had no record.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
func (s *Stream[T]) Changes(ctx context.Context) iter.Seq2[Change[T], error] {
	return func(yield func(Change[T], error) bool) {
		stopped := false
		err := s.open(ctx)
		if err == nil {
			err = s.reader.run(ctx, func(shard string, rec streams.Record) bool {
				c, err := newChange(s.repo, shard, rec)
				if errors.Is(err, errForeign) {
					s.skipped++
					return true
				}
				if err != nil {
					err = s.fail(&Error{Shard: shard, err: err})
				}
				stopped = !yield(c, err)
				return !stopped
			})
		}
		if err != nil && !stopped {
			yield(Change[T]{}, s.fail(err))
		}
	}
}

// Checkpoint returns where the reader stands: behind the last change yielded,
// that of the loop's body included.
func (s *Stream[T]) Checkpoint() Checkpoint {
	if s.reader == nil {
		return s.opts.From
	}
	c := Checkpoint{Stream: s.reader.arn, Since: s.reader.since, Shards: make(map[string]Mark, len(s.reader.shards))}
	for _, shard := range s.reader.shards {
		if shard.mark != (Mark{}) {
			c.Shards[shard.id] = shard.mark
		}
	}
	return c
}

// Skipped returns how many changes were of items of other models.
func (s *Stream[T]) Skipped() int { return s.skipped }

// open finds the stream and makes its reader.
func (s *Stream[T]) open(ctx context.Context) error {
	if s.reader != nil {
		return nil
	}
	d, err := table.Describe(ctx, s.repo)
	if err != nil {
		return err
	}
	arn := aws.ToString(d.SDK.LatestStreamArn)
	from := s.opts.From
	switch {
	case arn == "":
		return ErrNoStream
	case from.Stream != "" && from.Stream != arn:
		return ErrCheckpoint
	}
	r := &reader{client: s.opts.Client, opts: s.opts, arn: arn, since: from.Since, latest: s.opts.Latest}
	if s.opts.Latest {
		r.since = s.repo.DB().Config().Now().UTC().Truncate(time.Second).Add(-skew)
	}
	for id, mark := range from.Shards {
		r.shards = append(r.shards, &shard{id: id, mark: mark})
	}
	s.reader = r
	return nil
}

func (s *Stream[T]) fail(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{err: err}
	}
	e.Op, e.Table = "Changes", s.repo.Table()
	return e
}
