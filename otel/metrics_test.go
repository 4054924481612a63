package otel_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	dynaotel "github.com/dynarepo/dynarepo/otel"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// TestMetrics: durations, rows, attempts and units are those of the requests, the
// library's first attempts and the SDK's retries alike.
func TestMetrics(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			l := open(t, w)
			l.fill(t, 5)
			ctx := t.Context()
			trouble := l.trouble.On("GetItem").Nth(1).Do(faults.Throttle())
			_, err := l.Get(ctx, at(1)) // two attempts
			require.NoError(t, err)
			_, err = l.Get(ctx, at(2))
			require.NoError(t, err)
			trouble.Stop()
			require.Error(t, l.Create(ctx, &note{Owner: secret, At: 1}))
			_, err = l.Query(key.Of(1)).Index("rank_idx").Partial().BatchSize(2).Collect(ctx) // 2, 2, 1
			require.NoError(t, err)
			assert.Equal(t, points{
				"db.client.operation.duration BatchWriteItem":                          1,
				"db.client.operation.duration GetItem":                                 2,
				"db.client.operation.duration PutItem ConditionalCheckFailedException": 1,
				"db.client.operation.duration Query":                                   3,
				"db.client.response.returned_rows Query":                               5,
				"dynarepo.client.attempts BatchWriteItem":                              1,
				"dynarepo.client.attempts GetItem":                                     3,
				"dynarepo.client.attempts PutItem ConditionalCheckFailedException":     1,
				"dynarepo.client.attempts Query":                                       3,
				"dynarepo.client.consumed_capacity BatchWriteItem":                     5,
				"dynarepo.client.consumed_capacity BatchWriteItem rank_idx":            5,
				"dynarepo.client.consumed_capacity BatchWriteItem text_idx":            5,
				"dynarepo.client.consumed_capacity GetItem":                            1,
				"dynarepo.client.consumed_capacity Query rank_idx":                     1.5,
			}, l.measured(t))
		})
	}
}

// TestSeveralTables: a transaction over two tables is one span, of no collection,
// and its units are those of each.
func TestSeveralTables(t *testing.T) {
	t.Parallel()
	l := open(t, ways[0])
	l.fill(t, 1)
	others, err := repo.New[note](l.DB(), func() repo.Spec { s := noteSpec(); s.Table = "others"; return s }())
	require.NoError(t, err)
	_, err = table.Create(t.Context(), others, nil)
	require.NoError(t, err)
	require.NoError(t, l.DB().Transact(t.Context(), l.Ops().Check(at(0)), others.Ops().Create(&note{Owner: "o", At: 1, Text: "t", Rank: 1})))
	spans := l.spans.GetSpans()
	require.Len(t, spans, 1)
	assert.Equal(t, "TransactWriteItems", spans[0].Name)
	got := attributes(spans[0])
	assert.NotContains(t, got, "db.collection.name")
	assert.Equal(t, []string{l.Table(), others.Table()}, got["aws.dynamodb.table_names"])
	assert.Len(t, got["aws.dynamodb.consumed_capacity"], 2)
	m := l.measured(t)
	assert.Positive(t, m["dynarepo.client.consumed_capacity TransactWriteItems"])
	assert.Positive(t, m["dynarepo.client.consumed_capacity TransactWriteItems of "+others.Table()])
}

// TestContext: a request's span is a child of the context's, and what lies beneath
// it finds it there; the path stays as it is.
func TestContext(t *testing.T) {
	t.Parallel()
	l := open(t, ways[0], func(o *dynaotel.Options) {
		o.Attributes = []attribute.KeyValue{attribute.String("cloud.region", "eu-west-1")}
	})
	plain, err := repo.NewDB(l.DB().Client(), nil)
	require.NoError(t, err)
	assert.Equal(t, plain.Path(), l.DB().Path())
	l.fill(t, 40)
	var sent atomic.Pointer[trace.SpanContext]
	l.trouble.On("*").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		sc := trace.SpanContextFromContext(req.Context())
		sent.Store(&sc)
		return send(req)
	})
	ctx, parent := l.tracer.Tracer("test").Start(t.Context(), "parent")
	for n, err := range l.Query(key.Of(secret)).BatchSize(10).Prefetch(2).All(ctx) {
		require.NoError(t, err)
		if n.At == 15 {
			break
		}
	}
	parent.End()
	spans := l.spans.GetSpans()
	require.GreaterOrEqual(t, len(spans), 3)
	for _, span := range spans[:len(spans)-1] {
		assert.Equal(t, parent.SpanContext().SpanID(), span.Parent.SpanID())
		assert.Equal(t, "eu-west-1", attributes(span)["cloud.region"])
		assert.False(t, span.EndTime.Before(span.StartTime))
	}
	assert.Equal(t, "parent", spans[len(spans)-1].Name, "all have ended when the loop has")
	last := *sent.Load()
	assert.Equal(t, parent.SpanContext().TraceID(), last.TraceID())
	assert.NotEqual(t, parent.SpanContext().SpanID(), last.SpanID())
}

// TestUnsampled: what is not sampled is measured all the same.
func TestUnsampled(t *testing.T) {
	t.Parallel()
	l := open(t, ways[0], func(o *dynaotel.Options) {
		o.Tracers = sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	})
	l.fill(t, 1)
	_, err := l.Get(t.Context(), at(0))
	require.NoError(t, err)
	assert.Empty(t, l.spans.GetSpans())
	assert.Positive(t, l.measured(t)["db.client.operation.duration GetItem"])
}

// TestDefaults: without options the global providers are used, which do nothing.
func TestDefaults(t *testing.T) {
	t.Parallel()
	observe, err := dynaotel.New(nil)
	require.NoError(t, err)
	ctx, end := observe(context.Background(), &repo.Request{Operation: "GetItem", Err: errors.New("no code")})
	assert.False(t, trace.SpanContextFromContext(ctx).IsValid())
	end()
}
