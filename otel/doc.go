// Package otel makes spans and metrics of OpenTelemetry of the requests that
// repositories send, by the semantic conventions of DynamoDB. Import it as dynaotel
// where OpenTelemetry's own otel is imported too.
//
//	observe, err := dynaotel.New(nil)
//	db, err := repo.Open(ctx, &repo.Config{Observe: observe})
//
// It is a module of its own, so that OpenTelemetry is nobody's dependency who does
// not ask for it. First attempts of requests stay the library's own: a tracer or a
// meter of the SDK's options would leave them to the SDK.
//
// Names and numbers are recorded, and never item data: of keys, conditions and
// items nothing, of errors their codes.
//
// The conventions are those of version 1.43, whose part about DynamoDB is in
// development: https://opentelemetry.io/docs/specs/semconv/db/dynamodb/.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/observability.md.
package otel
