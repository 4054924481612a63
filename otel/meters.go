package otel

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/dbconv"

	"github.com/dynarepo/dynarepo/repo"
)

// meters are the instruments: two of the conventions, and two of our own for what
// they have no name for.
type meters struct {
	duration dbconv.ClientOperationDuration
	rows     dbconv.ClientResponseReturnedRows
	attempts metric.Int64Counter
	consumed metric.Float64Counter
}

func newMeters(m metric.Meter) (*meters, error) {
	var errs [4]error
	var all meters
	all.duration, errs[0] = dbconv.NewClientOperationDuration(m, metric.WithExplicitBucketBoundaries(.001, .005, .01, .05, .1, .5, 1, 5, 10))
	all.rows, errs[1] = dbconv.NewClientResponseReturnedRows(m, metric.WithExplicitBucketBoundaries(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000))
	all.attempts, errs[2] = m.Int64Counter("dynarepo.client.attempts", metric.WithUnit("{attempt}"),
		metric.WithDescription("Attempts of requests: first ones and those of the SDK's retries."))
	all.consumed, errs[3] = m.Float64Counter("dynarepo.client.consumed_capacity", metric.WithUnit("{capacity_unit}"),
		metric.WithDescription("Capacity units that requests consumed, by table and index."))
	return &all, errors.Join(errs[:]...)
}

// record measures a request that has ended.
func (m *meters) record(ctx context.Context, r *repo.Request, a answer, took time.Duration, attrs []attribute.KeyValue) {
	set := attribute.NewSet(attrs...)
	m.duration.RecordSet(ctx, took.Seconds(), set)
	if a.page {
		m.rows.RecordSet(ctx, int64(r.Stats.Returned), set)
	}
	m.attempts.Add(ctx, int64(r.Stats.Requests+r.Stats.Retries), metric.WithAttributeSet(set))
	for _, used := range a.used {
		about := slices.Concat(attrs, []attribute.KeyValue{semconv.DBCollectionName(aws.ToString(used.TableName))})
		whole := aws.ToFloat64(used.CapacityUnits)
		for index, c := range used.GlobalSecondaryIndexes {
			whole -= m.units(ctx, c.CapacityUnits, append(about[:len(about):len(about)], semconv.AWSDynamoDBIndexName(index)))
		}
		for index, c := range used.LocalSecondaryIndexes {
			whole -= m.units(ctx, c.CapacityUnits, append(about[:len(about):len(about)], semconv.AWSDynamoDBIndexName(index)))
		}
		if whole > 0 {
			m.units(ctx, &whole, about)
		}
	}
}

// units adds units and returns them.
func (m *meters) units(ctx context.Context, n *float64, attrs []attribute.KeyValue) float64 {
	m.consumed.Add(ctx, aws.ToFloat64(n), metric.WithAttributes(attrs...))
	return aws.ToFloat64(n)
}
