package wire_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// order is the mixed model of the benchmarks: 10 attributes, 22 values.
type order struct {
	PK      string    `dynamodbav:"pk"`
	SK      string    `dynamodbav:"sk"`
	Name    string    `dynamodbav:"name"`
	Count   int64     `dynamodbav:"count"`
	Score   float64   `dynamodbav:"score"`
	Active  bool      `dynamodbav:"active"`
	Created time.Time `dynamodbav:"created_at"`
	Tags    []string  `dynamodbav:"tags,stringset"`
	Address address   `dynamodbav:"address"`
	Lines   []line    `dynamodbav:"lines"`
}

type address struct {
	Street string `dynamodbav:"street"`
	City   string `dynamodbav:"city"`
	Zip    string `dynamodbav:"zip"`
	Number int    `dynamodbav:"number"`
}

type line struct {
	SKU      string  `dynamodbav:"sku"`
	Quantity int     `dynamodbav:"quantity"`
	Price    float64 `dynamodbav:"price"`
}

func orders(n int) []order {
	list := make([]order, n)
	for i := range list {
		list[i] = order{
			fmt.Sprintf("customer#%06d", i/100), fmt.Sprintf("order#2026-11-%02d#%08d", i%28+1, i), fmt.Sprint("Order number ", i),
			int64(i) * 7919, float64(i) * 1.25, i%2 == 0, time.Date(2026, 11, i%28+1, 12, 30, i%60, 123456789, time.UTC),
			[]string{"alpha", fmt.Sprint("beta-", i%10), "gamma"},
			address{"Main Street", "Springfield", fmt.Sprintf("%05d", i), i % 200},
			[]line{{fmt.Sprintf("sku-%05d", i%5000), i%9 + 1, 19.95}, {fmt.Sprintf("sku-%05d", i%4999), 1, 5.5}},
		}
	}
	return list
}

// canned is an HTTP client that gives one answer at once, so that a benchmark
// measures the client's work alone.
type canned struct {
	body []byte
	sum  string
}

func can(tb testing.TB, c *codec.Codec, before string, items []order, after string) *canned {
	tb.Helper()
	body := []byte(before)
	for i := range items {
		if i > 0 {
			body = append(body, ',')
		}
		var err error
		body, err = c.AppendItem(body, reflect.ValueOf(&items[i]).Elem())
		require.NoError(tb, err)
	}
	body = append(body, after...)
	return &canned{body, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}
}

func (c *canned) Do(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Crc32": {c.sum}},
		ContentLength: int64(len(c.body)),
		Body:          io.NopCloser(bytes.NewReader(c.body)),
	}, nil
}

func (c *canned) client() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", HTTPClient: c,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	})
}

// operation is the same work on different paths.
type operation struct {
	name  string
	paths map[string]func(testing.TB)
}

func operations(tb testing.TB) []operation {
	c := codecOf[order](tb)
	list := orders(1000)
	page := can(tb, c, `{"Count":1000,"Items":[`, list, `],"ScannedCount":1000}`).client()
	one := can(tb, c, `{"Item":`, list[:1], `}`).client()
	empty := can(tb, c, `{`, nil, `}`).client()
	table := aws.String("orders")
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "customer#000000"}}
	values := func(tb testing.TB) map[string]types.AttributeValue {
		item, err := attributevalue.MarshalMap(&list[7])
		require.NoError(tb, err)
		return item
	}
	prebuilt := values(tb)
	in := &dynamodb.QueryInput{TableName: table}
	put := func(tb testing.TB, item map[string]types.AttributeValue, opts ...func(*dynamodb.Options)) {
		_, err := empty.PutItem(tb.Context(), &dynamodb.PutItemInput{TableName: table, Item: item}, opts...)
		require.NoError(tb, err)
	}
	batch := func(tb testing.TB, requests []types.WriteRequest, opts ...func(*dynamodb.Options)) {
		_, err := empty.BatchWriteItem(tb.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"orders": requests}}, opts...)
		require.NoError(tb, err)
	}
	text := func(tb testing.TB, i int) []byte {
		text, err := c.AppendItem(make([]byte, 0, 1<<10), reflect.ValueOf(&list[i]).Elem())
		require.NoError(tb, err)
		return text
	}
	return []operation{
		{"query/1000", map[string]func(testing.TB){
			"wire": func(tb testing.TB) {
				sink := wire.NewSink(c)
				defer sink.Release()
				_, err := page.Query(tb.Context(), in, sink.Options()...)
				require.NoError(tb, err)
				require.Equal(tb, 1000, sink.Take().Len())
			},
			"sdk+attributevalue": func(tb testing.TB) {
				out, err := page.Query(tb.Context(), in)
				require.NoError(tb, err)
				var items []order
				require.NoError(tb, attributevalue.UnmarshalListOfMaps(out.Items, &items))
				require.Len(tb, items, 1000)
			},
			"sdk+codec": func(tb testing.TB) {
				out, err := page.Query(tb.Context(), in)
				require.NoError(tb, err)
				items := make([]order, len(out.Items))
				for i, item := range out.Items {
					require.NoError(tb, c.Decode(item, reflect.ValueOf(&items[i]).Elem()))
				}
			},
		}},
		{"get", map[string]func(testing.TB){
			"wire": func(tb testing.TB) {
				sink := wire.NewSink(c)
				defer sink.Release()
				_, err := one.GetItem(tb.Context(), &dynamodb.GetItemInput{TableName: table, Key: key}, sink.Options()...)
				require.NoError(tb, err)
				require.Equal(tb, 1, sink.Items().Len())
			},
			"sdk": func(tb testing.TB) {
				out, err := one.GetItem(tb.Context(), &dynamodb.GetItemInput{TableName: table, Key: key})
				require.NoError(tb, err)
				require.Len(tb, out.Item, 10)
			},
			"sdk+attributevalue": func(tb testing.TB) {
				out, err := one.GetItem(tb.Context(), &dynamodb.GetItemInput{TableName: table, Key: key})
				require.NoError(tb, err)
				var item order
				require.NoError(tb, attributevalue.UnmarshalMap(out.Item, &item))
			},
		}},
		{"put", map[string]func(testing.TB){
			"wire": func(tb testing.TB) {
				body := wire.NewBody()
				put(tb, body.Item(text(tb, 7)), body.Options()...)
			},
			"sdk":                func(tb testing.TB) { put(tb, prebuilt) },
			"sdk+attributevalue": func(tb testing.TB) { put(tb, values(tb)) },
		}},
		{"batchwrite/25", map[string]func(testing.TB){
			"wire": func(tb testing.TB) {
				body := wire.NewBody()
				texts := make([][]byte, 25)
				for i := range texts {
					texts[i] = text(tb, i)
				}
				batch(tb, []types.WriteRequest{body.Puts(texts)}, body.Options()...)
			},
			"sdk+attributevalue": func(tb testing.TB) {
				requests := make([]types.WriteRequest, 25)
				for i := range requests {
					requests[i].PutRequest = &types.PutRequest{Item: values(tb)}
				}
				batch(tb, requests)
			},
		}},
	}
}

// BenchmarkCall measures whole calls without a network.
func BenchmarkCall(b *testing.B) {
	for _, op := range operations(b) {
		for _, by := range []string{"wire", "sdk+codec", "sdk", "sdk+attributevalue"} {
			if call := op.paths[by]; call != nil {
				b.Run(op.name+"/by="+by, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						call(b)
					}
				})
			}
		}
	}
}
