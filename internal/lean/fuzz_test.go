package lean_test

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/lean"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A fuzzItem is what answers are read into.
type fuzzItem struct {
	ID   string         `dynamodbav:"id"`
	N    int            `dynamodbav:"n"`
	F    float64        `dynamodbav:"f"`
	B    []byte         `dynamodbav:"b"`
	OK   bool           `dynamodbav:"ok"`
	Tags []string       `dynamodbav:"tags,stringset"`
	M    map[string]any `dynamodbav:"m"`
	L    []fuzzItem     `dynamodbav:"l"`
}

// A fuzzCall is an operation whose items a sink takes.
type fuzzCall struct {
	name string
	sink func(*codec.Codec) *wire.Sink
	do   func(ctx context.Context, c send.Client, opts ...func(*dynamodb.Options)) (out any, err error)
}

func fuzzOf[I, O any](name string, in *I, do func(send.Client, context.Context, *I, ...func(*dynamodb.Options)) (*O, error), sink func(*codec.Codec) *wire.Sink) fuzzCall {
	filled(7)(in)
	return fuzzCall{name, sink, func(ctx context.Context, c send.Client, opts ...func(*dynamodb.Options)) (any, error) {
		out, err := do(c, ctx, in, opts...)
		if out == nil {
			return nil, err
		}
		v := reflect.ValueOf(out).Elem()
		v.FieldByName("ResultMetadata").SetZero()
		for _, item := range []string{"Item", "Attributes"} {
			if m := v.FieldByName(item); m.IsValid() && m.Len() == 0 {
				m.SetZero() // the sink has it, and the rest is not read
			}
		}
		return out, err
	}}
}

func fuzzCalls() []fuzzCall {
	tables := func(c *codec.Codec) *wire.Sink {
		return wire.NewTables(map[string]*codec.Codec{"t": c, "u": c})
	}
	positions := func(c *codec.Codec) *wire.Sink { return wire.NewPositions([]*codec.Codec{c, c, c}) }
	return []fuzzCall{
		fuzzOf("GetItem", &dynamodb.GetItemInput{}, send.Client.GetItem, wire.NewSink),
		fuzzOf("Query", &dynamodb.QueryInput{}, send.Client.Query, wire.NewSink),
		fuzzOf("Scan", &dynamodb.ScanInput{}, send.Client.Scan, wire.NewSink),
		fuzzOf("BatchGetItem", &dynamodb.BatchGetItemInput{}, send.Client.BatchGetItem, tables),
		fuzzOf("TransactGetItems", &dynamodb.TransactGetItemsInput{}, send.Client.TransactGetItems, positions),
		fuzzOf("UpdateItem", &dynamodb.UpdateItemInput{}, send.Client.UpdateItem, wire.NewSink),
		fuzzOf("PutItem", &dynamodb.PutItemInput{}, send.Client.PutItem, nil),
		fuzzOf("BatchWriteItem", &dynamodb.BatchWriteItemInput{}, send.Client.BatchWriteItem, nil),
		fuzzOf("TransactWriteItems", &dynamodb.TransactWriteItemsInput{}, send.Client.TransactWriteItems, nil),
	}
}

// replaying answers each request with what it is set to.
type replaying struct {
	answer func(*http.Request) (*http.Response, error)
	n      int
}

func (r *replaying) Do(req *http.Request) (*http.Response, error) {
	r.n++
	return r.answer(req)
}

// fuzzAnswers are bodies to begin with.
var fuzzAnswers = []string{
	`{}`, ``, `null`, `[]`, `{"Item":{}}`, `{"Item":{"id":{"S":"a"},"n":{"N":"1"},"tags":{"SS":["x","y"]},"m":{"M":{"k":{"L":[{"NULL":true}]}}}}}`,
	`{"Count":2,"Items":[{"id":{"S":"a"}},{"id":{"S":"b"},"l":{"L":[{"M":{"n":{"N":"2"}}}]}}],"LastEvaluatedKey":{"id":{"S":"b"}},"ScannedCount":7}`,
	`{"Responses":{"t":[{"id":{"S":"a"}}],"x":[{"y":{"N":"1"}}]},"UnprocessedKeys":{"u":{"Keys":[{"id":{"S":"c"}}]}}}`,
	`{"Responses":[{"Item":{"id":{"S":"a"}}},{},{"Item":{"n":{"N":"x"}}}],"ConsumedCapacity":[{"CapacityUnits":1.5,"TableName":"t"}]}`,
	`{"Attributes":{"id":{"S":"a"},"b":{"B":"eA=="},"ok":{"BOOL":true},"f":{"N":"1e3"}}}`, `{"Attributes":null,"Item":null,"Items":null,"Responses":null}`,
	`{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"id":{"S":"a"}}}},{"DeleteRequest":{"Key":{"id":{"S":"b"}}}}]}}`,
	`{"__type":"x#ConditionalCheckFailedException","message":"m","Item":{"id":{"S":"a"}}}`,
	`{"__type":"TransactionCanceledException","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Item":{"id":{"S":"a"}}}]}`,
	`{"Count":1,"Count":2,"Items":[{"id":{"S":"a"}}],"Items":[{"id":{"S":"b"}}]}`, `{"It\u0065m":{"\u0069d":{"\u0053":"\ud834\udd1e"}}}`, `{"Item":{"id":{"S":"a"},"id":{"S":"b"}}}`,
	`{"Future":[1.5e3,{"a":null}],"Item":{"id":{"S":"a","Future":1}}}`, "{\"Item\":{\"id\":{\"S\":\"\xff\"}}}", `{"Item":{"id":{"S":"a"}}} x`, `{"Count":99999999999}`,
}

// FuzzAnswer: whatever is answered, whole, broken off or of a wrong checksum, the
// lane comes to what the SDK comes to with the same sink: the same output, the same
// items, an error of the same kinds, after as many requests.
func FuzzAnswer(f *testing.F) {
	for i, body := range fuzzAnswers {
		for _, flags := range []byte{0, 1, 2, 4, 8, 16} {
			f.Add(byte(i), flags, uint16(len(body)/2), []byte(body))
		}
	}
	p, err := fields.Of(reflect.TypeFor[fuzzItem]())
	require.NoError(f, err)
	c := codec.New(p)
	calls := fuzzCalls()
	over := &replaying{answer: answer(200, "{}")}
	sdks := client(over, quiet)
	l, closed := lean.New(sdks)
	require.Empty(f, closed)
	for _, call := range calls { // learns
		_, err := call.do(f.Context(), l)
		require.NoError(f, err, call.name)
	}
	f.Fuzz(func(t *testing.T, which, flags byte, cut uint16, body []byte) {
		call := calls[int(which)%len(calls)]
		status := []int{200, 400, 500, 200}[flags&3]
		at := int(cut) % (len(body) + 1)
		over.answer = answer(status, string(body), func(resp *http.Response) {
			switch {
			case flags&4 != 0:
				resp.Header.Set("X-Amz-Crc32", "7")
			case flags&8 != 0:
				resp.Header.Del("X-Amz-Crc32")
			}
			if flags&16 != 0 {
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(body[:at])), broken{}))
			}
		})
		run := func(through send.Client, guard ...func(*dynamodb.Options)) (out any, sink *wire.Sink, n int, err error) {
			if call.sink != nil {
				sink = call.sink(c)
				guard = append(sink.Options()[:1:1], guard...)
			}
			over.n = 0
			out, err = call.do(t.Context(), through, guard...)
			return out, sink, over.n, err
		}
		wantOut, wantSink, wantN, wantErr := run(sdks, wire.Guard)
		out, sink, n, err := run(l)
		require.Equal(t, kinds(wantErr), kinds(err))
		require.Equal(t, wantN, n)
		require.Equal(t, wantOut, out)
		if sink == nil {
			return
		}
		require.Equal(t, wantSink.Used(), sink.Used())
		require.Equal(t, wantSink.Err() != nil, sink.Err() != nil)
		if err != nil || !sink.Used() {
			return
		}
		require.Equal(t, takeAll(wantSink, call.name), takeAll(sink, call.name))
	})
}

// takeAll takes what a sink has.
func takeAll(s *wire.Sink, op string) (all []any) {
	switch op {
	case "BatchGetItem":
		return []any{s.Table("t").Interface(), s.Table("u").Interface()}
	case "TransactGetItems":
		for i := range 3 {
			v, err := s.At(i)
			if v.IsValid() {
				all = append(all, v.Interface())
			} else {
				all = append(all, err != nil)
			}
		}
		return all
	}
	for i := range s.Items().Len() {
		all = append(all, s.Items().Index(i).Interface())
	}
	return all
}

// FuzzRequest: what is sent for an input is what the SDK sends for it, whatever the
// input holds.
func FuzzRequest(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, byte(seed), "text é \"\\\x00\u2028")
	}
	over := &replaying{}
	var body []byte
	over.answer = func(req *http.Request) (*http.Response, error) {
		body, _ = io.ReadAll(req.Body)
		return answer(200, "{}")(req)
	}
	sdks := client(over, quiet)
	l, closed := lean.New(sdks)
	require.Empty(f, closed)
	names := []string{
		"GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems",
	}
	f.Fuzz(func(t *testing.T, seed uint64, which byte, text string) {
		name := names[int(which)%len(names)]
		do := calls(func(in any) {
			filled(seed)(in)
			retext(reflect.ValueOf(in).Elem(), text)
		})[name]
		if do(t.Context(), sdks) != nil {
			return
		}
		want := body
		require.NoError(t, do(t.Context(), l), name)
		require.JSONEq(t, string(want), string(body), name)
	})
}

// retext puts a text in the place of every string of an input that is not of a type
// of its own.
func retext(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			retext(v.Elem(), text)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				retext(field, text)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			retext(v.Index(i), text)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			retext(v.MapIndex(k), text)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() && v.Len()%2 == 0 {
			v.SetString(text)
		}
	default:
	}
}
