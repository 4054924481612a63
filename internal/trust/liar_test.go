package trust_test

import (
	"context"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// ways are the ways that a request can go.
var ways = []string{"lean", "wire", "standard"}

// by makes a client go one of the ways, with retries that do not wait.
func by(way string) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		if way != "lean" { // since the client has middleware
			o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return nil })
		}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter, o.Backoff = ratelimit.None, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}
}

// A liar answers requests as it likes, by the operation and the number of the
// request.
type liar struct {
	answer func(op string, n int) *http.Response
	n      atomic.Int64
}

func (l *liar) Do(req *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	resp := l.answer(op, int(l.n.Add(1)))
	resp.Request = req
	return resp, req.Context().Err()
}

// answer answers with a body, and its checksum.
func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"X-Amz-Crc32": {strconv.Itoa(int(crc32.ChecksumIEEE([]byte(body))))}},
	}
}

// A note is an item of hostile answers.
type note struct {
	Team string         `dynamodbav:"team"`
	At   int            `dynamodbav:"at"`
	Data map[string]any `dynamodbav:"data"`
	Tags []string       `dynamodbav:"tags,stringset"`
	Code string         `dynamodbav:"code"`
}

var noteCode = cond.Field(func(n *note) *string { return &n.Code })

var noteKey = key.Of("t").Range(1)

// notes returns a repository over a liar, by one of the ways.
func notes(tb testing.TB, way string, l *liar, opts ...func(*dynamodb.Options)) *repo.Repo[note] {
	tb.Helper()
	client := dynamodb.NewFromConfig(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""), HTTPClient: l,
	}, append(opts, by(way))...)
	db, err := repo.NewDB(client, &repo.Config{StandardCodec: way == "standard", BatchAttempts: 2, ConflictAttempts: 2})
	require.NoError(tb, err)
	require.Equal(tb, way == "lean", strings.HasPrefix(db.Path(), "first attempts"), db.Path())
	r, err := repo.New[note](db, repo.Spec{
		Table: "notes", Key: key.Spec{Hash: key.String("team"), Range: key.Int("at")},
		Indexes: []index.Spec{index.Global("codes", key.String("code")).KeysOnly()},
	})
	require.NoError(tb, err)
	return r
}

// A demand is a call of the API.
type demand struct {
	op    string // that it sends first
	do    func(ctx context.Context, r *repo.Repo[note]) error
	reads bool // its answer is needed; a write that was done without one is done
	more  bool // the short form leaves it to its like
}

var demands = map[string]demand{
	"Get": {op: "GetItem", reads: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Get(ctx, noteKey)
		return err
	}},
	"Exists": {op: "GetItem", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Exists(ctx, noteKey)
		return err
	}},
	"GetMany": {op: "BatchGetItem", reads: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.GetMany(ctx, []key.Value{noteKey, key.Of("t").Range(2)})
		return err
	}},
	"Query": {op: "Query", reads: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Query(key.Of("t")).Collect(ctx)
		return err
	}},
	"Query of 3": {op: "Query", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Query(key.Of("t")).RecordLimit(3).Collect(ctx)
		return err
	}},
	"Query ahead": {op: "Query", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Query(key.Of("t")).Prefetch(2).Collect(ctx)
		return err
	}},
	"Scan": {op: "Scan", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Scan().Collect(ctx)
		return err
	}},
	"Scan of segments": {op: "Scan", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Scan().Segments(2).Collect(ctx)
		return err
	}},
	"Count": {op: "Query", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Query(key.Of("t")).Count(ctx)
		return err
	}},
	"Hydrate": {op: "Query", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Query(key.Of("c")).Index("codes").Hydrate().Collect(ctx)
		return err
	}},
	"TransactGet": {op: "TransactGetItems", reads: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		var a, b note
		return r.DB().TransactGet(ctx, r.Into(noteKey, &a), r.Into(key.Of("t").Range(2), &b))
	}},
	"Put": {op: "PutItem", do: func(ctx context.Context, r *repo.Repo[note]) error {
		return r.Put(ctx, &note{Team: "t", At: 1})
	}},
	"Create": {op: "PutItem", more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		return r.Create(ctx, &note{Team: "t", At: 1})
	}},
	"Update": {op: "UpdateItem", reads: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Update(ctx, noteKey, noteCode.Set("c"))
		return err
	}},
	"Delete": {op: "DeleteItem", more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		return r.Delete(ctx, noteKey)
	}},
	"Batch": {op: "BatchWriteItem", reads: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		return r.DB().Batch(ctx, r.Ops().Put(&note{Team: "t", At: 1}), r.Ops().Delete(key.Of("t").Range(2)))
	}},
	"Transact": {op: "TransactWriteItems", do: func(ctx context.Context, r *repo.Repo[note]) error {
		return r.DB().Transact(ctx, r.Ops().Put(&note{Team: "t", At: 1}), r.Ops().Delete(key.Of("t").Range(2)))
	}},
	"DeleteAll": {op: "Query", reads: true, more: true, do: func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := r.Query(key.Of("t")).DeleteAll(ctx)
		return err
	}},
}
