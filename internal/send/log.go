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
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A told client sends what it is given as the context wants it, measures it for
// whom the context names, tells the observer, and logs a line for each request:
// operation, table, index, counts, what it cost and how long it took, with the
// SDK's retries. A line holds names and numbers and no item data. Where nobody
// wants any of this it does nothing besides asking.
type told struct {
	Client // the SDK's, or what wraps it

	lane    Client // for calls without options of the caller's; nil if there is none
	log     *slog.Logger
	observe Observe // or nil
}

// Told returns a client that tells of its requests. They go to lane, which guards
// its answers itself, if it is not nil; calls that a context gives options go to
// client, which applies them.
func Told(client, lane Client, log *slog.Logger, observe Observe) Client {
	return &told{client, lane, log, observe}
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
func through[I, O any](ctx context.Context, t *told, send sender[I, O], in I, opts []func(*dynamodb.Options), about func(I) Request, tell func(O) result) (O, error) {
	if ctx == nil {
		var none O
		return none, ErrContext
	}
	c, logs := callOf(ctx), t.log.Enabled(ctx, slog.LevelDebug)
	tells := logs || t.observe != nil || c != nil && c.meter != nil
	own := opts
	opts = c.apply(in, opts, tells)
	client := t.lane
	if client == nil || c != nil && len(c.options) > 0 {
		client, opts = t.Client, append(opts[:len(opts):len(opts)], wire.Guard)
	}
	if !tells {
		out, err := send(client, ctx, in, opts...)
		return out, answered(err)
	}
	r := about(in)
	r.Input = in
	r.count(own)
	var seen wire.Attempts
	ctx, end := t.begin(ctx, &r)
	start := time.Now()
	out, err := send(client, ctx, in, slices.Concat(opts, []func(*dynamodb.Options){seen.Option()})...)
	took := time.Since(start)
	err = answered(err)
	var got result
	spent := FailedCost(err)
	if err == nil {
		got = tell(out)
		spent = got.stats()
		r.Output = out
		if _, ok := awsmiddleware.GetRequestIDMetadata(got.meta); !ok && seen.ID != "" {
			awsmiddleware.SetRequestIDMetadata(&got.meta, seen.ID) // which the answer shares, if it has any
		}
	}
	if seen.Seen > 0 {
		spent.Retries = seen.Seen - 1
	}
	r.Stats, r.Err = spent, unquoted(err)
	r.Stats.Returned = int(got.returned)
	end()
	if c != nil && !errors.Is(err, wire.ErrBody) { // which was not sent
		c.meter.Add(spent)
	}
	if logs {
		t.line(ctx, &r, &got, took)
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

func (t *told) line(ctx context.Context, r *Request, got *result, took time.Duration) {
	attrs := []slog.Attr{slog.String("op", r.Operation), slog.String("table", strings.Join(r.Tables, ", "))}
	if name := indexOf(r.Input); name != "" {
		attrs = append(attrs, slog.String("index", name))
	}
	if r.Size > 0 {
		attrs = append(attrs, slog.Int("asked", r.Size))
	}
	attrs = append(attrs, slog.Duration("took", took.Round(time.Microsecond)))
	if r.Err != nil {
		attrs = append(attrs, slog.Int("retries", r.Stats.Retries), slog.String("error", fault.Text(r.Err)))
	} else {
		if got.page {
			attrs = append(attrs, slog.Int("returned", int(got.returned)), slog.Int("evaluated", int(got.evaluated)))
		}
		if got.unprocessed > 0 {
			attrs = append(attrs, slog.Int("unprocessed", got.unprocessed))
		}
		attrs = append(attrs, slog.Float64("consumed", r.Stats.Consumed), slog.Int("retries", r.Stats.Retries))
	}
	t.log.LogAttrs(ctx, slog.LevelDebug, "dynarepo: request", attrs...)
}

// indexOf is the index that a request reads; "" for the table itself.
func indexOf(input any) string {
	switch in := input.(type) {
	case *dynamodb.QueryInput:
		return aws.ToString(in.IndexName)
	case *dynamodb.ScanInput:
		return aws.ToString(in.IndexName)
	}
	return ""
}

// table is the one table of a request.
func table(name *string) []string { return []string{aws.ToString(name)} }

// tableNames lists tables by name.
func tableNames[V any](tables map[string]V) []string { return slices.Sorted(maps.Keys(tables)) }

// GetItem sends the request; so do the methods that follow.
func (t *told) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return through(ctx, t, Client.GetItem, in, opts, func(in *dynamodb.GetItemInput) Request {
		return Request{Operation: "GetItem", Tables: table(in.TableName)}
	}, func(out *dynamodb.GetItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// BatchGetItem tells how many keys are asked for, and how many are left.
func (t *told) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return through(ctx, t, Client.BatchGetItem, in, opts, func(in *dynamodb.BatchGetItemInput) Request {
		r := Request{Operation: "BatchGetItem", Tables: tableNames(in.RequestItems)}
		for _, t := range in.RequestItems {
			r.Size += len(t.Keys)
		}
		return r
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
	return through(ctx, t, Client.Query, in, opts, func(in *dynamodb.QueryInput) Request {
		return Request{Operation: "Query", Tables: table(in.TableName)}
	}, func(out *dynamodb.QueryOutput) result {
		return result{page: true, returned: out.Count, evaluated: out.ScannedCount, used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// Scan tells the counts of the page.
func (t *told) Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return through(ctx, t, Client.Scan, in, opts, func(in *dynamodb.ScanInput) Request {
		return Request{Operation: "Scan", Tables: table(in.TableName)}
	}, func(out *dynamodb.ScanOutput) result {
		return result{page: true, returned: out.Count, evaluated: out.ScannedCount, used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// TransactGetItems tells how many items are asked for.
func (t *told) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return through(ctx, t, Client.TransactGetItems, in, opts, func(in *dynamodb.TransactGetItemsInput) Request {
		tables := map[string]bool{}
		for _, one := range in.TransactItems {
			tables[aws.ToString(one.Get.TableName)] = true
		}
		return Request{Operation: "TransactGetItems", Tables: tableNames(tables), Size: len(in.TransactItems)}
	}, func(out *dynamodb.TransactGetItemsOutput) result {
		return result{used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}
