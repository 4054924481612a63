package otel

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/dynarepo/dynarepo/repo"
)

// Scope is the instrumentation scope of the spans and metrics.
const Scope = "github.com/dynarepo/dynarepo/otel"

// Options are what [New] takes. The zero value of each field is its default.
type Options struct {
	// Tracers makes spans. Defaults to the global provider.
	Tracers trace.TracerProvider
	// Meters makes metrics. Defaults to the global provider.
	Meters metric.MeterProvider
	// Attributes are those of every span and of every measurement, such as
	// semconv.CloudRegion and semconv.ServerAddress. Defaults to none.
	Attributes []attribute.KeyValue
}

// New returns what repo.Config.Observe takes: a span for each request, a child of
// that of the context, and measurements. docs/observability.md has the names. A
// provider that refuses an instrument is the error; nil stands for the zero Options.
func New(o *Options) (func(context.Context, *repo.Request) (context.Context, func()), error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Tracers == nil {
		opts.Tracers = otel.GetTracerProvider()
	}
	if opts.Meters == nil {
		opts.Meters = otel.GetMeterProvider()
	}
	m, err := newMeters(opts.Meters.Meter(Scope, metric.WithSchemaURL(semconv.SchemaURL)))
	if err != nil {
		return nil, err
	}
	w := &watch{
		tracer: opts.Tracers.Tracer(Scope, trace.WithSchemaURL(semconv.SchemaURL)),
		meters: m, attrs: append(opts.Attributes[:len(opts.Attributes):len(opts.Attributes)], semconv.DBSystemNameAWSDynamoDB),
	}
	return w.observe, nil
}

// A watch records requests. It is safe for concurrent use.
type watch struct {
	tracer trace.Tracer
	meters *meters
	attrs  []attribute.KeyValue // of all that is recorded
}

// observe begins a span and returns what ends it.
func (w *watch) observe(ctx context.Context, r *repo.Request) (context.Context, func()) {
	start := time.Now()
	about := slices.Concat(w.attrs, []attribute.KeyValue{semconv.DBOperationName(r.Operation)})
	name := r.Operation
	if len(r.Tables) == 1 {
		about = append(about, semconv.DBCollectionName(r.Tables[0]))
		name += " " + r.Tables[0]
	}
	under, span := w.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(start), trace.WithAttributes(about...))
	if span.IsRecording() {
		span.SetAttributes(asked(r)...)
	}
	return under, func() {
		end := time.Now()
		failed, a := failure(r.Err), answerOf(r)
		if span.IsRecording() {
			span.SetAttributes(answered(r, a)...)
			span.SetAttributes(failed...)
			if r.Err != nil {
				span.SetStatus(codes.Error, r.Err.Error())
			}
		}
		span.End(trace.WithTimestamp(end))
		w.meters.record(under, r, a, end.Sub(start), append(about, failed...))
	}
}
