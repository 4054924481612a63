package repo_test

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// store writes items as they are, past the repository.
func store[T any](tb testing.TB, r *repo.Repo[T], items ...av) {
	tb.Helper()
	for chunk := range slices.Chunk(items, 25) {
		var puts []types.WriteRequest
		for _, m := range chunk {
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: m}})
		}
		_, err := r.DB().Client().BatchWriteItem(tb.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{r.Table(): puts},
		})
		require.NoError(tb, err)
	}
}

// stored returns an item as it is, past the repository; nil if there is none.
func stored[T any](tb testing.TB, r *repo.Repo[T], k av) av {
	tb.Helper()
	out, err := r.DB().Client().GetItem(tb.Context(), &dynamodb.GetItemInput{TableName: aws.String(r.Table()), Key: k})
	require.NoError(tb, err)
	return out.Item
}

// numbered returns a repository of n items, at 0 to n-1, and their keys.
func numbered(tb testing.TB, n int, opts ...func(*repo.Config)) (*repo.Repo[entry], *faults.Transport, []key.Value) {
	tb.Helper()
	db, tr := open(tb, opts...)
	r := create[entry](tb, db, entrySpec())
	var items []av
	var keys []key.Value
	for i := range n {
		at := num(strconv.Itoa(i))
		items = append(items, av{"name": str("n"), "at": at, "kind": str("k"), "rank": at, "pass": &types.AttributeValueMemberBOOL{Value: i%2 == 0}})
		keys = append(keys, entryKey(i))
	}
	store(tb, r, items...)
	tr.Reset()
	return r, tr, keys
}

func entryKey(at int) key.Value { return key.Of("n").Range(at) }

// places returns where items stand.
func places(items []entry) []int {
	var at []int
	for _, e := range items {
		at = append(at, e.At)
	}
	return at
}

// asked returns how many keys each BatchGetItem asked for, in ascending order.
func asked(tr *faults.Transport, table string) []int {
	var sizes []int
	for _, r := range tr.Requests("BatchGetItem") {
		sizes = append(sizes, len(r.JSON()["RequestItems"].(map[string]any)[table].(map[string]any)["Keys"].([]any)))
	}
	slices.Sort(sizes)
	return sizes
}

// undone answers a batch as one none of which was done, and sends nothing: the
// member of the answer that holds what is left has the form of RequestItems.
func undone(left string) faults.Fault {
	return func(req *http.Request, _ faults.Send) (*http.Response, error) {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		var in struct{ RequestItems json.RawMessage }
		if err := json.NewDecoder(body).Decode(&in); err != nil {
			return nil, err
		}
		return answered(http.StatusOK, fmt.Sprintf(`{%q:%s}`, left, in.RequestItems)), nil
	}
}

func answered(status int, body string) *http.Response {
	header := http.Header{"X-Amz-Crc32": {strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10)}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func bodies(tr *faults.Transport) []map[string]any {
	var all []map[string]any
	for _, r := range tr.Requests("*") {
		all = append(all, r.JSON())
	}
	return all
}

// running counts the requests under way.
func running(tr *faults.Transport) *atomic.Int32 {
	var n atomic.Int32
	tr.On("*").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		n.Add(1)
		defer n.Add(-1)
		return send(req)
	})
	return &n
}

// spread returns a repository of n items in as many partitions.
func spread(tb testing.TB, n int) (*repo.Repo[entry], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb)
	r := create[entry](tb, db, entrySpec())
	var items []av
	for i := range n {
		items = append(items, av{
			"name": str(fmt.Sprint("n", i)), "at": num(fmt.Sprint(i)), "kind": str("k"), "rank": num("0"),
			"pass": &types.AttributeValueMemberBOOL{Value: i%3 == 0},
		})
	}
	store(tb, r, items...)
	tr.Reset()
	return r, tr
}
