package otel_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	dynaotel "github.com/dynarepo/dynarepo/otel"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// note is an item of which nothing may be recorded.
type note struct {
	Owner   string `dynamodbav:"owner"`
	At      int    `dynamodbav:"at"`
	Text    string `dynamodbav:"text"`
	Rank    int    `dynamodbav:"rank"`
	Version int64  `dynamodbav:"version"`
}

var (
	noteText = cond.Field(func(n *note) *string { return &n.Text })
	noteRank = cond.Field(func(n *note) *int { return &n.Rank })
)

const secret = "SECRET-77077"

func noteSpec() repo.Spec {
	return repo.Spec{
		Table: "notes", Key: key.Spec{Hash: key.String("owner"), Range: key.Int("at")},
		Indexes: []index.Spec{index.Global("rank_idx", key.Int("rank")).Include("text"), index.Local("text_idx", key.String("text"))},
		Lock:    lock.Version("version"), OnDemand: true,
	}
}

// A way is one that requests can go.
type way struct {
	name     string
	client   func(*dynamodb.Options)
	standard bool
}

var ways = []way{
	{name: "lean", client: func(*dynamodb.Options) {}},
	{name: "SDK", client: func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return nil })
	}},
	{name: "standard", client: func(*dynamodb.Options) {}, standard: true},
}

// A lab is a repository whose requests are recorded.
type lab struct {
	*repo.Repo[note]
	trouble *faults.Transport
	spans   *tracetest.InMemoryExporter
	tracer  *sdktrace.TracerProvider
	reader  *sdkmetric.ManualReader
}

// open returns a lab with an empty table.
func open(t *testing.T, w way, opts ...func(*dynaotel.Options)) *lab {
	t.Helper()
	l := &lab{trouble: faults.New(nil), spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	l.tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(l.spans))
	o := dynaotel.Options{Tracers: l.tracer, Meters: sdkmetric.NewMeterProvider(sdkmetric.WithReader(l.reader))}
	for _, opt := range opts {
		opt(&o)
	}
	observe, err := dynaotel.New(&o)
	require.NoError(t, err)
	client := enginetest.Client(t, func(o *dynamodb.Options) {
		o.HTTPClient = l.trouble
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter, o.Backoff = ratelimit.None, retry.NewExponentialJitterBackoff(1)
		})
		w.client(o)
	})
	db, err := repo.NewDB(client, &repo.Config{
		Namespace: enginetest.Namespace(t), StandardCodec: w.standard, ScanPolicy: repo.ScanAllow, Observe: observe,
	})
	require.NoError(t, err)
	l.Repo, err = repo.New[note](db, noteSpec())
	require.NoError(t, err)
	_, err = table.Create(t.Context(), l.Repo, nil)
	require.NoError(t, err)
	require.Empty(t, l.spans.GetSpans(), "of repositories alone")
	return l
}

// fill stores n notes of the secret's owner, and forgets what was recorded.
func (l *lab) fill(t *testing.T, n int) {
	t.Helper()
	var puts []repo.Op
	for i := range n {
		puts = append(puts, l.Overwrite().Ops().Put(&note{Owner: secret, At: i, Text: secret, Rank: 1}))
	}
	require.NoError(t, l.DB().Batch(t.Context(), puts...))
	l.spans.Reset()
}

// at is the key of a note.
func at(i int) key.Value { return key.Of(secret).Range(i) }

// attributes are those of a span by name.
func attributes(span tracetest.SpanStub) map[string]any {
	all := map[string]any{}
	for _, a := range span.Attributes {
		all[string(a.Key)] = a.Value.AsInterface()
	}
	return all
}

// A point is a measurement: its instrument and attributes as text, its value.
type points map[string]float64

// measured are the sums of all instruments; of histograms, how many were recorded.
func (l *lab) measured(t *testing.T) points {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, l.reader.Collect(t.Context(), &all))
	out := points{}
	add := func(name string, set attribute.Set, v float64) {
		for _, k := range []attribute.Key{"db.operation.name", "error.type", "aws.dynamodb.index_name"} {
			if v, ok := set.Value(k); ok {
				name += " " + v.AsString()
			}
		}
		if v, ok := set.Value("db.collection.name"); ok && v.AsString() != l.Table() {
			name += " of " + v.AsString()
		}
		out[name] += v
	}
	for _, scope := range all.ScopeMetrics {
		require.Equal(t, dynaotel.Scope, scope.Scope.Name)
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, float64(p.Count))
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, float64(p.Sum))
				}
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, float64(p.Value))
				}
			case metricdata.Sum[float64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, p.Value)
				}
			default:
				require.Fail(t, fmt.Sprintf("%T", data))
			}
		}
	}
	return out
}
