package trust_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/repo"
)

// endless is a body that has no end.
type endless struct{ start string }

var much = strings.Repeat("x", 4<<10)

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.start)
	e.start = e.start[n:]
	for n < len(p) {
		n += copy(p[n:], much)
	}
	return n, nil
}

func (*endless) Close() error { return nil }

func unending(status int, length int64, start string) *http.Response {
	return &http.Response{StatusCode: status, ContentLength: length, Body: &endless{start}, Header: http.Header{}}
}

// bombed is an answer of some 100 KB of gzip, which are 100 MB of JSON.
func bombed(string) *http.Response {
	return &http.Response{
		StatusCode: 200, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(bomb)), Header: http.Header{"Content-Encoding": {"gzip"}},
	}
}

var bomb = func() []byte {
	var text bytes.Buffer
	w, _ := gzip.NewWriterLevel(&text, gzip.BestSpeed)
	_, _ = w.Write([]byte(`{"Future":"`))
	for range 100 << 8 {
		_, _ = w.Write([]byte(much))
	}
	_ = w.Close()
	return text.Bytes()
}()

// members are where an answer to an operation has values of any depth and number.
var members = map[string]string{
	"GetItem": `{"Item":{"data":%s}}`, "Query": `{"Count":1,"ScannedCount":1,"Items":[{"data":%s}]}`, "Scan": `{"Count":1,"ScannedCount":1,"Items":[{"data":%s}]}`,
	"BatchGetItem": `{"Responses":{"notes":[{"data":%s}]}}`, "TransactGetItems": `{"Responses":[{"Item":{"data":%s}},{}]}`,
	"PutItem": `{"Attributes":{"data":%s}}`, "UpdateItem": `{"Attributes":{"data":%s}}`, "DeleteItem": `{"Attributes":{"data":%s}}`,
	"BatchWriteItem":     `{"UnprocessedItems":{"notes":[{"PutRequest":{"Item":{"data":%s}}}]}}`,
	"TransactWriteItems": `{"ItemCollectionMetrics":{"notes":[{"ItemCollectionKey":{"data":%s}}]}}`,
}

const (
	levels  = 1_000_000
	million = 1_000_000
)

func deep(open, end string) string { return strings.Repeat(open, levels) + strings.Repeat(end, levels) }

var (
	deepLists = deep(`{"L":[`, `]}`)
	deepMaps  = deep(`{"M":{"a":`, `}}`)
	unclosed  = strings.Repeat(`{"L":[`, levels)
	crowd     = `{"L":[` + strings.Repeat(`{"NULL":true},`, 2*million) + `{"NULL":true}]}`
	crowds    = `{"Count":5000000,"ScannedCount":5000000,"Items":[` + strings.Repeat("{},", 5*million-1) + `{}]}`
	large     = `{"M":{"x":{"S":"` + strings.Repeat("x", 30<<20) + `"}}}`
)

// TestHostileBodies: whatever body an answer has, each call of the API ends soon,
// in bounded memory, with a typed error, by each way; a write that was told to be
// done is done where nothing is read of its answer.
func TestHostileBodies(t *testing.T) { // alone, since it measures memory
	// 192 MB of a transaction's answer, in a buffer that doubles, 512 in all, for each
	// of two readers, and a quarter for what lies about it.
	const most = 1280
	in := func(value string) func(string) *http.Response {
		return func(op string) *http.Response { return answer(200, fmt.Sprintf(members[op], value)) }
	}
	as := func(status int, body string) func(string) *http.Response {
		return func(string) *http.Response { return answer(status, body) }
	}
	for name, lie := range map[string]struct {
		answer func(op string) *http.Response
		gzip   bool // of a client that asks for compressed answers, which no lane does
		failed bool // it is of an error
		long   bool // too much of it for a batch, whose answers may have hundreds of MB
		pages  bool // a page may have it
	}{
		"endless":                      {answer: func(string) *http.Response { return unending(200, -1, `{"Future":"`) }, long: true},
		"announced to be endless":      {answer: func(string) *http.Response { return unending(200, 1<<40, `{"Future":"`) }},
		"an endless error":             {answer: func(string) *http.Response { return unending(400, -1, `{"__type":"ValidationException","message":"`) }, failed: true, long: true},
		"a bomb":                       {answer: bombed, gzip: true, long: true},
		"a bomb that nobody asked for": {answer: bombed},
		"deep lists":                   {answer: in(deepLists)},
		"deep maps":                    {answer: in(deepMaps)},
		"deep and not closed": {answer: func(op string) *http.Response {
			return answer(200, fmt.Sprintf(strings.TrimRight(members[op], "]}"), unclosed))
		}},
		"depth in a member of the future":     {answer: as(200, `{"Future":`+deep("[", "]")+`}`)},
		"depth behind text that is not UTF-8": {answer: as(200, "{\"\xff\":"+deep(`{"\":`, `}`)+`}`)},
		"a deep error":                        {answer: as(400, `{"__type":"ConditionalCheckFailedException","Item":{"data":`+deepLists+`}}`), failed: true},
		"a deep reason": {
			answer: as(400, `{"__type":"TransactionCanceledException","CancellationReasons":[{"Code":"ConditionalCheckFailed","Item":{"data":`+deepMaps+`}}]}`),
			failed: true,
		},
		"millions of members": {answer: in(crowd), long: true},
		"millions of items":   {answer: as(200, crowds), long: true},
		"an item of 30 MB":    {answer: in(large), long: true, pages: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, way := range ways {
				for call, d := range demands {
					if lie.gzip && way == "lean" || lie.long && strings.HasPrefix(d.op, "Batch") || d.more && !*long {
						continue
					}
					l := &liar{answer: func(op string, _ int) *http.Response { return lie.answer(op) }}
					r := notes(t, way, l, func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = lie.gzip })
					about := way + ", " + call
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					start := time.Now()
					err := d.do(t.Context(), r)
					took := time.Since(start)
					runtime.ReadMemStats(&after)
					assert.Less(t, took, 30*time.Second, about)
					assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(most), "MB: "+about)
					if err == nil {
						assert.True(t, !lie.failed && !d.reads || lie.pages, about)
						continue
					}
					_, typed := errors.AsType[*repo.Error](err)
					assert.True(t, typed, about)
					assert.Less(t, len(err.Error()), 1000, about)
				}
			}
		})
	}
}
