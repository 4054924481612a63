package otel_test

import (
	"context"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/dynarepo/dynarepo/key"
	dynaotel "github.com/dynarepo/dynarepo/otel"
	"github.com/dynarepo/dynarepo/repo"
)

// canned answers every request with the same item.
type canned struct{}

const cannedBody = `{"Item":{"id":{"S":"1"},"name":{"S":"Bern"}}}`

var cannedSum = strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(cannedBody))), 10)

func (canned) Do(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: req, ContentLength: int64(len(cannedBody)),
		Header: http.Header{"X-Amz-Crc32": {cannedSum}}, Body: io.NopCloser(strings.NewReader(cannedBody)),
	}, nil
}

// observers are what may be told, by name.
func observers(tb testing.TB) map[string]func(*repo.Config) {
	tb.Helper()
	noop, err := dynaotel.New(nil) // the global providers do nothing
	require.NoError(tb, err)
	tracers := sdktrace.NewTracerProvider(sdktrace.WithBatcher(tracetest.NewNoopExporter()))
	tb.Cleanup(func() { assert.NoError(tb, tracers.Shutdown(context.Background())) })
	recorded, err := dynaotel.New(&dynaotel.Options{
		Tracers: tracers,
		Meters:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())),
	})
	require.NoError(tb, err)
	return map[string]func(*repo.Config){
		"off": func(*repo.Config) {},
		"empty": func(c *repo.Config) {
			c.Observe = func(context.Context, *repo.Request) (context.Context, func()) { return nil, nil }
		},
		"noop":     func(c *repo.Config) { c.Observe = noop },
		"recorded": func(c *repo.Config) { c.Observe = recorded },
	}
}

// getter returns a read of one item through a client that is answered at once.
func getter(tb testing.TB, opt func(*repo.Config)) func() {
	tb.Helper()
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", HTTPClient: canned{}, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	})
	var cfg repo.Config
	opt(&cfg)
	db, err := repo.NewDB(client, &cfg)
	require.NoError(tb, err)
	require.Contains(tb, db.Path(), "the library's own")
	cities, err := repo.New[City](db, citySpec)
	require.NoError(tb, err)
	ctx, k := context.Background(), key.Of("1")
	return func() {
		if _, err := cities.Get(ctx, k); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkGet: what it costs to be told of a request that takes no time.
func BenchmarkGet(b *testing.B) {
	all := observers(b)
	for _, name := range []string{"off", "empty", "noop", "recorded"} {
		b.Run("observe="+name, func(b *testing.B) {
			get := getter(b, all[name])
			get()
			b.ReportAllocs()
			for b.Loop() {
				get()
			}
		})
	}
}

// TestOff: without an observer a read allocates less than with one that does nothing,
// and that one little more. That it allocates no more than it did before there could
// be one, bench/budget_test.go holds to.
func TestOff(t *testing.T) {
	all := observers(t)
	allocs := func(name string) float64 {
		get := getter(t, all[name])
		get()
		return testing.AllocsPerRun(200, get)
	}
	off, empty := allocs("off"), allocs("empty")
	assert.Less(t, off, empty)
	assert.LessOrEqual(t, empty, off+10)
}
