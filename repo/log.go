package repo

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// A logging client sends what it is given and logs a line for each request:
// operation, table, index, counts, what it cost and how long it took, with the
// SDK's retries. A line holds names and numbers and no item data. Where the
// logger is not enabled for slog.LevelDebug it does nothing besides asking that.
type logging struct {
	Client
	log *slog.Logger
}

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

func (l *logging) off(ctx context.Context) bool { return !l.log.Enabled(ctx, slog.LevelDebug) }

type call[I, O any] func(context.Context, I, ...func(*dynamodb.Options)) (O, error)

// logged sends a request and logs its line.
func logged[I, O any](ctx context.Context, l *logging, about line, send call[I, O], in I, opts []func(*dynamodb.Options), tell func(O) result) (O, error) {
	start := time.Now()
	out, err := send(ctx, in, opts...)
	attrs := []slog.Attr{slog.String("op", about.op), slog.String("table", about.table)}
	if about.index != "" {
		attrs = append(attrs, slog.String("index", about.index))
	}
	if about.asked > 0 {
		attrs = append(attrs, slog.Int("asked", about.asked))
	}
	attrs = append(attrs, slog.Duration("took", time.Since(start).Round(time.Microsecond)))
	if err != nil {
		attrs = append(attrs, slog.Int("retries", failedCost(err).Retries), slog.String("error", plainText(err)))
	} else {
		got := tell(out)
		spent := cost(got.meta, got.used...)
		if got.page {
			attrs = append(attrs, slog.Int("returned", int(got.returned)), slog.Int("evaluated", int(got.evaluated)))
		}
		if got.unprocessed > 0 {
			attrs = append(attrs, slog.Int("unprocessed", got.unprocessed))
		}
		attrs = append(attrs, slog.Float64("consumed", spent.Consumed), slog.Int("retries", spent.Retries))
	}
	l.log.LogAttrs(ctx, slog.LevelDebug, "dynarepo: request", attrs...)
	return out, err
}

// one is the capacity that one table consumed, as the answer tells it.
func one(used *types.ConsumedCapacity) []types.ConsumedCapacity {
	if used == nil {
		return nil
	}
	return []types.ConsumedCapacity{*used}
}

// GetItem logs the request and sends it; so do the methods that follow.
func (l *logging) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if l.off(ctx) {
		return l.Client.GetItem(ctx, in, opts...)
	}
	about := line{op: "GetItem", table: aws.ToString(in.TableName)}
	return logged(ctx, l, about, l.Client.GetItem, in, opts, func(out *dynamodb.GetItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// BatchGetItem logs how many keys are left. How many were asked for the input
// does not tell where keys are written into the body past it.
func (l *logging) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if l.off(ctx) {
		return l.Client.BatchGetItem(ctx, in, opts...)
	}
	about := line{op: "BatchGetItem", table: tableNames(in.RequestItems)}
	return logged(ctx, l, about, l.Client.BatchGetItem, in, opts, func(out *dynamodb.BatchGetItemOutput) result {
		left := 0
		for _, t := range out.UnprocessedKeys {
			left += len(t.Keys)
		}
		return result{unprocessed: left, used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}

// Query logs the counts of the page.
func (l *logging) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if l.off(ctx) {
		return l.Client.Query(ctx, in, opts...)
	}
	about := line{op: "Query", table: aws.ToString(in.TableName), index: aws.ToString(in.IndexName)}
	return logged(ctx, l, about, l.Client.Query, in, opts, func(out *dynamodb.QueryOutput) result {
		return result{page: true, returned: out.Count, evaluated: out.ScannedCount, used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// Scan logs the counts of the page.
func (l *logging) Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if l.off(ctx) {
		return l.Client.Scan(ctx, in, opts...)
	}
	about := line{op: "Scan", table: aws.ToString(in.TableName), index: aws.ToString(in.IndexName)}
	return logged(ctx, l, about, l.Client.Scan, in, opts, func(out *dynamodb.ScanOutput) result {
		return result{page: true, returned: out.Count, evaluated: out.ScannedCount, used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// PutItem logs the request and sends it.
func (l *logging) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if l.off(ctx) {
		return l.Client.PutItem(ctx, in, opts...)
	}
	about := line{op: "PutItem", table: aws.ToString(in.TableName)}
	return logged(ctx, l, about, l.Client.PutItem, in, opts, func(out *dynamodb.PutItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// UpdateItem logs the request and sends it.
func (l *logging) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if l.off(ctx) {
		return l.Client.UpdateItem(ctx, in, opts...)
	}
	about := line{op: "UpdateItem", table: aws.ToString(in.TableName)}
	return logged(ctx, l, about, l.Client.UpdateItem, in, opts, func(out *dynamodb.UpdateItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// DeleteItem logs the request and sends it.
func (l *logging) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if l.off(ctx) {
		return l.Client.DeleteItem(ctx, in, opts...)
	}
	about := line{op: "DeleteItem", table: aws.ToString(in.TableName)}
	return logged(ctx, l, about, l.Client.DeleteItem, in, opts, func(out *dynamodb.DeleteItemOutput) result {
		return result{used: one(out.ConsumedCapacity), meta: out.ResultMetadata}
	})
}

// BatchWriteItem logs how many writes are left.
func (l *logging) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if l.off(ctx) {
		return l.Client.BatchWriteItem(ctx, in, opts...)
	}
	about := line{op: "BatchWriteItem", table: tableNames(in.RequestItems)}
	return logged(ctx, l, about, l.Client.BatchWriteItem, in, opts, func(out *dynamodb.BatchWriteItemOutput) result {
		left := 0
		for _, t := range out.UnprocessedItems {
			left += len(t)
		}
		return result{unprocessed: left, used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}

// TransactGetItems logs how many items are asked for.
func (l *logging) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	if l.off(ctx) {
		return l.Client.TransactGetItems(ctx, in, opts...)
	}
	tables := map[string]bool{}
	for _, one := range in.TransactItems {
		tables[aws.ToString(one.Get.TableName)] = true
	}
	about := line{op: "TransactGetItems", table: tableNames(tables), asked: len(in.TransactItems)}
	return logged(ctx, l, about, l.Client.TransactGetItems, in, opts, func(out *dynamodb.TransactGetItemsOutput) result {
		return result{used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}

// TransactWriteItems logs how many operations are asked for.
func (l *logging) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if l.off(ctx) {
		return l.Client.TransactWriteItems(ctx, in, opts...)
	}
	tables := map[string]bool{}
	for _, one := range in.TransactItems {
		switch {
		case one.Put != nil:
			tables[aws.ToString(one.Put.TableName)] = true
		case one.Update != nil:
			tables[aws.ToString(one.Update.TableName)] = true
		case one.Delete != nil:
			tables[aws.ToString(one.Delete.TableName)] = true
		case one.ConditionCheck != nil:
			tables[aws.ToString(one.ConditionCheck.TableName)] = true
		}
	}
	about := line{op: "TransactWriteItems", table: tableNames(tables), asked: len(in.TransactItems)}
	return logged(ctx, l, about, l.Client.TransactWriteItems, in, opts, func(out *dynamodb.TransactWriteItemsOutput) result {
		return result{used: out.ConsumedCapacity, meta: out.ResultMetadata}
	})
}

// tableNames lists tables by name.
func tableNames[V any](tables map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(tables)), ", ")
}
