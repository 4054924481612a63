package trust_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// page is an answer to a Query or a Scan.
func page(count, scanned int, items, last string) string {
	if last != "" {
		last = `,"LastEvaluatedKey":` + last
	}
	return fmt.Sprintf(`{"Count":%d,"ScannedCount":%d,"Items":[%s]%s}`, count, scanned, items, last)
}

const (
	one   = `{"team":{"S":"t"},"at":{"N":"1"},"code":{"S":"c"}}`
	two   = `{"team":{"S":"t"},"at":{"N":"2"},"code":{"S":"c"}}`
	other = `{"team":{"S":"u"},"at":{"N":"1"},"code":{"S":"c"}}`
)

// at is the key of a note as an answer has it.
func at(team string, n int) string {
	return fmt.Sprintf(`{"team":{"S":"%s"},"at":{"N":"%d"}}`, team, n)
}

// TestLies: an answer that is well formed and contradicts itself, or what was asked
// for, is told as such and not believed, by each way: nothing goes on for ever, no
// limit is exceeded, no item counts as missing that was not looked for.
func TestLies(t *testing.T) {
	t.Parallel()
	always := func(body string) func(int) string { return func(int) string { return body } }
	queries := []string{"Query", "Query of 3", "Query ahead", "DeleteAll"}
	pages := slices.Concat(queries, []string{"Scan", "Scan of segments"})
	for name, lie := range map[string]struct {
		calls  []string
		answer func(n int) string // of the n-th request
		want   error
	}{
		"a Count of too many":                {pages, always(page(2, 2, one, "")), repo.ErrDecode},
		"a Count of too few":                 {pages, always(page(1, 2, one+","+two, "")), repo.ErrDecode},
		"a Count and no items":               {pages, always(`{"Count":1,"ScannedCount":1}`), repo.ErrDecode},
		"no Count":                           {pages, always(`{"Items":[` + one + `]}`), repo.ErrDecode},
		"a Count below 0":                    {append(pages, "Count"), always(page(-1, 1, "", "")), repo.ErrDecode},
		"a ScannedCount below Count":         {append(pages, "Count"), always(page(1, 0, one, "")), repo.ErrDecode},
		"a ScannedCount below 0":             {append(pages, "Count"), always(page(0, -1000, "", "")), repo.ErrDecode},
		"a ScannedCount over the Limit":      {[]string{"Query of 3"}, always(page(1, 4, one, "")), repo.ErrDecode},
		"items over the Limit":               {[]string{"Query of 3"}, always(page(4, 4, strings.Join([]string{one, one, one, one}, ","), "")), repo.ErrDecode},
		"a LastEvaluatedKey that stays":      {append(pages, "Count"), always(page(0, 1, "", at("t", 1))), repo.ErrDecode},
		"two LastEvaluatedKeys in turns":     {append(pages, "Count"), func(n int) string { return page(0, 0, "", at("t", n%2)) }, repo.ErrDecode},
		"a circle of 17":                     {append(queries, "Count"), func(n int) string { return page(0, 0, "", at("t", n%17)) }, repo.ErrDecode},
		"a LastEvaluatedKey of another":      {queries, always(page(0, 1, "", at("u", 1))), repo.ErrDecode},
		"a LastEvaluatedKey of another kind": {pages, always(page(0, 1, "", `{"team":{"N":"1"},"at":{"N":"1"}}`)), repo.ErrDecode},
		"a LastEvaluatedKey of no table":     {pages, always(page(0, 1, "", `{"id":{"S":"t"}}`)), repo.ErrDecode},
		"half a LastEvaluatedKey":            {pages, always(page(0, 1, "", `{"team":{"S":"t"}}`)), repo.ErrDecode},
		"a LastEvaluatedKey and more":        {pages, always(page(0, 1, "", `{"team":{"S":"t"},"at":{"N":"1"},"code":{"S":"c"}}`)), repo.ErrDecode},
		"a LastEvaluatedKey of a map":        {pages, always(page(0, 1, "", `{"team":{"M":{"a":{"S":"t"}}},"at":{"N":"1"}}`)), repo.ErrDecode},
		"a LastEvaluatedKey of 1 MB":         {[]string{"Scan", "Scan of segments"}, always(page(0, 1, "", at(strings.Repeat("t", 1<<20), 1))), repo.ErrDecode},
		"a place in the table, not in the index": {
			[]string{"Hydrate"}, always(page(0, 1, "", at("t", 1))), repo.ErrDecode,
		},

		"items of another table":                      {[]string{"GetMany"}, always(`{"Responses":{"notes":[` + one + `],"others":[` + two + `]}}`), repo.ErrDecode},
		"an item that nobody asked for":               {[]string{"GetMany"}, always(`{"Responses":{"notes":[` + other + `]}}`), repo.ErrDecode},
		"an item three times":                         {[]string{"GetMany"}, always(`{"Responses":{"notes":[` + one + "," + one + "," + one + `]}}`), repo.ErrDecode},
		"keys that stay unprocessed":                  {[]string{"GetMany"}, always(`{"UnprocessedKeys":{"notes":{"Keys":[` + at("t", 1) + `]}}}`), repo.ErrUnprocessed},
		"keys that come and go":                       {[]string{"GetMany"}, func(n int) string { return `{"UnprocessedKeys":{"notes":{"Keys":[` + at("t", 1+n%2) + `]}}}` }, repo.ErrDecode},
		"an unprocessed key that nobody asked for":    {[]string{"GetMany"}, always(`{"UnprocessedKeys":{"notes":{"Keys":[` + at("u", 1) + `]}}}`), repo.ErrDecode},
		"unprocessed keys of another table":           {[]string{"GetMany"}, always(`{"UnprocessedKeys":{"others":{"Keys":[` + at("t", 1) + `]}}}`), repo.ErrDecode},
		"an unprocessed key twice":                    {[]string{"GetMany"}, always(`{"UnprocessedKeys":{"notes":{"Keys":[` + at("t", 1) + "," + at("t", 1) + `]}}}`), repo.ErrDecode},
		"a thousand unprocessed keys":                 {[]string{"GetMany"}, always(`{"UnprocessedKeys":{"notes":{"Keys":[` + strings.Repeat(at("t", 1)+",", 999) + at("t", 1) + `]}}}`), repo.ErrDecode},
		"too many responses":                          {[]string{"TransactGet"}, always(`{"Responses":[{"Item":` + one + `},{"Item":` + two + `},{"Item":` + two + `}]}`), repo.ErrDecode},
		"too few responses":                           {[]string{"TransactGet"}, always(`{"Responses":[{"Item":` + one + `}]}`), repo.ErrDecode},
		"no responses":                                {[]string{"TransactGet"}, always(`{}`), repo.ErrDecode},
		"writes that stay unprocessed":                {[]string{"Batch"}, always(`{"UnprocessedItems":{"notes":[{"PutRequest":{"Item":` + one + `}}]}}`), repo.ErrUnprocessed},
		"an unprocessed write that nobody asked for":  {[]string{"Batch"}, always(`{"UnprocessedItems":{"notes":[{"PutRequest":{"Item":` + other + `}}]}}`), repo.ErrUnknown},
		"an unprocessed write of another table":       {[]string{"Batch"}, always(`{"UnprocessedItems":{"others":[{"PutRequest":{"Item":` + one + `}}]}}`), repo.ErrUnknown},
		"an unprocessed write twice":                  {[]string{"Batch"}, always(`{"UnprocessedItems":{"notes":[{"PutRequest":{"Item":` + one + `}},{"PutRequest":{"Item":` + one + `}}]}}`), repo.ErrUnknown},
		"an unprocessed write that is none":           {[]string{"Batch"}, always(`{"UnprocessedItems":{"notes":[{}]}}`), repo.ErrUnknown},
		"three unprocessed writes of two":             {[]string{"Batch"}, always(`{"UnprocessedItems":{"notes":[{"PutRequest":{"Item":` + one + `}},{"DeleteRequest":{"Key":` + at("t", 2) + `}},{}]}}`), repo.ErrUnknown},
		"an update that returns what is of no form":   {[]string{"Update"}, always(`{"Attributes":{"team":{"L":[]}}}`), repo.ErrDecode},
		"an update that returns nothing to be read":   {[]string{"Update"}, always(`{"Attributes":[]}`), repo.ErrUnread},
		"a body that is none, of what reads":          {[]string{"Get", "GetMany", "Query", "Scan", "TransactGet"}, always(`<html>`), nil},
		"a body that is none, of a batch":             {[]string{"Batch"}, always(`<html>`), repo.ErrUnknown},
		"an array, of what reads":                     {[]string{"Get", "GetMany", "Query", "Scan", "TransactGet"}, always(`[]`), nil},
		"numbers that are none":                       {pages, always(`{"Count":1e999,"ScannedCount":"x","Items":[]}`), nil},
		"numbers that are too large":                  {pages, always(`{"Count":99999999999,"ScannedCount":99999999999,"Items":[]}`), nil},
		"a page of something else than items":         {pages, always(page(1, 1, `["S"]`, "")), nil},
		"a page of numbers":                           {pages, always(page(1, 1, `7`, "")), nil},
		"a transaction that conflicts without reason": {[]string{"TransactGet", "Transact"}, always("400" + `{"__type":"TransactionCanceledException","CancellationReasons":[]}`), nil},
		"more reasons than operations": {
			[]string{"Transact"}, always("400" + `{"__type":"TransactionCanceledException","CancellationReasons":[{},{},{},{"Code":"ConditionalCheckFailed"},{}]}`), nil,
		},
		"a condition that was not asked for": {[]string{"Put", "Delete"}, always("400" + `{"__type":"ConditionalCheckFailedException"}`), nil},
		"an error of no type":                {[]string{"Get", "Put", "Query"}, always("400" + `{}`), nil},
		"an error of no JSON":                {[]string{"Get", "Put", "Query"}, always("400" + `<html>`), nil},
		"an error that is an array":          {[]string{"Get", "Put", "Query"}, always("400" + `[]`), nil},
	} {
		for _, way := range ways {
			for _, call := range lie.calls {
				about := fmt.Sprint(name, ", ", way, ", ", call)
				l := &liar{answer: func(_ string, n int) *http.Response {
					body, failed := strings.CutPrefix(lie.answer(n), "400")
					if failed {
						return answer(400, body)
					}
					return answer(200, body)
				}}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				err := demands[call].do(ctx, notes(t, way, l))
				require.NoError(t, ctx.Err(), about)
				cancel()
				require.Error(t, err, about)
				if lie.want != nil {
					require.ErrorIs(t, err, lie.want, about)
				}
				_, typed := errors.AsType[*repo.Error](err)
				assert.True(t, typed, "%s: %v", about, err)
				assert.LessOrEqual(t, l.n.Load(), int64(100), about)
			}
		}
	}
}

// TestLostBytes: an answer that is not the one which was sent, or not all of it, is
// never taken for it, by each way; reads are sent again where only the checksum
// tells.
func TestLostBytes(t *testing.T) {
	t.Parallel()
	whole := map[string]string{
		"GetItem": `{"Item":` + one + `}`, "Query": page(2, 2, one+","+two, ""), "BatchGetItem": `{"Responses":{"notes":[` + one + "," + two + `]}}`,
		"TransactGetItems": `{"Responses":[{"Item":` + one + `},{"Item":` + two + `}]}`, "UpdateItem": `{"Attributes":` + one + `}`,
	}
	for _, way := range ways {
		for call, d := range demands {
			body, ok := whole[d.op]
			if !ok || call == "Count" || call == "Hydrate" || call == "DeleteAll" {
				continue
			}
			about := way + ", " + call
			var spoil func(*http.Response)
			l := &liar{answer: func(string, int) *http.Response {
				resp := answer(200, body)
				spoil(resp)
				return resp
			}}
			r := notes(t, way, l)
			spoil = func(*http.Response) {}
			require.NoError(t, d.do(t.Context(), r), about)
			for n := 1; n < len(body); n += 7 {
				spoil = func(resp *http.Response) {
					resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body[:n]), broken{}))
				}
				err := d.do(t.Context(), r)
				require.Error(t, err, "broken off at %d: %s", n, about)
				spoil = func(resp *http.Response) {
					resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body[:n])), int64(n)
				}
				require.Error(t, d.do(t.Context(), r), "ends at %d: %s", n, about)
			}
			l.n.Store(0)
			spoil = func(resp *http.Response) { resp.Header.Set("X-Amz-Crc32", "7") }
			err := d.do(t.Context(), r)
			require.Error(t, err, about)
			assert.EqualValues(t, map[bool]int{true: 3, false: 1}[d.op != "UpdateItem"], l.n.Load(), about)
			require.Equal(t, d.op == "UpdateItem", errors.Is(err, repo.ErrUnread), about)
			spoil = func(resp *http.Response) { resp.Header.Set("X-Amz-Crc32", "seven") }
			require.Error(t, d.do(t.Context(), r), about)
		}
	}
}

// broken is a connection that broke.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestLiesOfCost: what an answer says that it consumed neither stops what is paced
// nor lets it run free for ever.
func TestLiesOfCost(t *testing.T) {
	t.Parallel()
	for _, units := range []string{`"NaN"`, `"-Infinity"`, `-1e300`, `0`} {
		for _, way := range ways {
			l := &liar{answer: func(_ string, n int) *http.Response {
				last := ""
				if n < 5 {
					last = at("t", n)
				}
				body := strings.TrimSuffix(page(0, 1, "", last), "}") + `,"ConsumedCapacity":{"CapacityUnits":` + units + `}}`
				return answer(200, body)
			}}
			_, err := notes(t, way, l).Query(key.Of("t")).Rate(1000).Collect(t.Context())
			require.NoError(t, err, units)
			assert.EqualValues(t, 5, l.n.Load())
		}
	}
}
