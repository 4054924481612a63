package otel_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
)

// TestSpans: each request of each verb is a span with the attributes of the
// conventions, whichever way it goes.
func TestSpans(t *testing.T) {
	t.Parallel()
	type attrs = map[string]any
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			l := open(t, w)
			l.fill(t, 5)
			one := func(units float64, rest string) []string {
				return []string{fmt.Sprintf(`{"TableName":%q,"CapacityUnits":%g%s}`, l.Table(), units, rest)}
			}
			table := func(units float64) string { return fmt.Sprintf(`,"Table":{"CapacityUnits":%g}`, units) }
			write := func(name string, n float64) string {
				return fmt.Sprintf(`,%q:{"%s":{"CapacityUnits":%g}}`, name, map[string]string{
					"GlobalSecondaryIndexes": "rank_idx", "LocalSecondaryIndexes": "text_idx",
				}[name], n)
			}
			global, local := "GlobalSecondaryIndexes", "LocalSecondaryIndexes"
			for _, c := range []struct {
				name string
				do   func(ctx context.Context) error
				want []attrs
			}{
				{"get", func(ctx context.Context) error { _, err := l.Consistent().Get(ctx, at(1)); return err }, []attrs{
					{"db.operation.name": "GetItem", "aws.dynamodb.consistent_read": true, "aws.dynamodb.consumed_capacity": one(1, table(1))},
				}},
				{"exists", func(ctx context.Context) error { _, err := l.Exists(ctx, at(1)); return err }, []attrs{
					{"db.operation.name": "GetItem", "aws.dynamodb.projection": "owner, at", "aws.dynamodb.consumed_capacity": one(0.5, table(0.5))},
				}},
				{"get many", func(ctx context.Context) error {
					_, err := l.GetMany(ctx, []key.Value{at(1), at(2), at(99)})
					return err
				}, []attrs{
					{"db.operation.name": "BatchGetItem", "db.operation.batch.size": int64(3), "aws.dynamodb.consumed_capacity": one(1, table(1))},
				}},
				{"query", func(ctx context.Context) error {
					_, err := l.Query(key.Of(secret)).Where(noteText.Eq(secret)).Descending().Project("text").BatchSize(3).Collect(ctx)
					return err
				}, []attrs{
					{
						"db.operation.name": "Query", "aws.dynamodb.index_name": "text_idx", "aws.dynamodb.limit": int64(3), "aws.dynamodb.scan_forward": false,
						"aws.dynamodb.projection": "text, owner, at", "db.response.returned_rows": int64(3), "aws.dynamodb.consumed_capacity": one(0.5, table(0)+write(local, 0.5)),
					},
					{
						"db.operation.name": "Query", "aws.dynamodb.index_name": "text_idx", "aws.dynamodb.limit": int64(3), "aws.dynamodb.scan_forward": false,
						"aws.dynamodb.projection": "text, owner, at", "db.response.returned_rows": int64(2), "aws.dynamodb.consumed_capacity": one(0.5, table(0)+write(local, 0.5)),
					},
				}},
				{"count", func(ctx context.Context) error { _, err := l.Query(key.Of(secret)).Count(ctx); return err }, []attrs{
					{"db.operation.name": "Query", "aws.dynamodb.select": "COUNT", "db.response.returned_rows": int64(5), "aws.dynamodb.consumed_capacity": one(0.5, table(0.5))},
				}},
				{"scan", func(ctx context.Context) error {
					_, err := l.Scan().Where(noteRank.Gt(1)).Segment(0, 1).Collect(ctx)
					return err
				}, []attrs{
					{
						"db.operation.name": "Scan", "aws.dynamodb.segment": int64(0), "aws.dynamodb.total_segments": int64(1), "db.response.returned_rows": int64(0),
						"aws.dynamodb.count": int64(0), "aws.dynamodb.scanned_count": int64(5), "aws.dynamodb.consumed_capacity": one(0.5, table(0.5)),
					},
				}},
				{"transact get", func(ctx context.Context) error {
					var a, b note
					return l.DB().TransactGet(ctx, l.Into(at(1), &a), l.Into(at(2), &b))
				}, []attrs{
					{"db.operation.name": "TransactGetItems", "db.operation.batch.size": int64(2)},
				}},
				{"create", func(ctx context.Context) error {
					return l.Create(ctx, &note{Owner: secret, At: 50, Text: secret, Rank: 1})
				}, []attrs{
					{"db.operation.name": "PutItem", "aws.dynamodb.consumed_capacity": one(3, table(1)+write(global, 1)+write(local, 1))},
				}},
				{"update", func(ctx context.Context) error { _, err := l.Update(ctx, at(3), noteText.Set(secret+"2")); return err }, []attrs{
					{"db.operation.name": "UpdateItem", "aws.dynamodb.consumed_capacity": one(4, table(1)+write(global, 1)+write(local, 2))},
				}},
				{"delete", func(ctx context.Context) error { return l.Delete(ctx, at(98)) }, []attrs{
					{"db.operation.name": "DeleteItem", "aws.dynamodb.consumed_capacity": one(1, table(1))},
				}},
				{"batch", func(ctx context.Context) error {
					return l.DB().Batch(ctx, l.Ops().Delete(at(97)), l.Ops().Delete(at(96)))
				}, []attrs{
					{"db.operation.name": "BatchWriteItem", "db.operation.batch.size": int64(2), "aws.dynamodb.consumed_capacity": one(4, table(4))},
				}},
				{"transact", func(ctx context.Context) error {
					return l.DB().Transact(ctx, l.Ops().Check(at(1)), l.Ops().Delete(at(95)))
				}, []attrs{
					{"db.operation.name": "TransactWriteItems", "db.operation.batch.size": int64(2)},
				}},
			} {
				l.spans.Reset()
				require.NoError(t, c.do(t.Context()), c.name)
				spans := l.spans.GetSpans()
				require.Len(t, spans, len(c.want), c.name)
				for i, want := range c.want {
					got := attributes(spans[i])
					assert.Equal(t, want["db.operation.name"].(string)+" "+l.Table(), spans[i].Name, c.name)
					assert.Equal(t, trace.SpanKindClient, spans[i].SpanKind, c.name)
					assert.Equal(t, codes.Unset, spans[i].Status.Code, c.name)
					assert.NotEmpty(t, got["aws.request_id"], c.name)
					if want["aws.dynamodb.consumed_capacity"] == nil {
						assert.Len(t, got["aws.dynamodb.consumed_capacity"], 1, c.name)
						delete(got, "aws.dynamodb.consumed_capacity")
					}
					delete(got, "aws.request_id")
					want["db.system.name"], want["db.collection.name"], want["aws.dynamodb.table_names"] = "aws.dynamodb", l.Table(), []string{l.Table()}
					assert.Equal(t, want, got, c.name)
				}
			}
			assert.NotContains(t, fmt.Sprintf("%+v", l.spans.GetSpans()), secret)
		})
	}
}

// TestErrors: what fails is told by its code, after so many attempts, and by
// nothing of the item.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			l := open(t, w)
			l.fill(t, 2)
			quoting := func(*http.Request, faults.Send) (*http.Response, error) {
				body := `{"__type":"com.amazon.coral.validate#ValidationException","message":"bad value ` + secret + `"}`
				return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"X-Amzn-Requestid": {"1"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
			}
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			get := func(ctx context.Context) error { _, err := l.Get(ctx, at(1)); return err }
			for name, c := range map[string]struct {
				faults  []faults.Fault
				do      func(ctx context.Context) error
				ctx     context.Context
				code    string // of DynamoDB; "" if it is another's
				typ     string // of an error that is not DynamoDB's
				retries int
			}{
				"exists": {do: func(ctx context.Context) error { return l.Create(ctx, &note{Owner: secret, At: 1, Text: secret}) }, code: "ConditionalCheckFailedException"},
				"transaction": {do: func(ctx context.Context) error {
					return l.DB().Transact(ctx, l.Ops().Check(at(70)), l.Ops().Delete(at(71)))
				}, code: "TransactionCanceledException"},
				"refused": {do: get, faults: []faults.Fault{quoting}, code: "ValidationException"},
				"throttled for good": {
					do: get, faults: []faults.Fault{faults.Throttle(), faults.Throttle(), faults.Throttle()},
					code: "ProvisionedThroughputExceededException", retries: 2,
				},
				"throttled, refused": {do: get, faults: []faults.Fault{faults.Throttle(), quoting}, code: "ValidationException", retries: 1},
				"throttled, well":    {do: get, faults: []faults.Fault{faults.Throttle(), faults.ServerError(500)}, retries: 2},
				"canceled":           {do: get, ctx: gone, typ: "context.Canceled"},
			} {
				l.spans.Reset()
				l.trouble.Reset()
				var trouble []*faults.Injection
				for i, f := range c.faults {
					trouble = append(trouble, l.trouble.On("*").Nth(i+1).Do(f))
				}
				if c.ctx == nil {
					c.ctx = t.Context()
				}
				err := c.do(c.ctx)
				for _, i := range trouble {
					i.Stop()
				}
				spans := l.spans.GetSpans()
				require.Len(t, spans, 1, name)
				got := attributes(spans[0])
				if c.code == "" && c.typ == "" {
					require.NoError(t, err, name)
					assert.Equal(t, codes.Unset, spans[0].Status.Code, name)
				} else {
					require.Error(t, err, name)
					assert.Equal(t, codes.Error, spans[0].Status.Code, name)
				}
				switch {
				case c.code != "":
					assert.Equal(t, c.code, got["error.type"], name)
					assert.Equal(t, c.code, got["db.response.status_code"], name)
					assert.Contains(t, spans[0].Status.Description, c.code, name)
					if len(c.faults) == 0 { // injected ones have none
						assert.NotEmpty(t, got["aws.request_id"], name)
					}
				case c.typ != "":
					assert.Equal(t, c.typ, got["error.type"], name)
					assert.NotContains(t, got, "db.response.status_code", name)
				default:
					assert.NotContains(t, got, "error.type", name)
				}
				if c.retries > 0 {
					assert.EqualValues(t, c.retries, got["http.request.resend_count"], name)
				} else {
					assert.NotContains(t, got, "http.request.resend_count", name)
				}
				assert.NotContains(t, fmt.Sprintf("%+v", spans), secret, name)
			}
		})
	}
}
