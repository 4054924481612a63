package send

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A told client sends what it is given as the context wants it, measures it for
// whom the context names, and logs a line for each request: operation, table,
// index, counts, what it cost and how long it took, with the SDK's retries. A
// line holds names and numbers and no item data. Where nobody wants any of this
// it does nothing besides asking.
type told struct {
	Client // the SDK's, or what wraps it

	lane Client // for calls without options of the caller's; nil if there is none
	log  *slog.Logger
}

// Told returns a client that tells of its requests. They go to lane, which guards
// its answers itself, if it is not nil; calls that a context gives options go to
// client, which applies them.
func Told(client, lane Client, log *slog.Logger) Client { return &told{client, lane, log} }

// A line is what a request has to tell.
type line struct {
	op, table, index string
	asked            int // operations of a transaction, 0 for other requests
}

// A result is what an answer has to tell. The counts are of a page.
type result struct {
	page                bool
	returned, evaluated int32
	unprocessed         int
	used                []types.ConsumedCapacity
	meta                middleware.Metadata
}

// ErrContext refuses a nil context.
var ErrContext = fault.Because(fault.ErrInvalid, errors.New("want a context, not nil"))

type sender[I, O any] func(Client, context.Context, I, ...func(*dynamodb.Options)) (O, error)

// through sends a request and tells of it.
func through[I, O any](ctx context.Context, t *told, send sender[I, O], in I, opts []func(*dynamodb.Options), about func(I) line, tell func(O) result) (O, error) {
	if ctx == nil {
		var none O
		return none, ErrContext
	}
	c, logs := callOf(ctx), t.log.Enabled(ctx, slog.LevelDebug)
	opts = c.apply(in, opts)
	client := t.lane
	if client == nil || c != nil && len(c.options) > 0 {
		client, opts = t.Client, append(opts[:len(opts):len(opts)], wire.Guard)
	}
	if !logs && (c == nil || c.meter == nil) {
		out, err := send(client, ctx, in, opts...)
		return out, answered(err)
	}
	start := time.Now()
	out, err := send(client, ctx, in, opts...)
	err = answered(err)
	var got result
	spent := FailedCost(err)
	if err == nil {
		got = tell(out)
		spent = got.stats()
	}
	if c != nil && !errors.Is(err, wire.ErrBody) { // which was not sent
		c.meter.Add(spent)
	}
	if logs {
		t.line(ctx, about(in), &got, spent, time.Since(start), err)
	}
	return out, err
}

// answered tells an answer that is none as what can't be decoded.
func answered(err error) error {
	if errors.Is(err, wire.ErrAnswer) {
		return fault.Because(fault.ErrDecode, err)
	}
	return err
}

func (t *told) line(ctx context.Context, about line, got *result, spent dyniter.Stats, took time.Duration, err error) {
	attrs := []slog.Attr{slog.String("op", about.op), slog.String("table", about.table)}
	if about.index != "" {
		attrs = append(attrs, slog.String("index", about.index))
	}
	if about.asked > 0 {
		attrs = append(attrs, slog.Int("asked", about.asked))
	}
	attrs = append(attrs, slog.Duration("took", took.Round(time.Microsecond)))
	if err != nil {
		attrs = append(attrs, slog.Int("retries", spent.Retries), slog.String("error", fault.Text(err)))
	} else {
		if got.page {
			attrs = append(attrs, slog.Int("returned", int(got.returned)), slog.Int("evaluated", int(got.evaluated)))
		}
		if got.unprocessed > 0 {
			attrs = append(attrs, slog.Int("unprocessed", got.unprocessed))
		}
		attrs = append(attrs, slog.Float64("consumed", spent.Consumed), slog.Int("retries", spent.Retries))
	}
	t.log.LogAttrs(ctx, slog.LevelDebug, "dynarepo: request", attrs...)
}

// tableNames lists tables by name.
func tableNames[V any](tables map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(tables)), ", ")
}

// GetItem sends the request; so do the methods that follow.
func (t *told) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return through(ctx, t, Client.GetItem, in, opts, func(in *dynamodb.GetItemInput) line {
		return line{op: "GetItem", table: aws.ToString(in.TableName)}
	}, func(out *dynamodb.GetItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// BatchGetItem tells how many keys are left. How many were asked for the input
// does not tell where keys are written into the body past it.
func (t *told) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return through(ctx, t, Client.BatchGetItem, in, opts, func(in *dynamodb.BatchGetItemInput) line {
		return line{op: "BatchGetItem", table: tableNames(in.RequestItems)}
	}, func(out *dynamodb.BatchGetItemOutput) result {
		left := 0
		for _, t := range out.UnprocessedKeys {
			left += len(t.Keys)
		}
		return result{unprocessed: left, used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}

// Query tells the counts of the page.
func (t *told) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return through(ctx, t, Client.Query, in, opts, func(in *dynamodb.QueryInput) line {
		return line{op: "Query", table: aws.ToString(in.TableName), index: aws.ToString(in.IndexName)}
	}, func(out *dynamodb.QueryOutput) result {
		return result{page: true, returned: out.Count, evaluated: out.ScannedCount, used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// Scan tells the counts of the page.
func (t *told) Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return through(ctx, t, Client.Scan, in, opts, func(in *dynamodb.ScanInput) line {
		return line{op: "Scan", table: aws.ToString(in.TableName), index: aws.ToString(in.IndexName)}
	}, func(out *dynamodb.ScanOutput) result {
		return result{page: true, returned: out.Count, evaluated: out.ScannedCount, used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// TransactGetItems tells how many items are asked for.
func (t *told) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return through(ctx, t, Client.TransactGetItems, in, opts, func(in *dynamodb.TransactGetItemsInput) line {
		tables := map[string]bool{}
		for _, one := range in.TransactItems {
			tables[aws.ToString(one.Get.TableName)] = true
		}
		return line{op: "TransactGetItems", table: tableNames(tables), asked: len(in.TransactItems)}
	}, func(out *dynamodb.TransactGetItemsOutput) result {
		return result{used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}
