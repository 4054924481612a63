package otel_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/key"
	dynaotel "github.com/dynarepo/dynarepo/otel"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// City is an item.
type City struct {
	ID   string `dynamodbav:"id"`
	Name string `dynamodbav:"name"`
}

var citySpec = repo.Spec{Table: "cities", Key: key.Spec{Hash: key.String("id")}, OnDemand: true}

// A program gives its providers, or leaves them to the global ones.
func Example() {
	ctx := context.Background()
	e, err := engine.Start(ctx) // a program names its own endpoint, or none for AWS
	if err != nil {
		log.Fatal(err)
	}
	spans := tracetest.NewInMemoryExporter() // a program exports to its collector
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	if err := errors.Join(traced(ctx, e.Endpoint(), tracers), e.Close()); err != nil {
		log.Fatal(err)
	}
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, span.SpanKind)
		for _, a := range span.Attributes {
			if strings.HasPrefix(string(a.Key), "cloud.") || strings.HasPrefix(string(a.Key), "db.") {
				fmt.Printf("  %s=%s\n", a.Key, a.Value.String())
			}
		}
	}
	// Output:
	// own path: first attempts are the library's own, the rest is the SDK's
	// PutItem app_cities client
	//   cloud.region=eu-central-1
	//   db.system.name=aws.dynamodb
	//   db.operation.name=PutItem
	//   db.collection.name=app_cities
	// Scan app_cities client
	//   cloud.region=eu-central-1
	//   db.system.name=aws.dynamodb
	//   db.operation.name=Scan
	//   db.collection.name=app_cities
	//   db.response.returned_rows=1
}

func traced(ctx context.Context, endpoint string, tracers *sdktrace.TracerProvider) error {
	observe, err := dynaotel.New(&dynaotel.Options{
		Tracers:    tracers,
		Attributes: []attribute.KeyValue{semconv.CloudRegion("eu-central-1")},
	})
	if err != nil {
		return err
	}
	db, err := repo.Open(ctx, &repo.Config{Namespace: "app", Endpoint: endpoint, Region: "eu-central-1", Observe: observe})
	if err != nil {
		return err
	}
	fmt.Println("own path:", db.Path())
	cities, err := repo.New[City](db, citySpec)
	if err != nil {
		return err
	}
	if _, err := table.Create(ctx, cities, nil); err != nil {
		return err
	}
	if err := cities.Create(ctx, &City{ID: "1", Name: "Bern"}); err != nil {
		return err
	}
	_, err = cities.Scan().Collect(ctx)
	return err
}

// A use of one's own needs no OpenTelemetry.
func Example_own() {
	ctx := context.Background()
	e, err := engine.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := errors.Join(watched(ctx, e.Endpoint()), e.Close()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=WARN msg="a read of more than a unit" operation=Scan table=app_cities units=1.5
}

func watched(ctx context.Context, endpoint string) error {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	dear := func(ctx context.Context, r *repo.Request) (context.Context, func()) {
		return ctx, func() {
			if r.Operation == "Scan" && r.Stats.Consumed > 1 {
				logger.WarnContext(ctx, "a read of more than a unit",
					"operation", r.Operation, "table", r.Tables[0], "units", r.Stats.Consumed)
			}
		}
	}
	db, err := repo.Open(ctx, &repo.Config{Namespace: "app", Endpoint: endpoint, Observe: dear})
	if err != nil {
		return err
	}
	cities, err := repo.New[City](db, citySpec)
	if err != nil {
		return err
	}
	if _, err := table.Create(ctx, cities, nil); err != nil {
		return err
	}
	for _, id := range []string{"1", "2", "3"} {
		if err := cities.Create(ctx, &City{ID: id, Name: strings.Repeat("Bern", 1000)}); err != nil {
			return err
		}
	}
	_, err = cities.Scan().Collect(ctx)
	return err
}
