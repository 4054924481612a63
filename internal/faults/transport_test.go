package faults_test

import (
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
)

func TestTransportPassesOn(t *testing.T) {
	t.Parallel()
	var got []byte
	answer := &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody}
	tr := faults.New(smithyhttp.ClientDoFunc(func(req *http.Request) (*http.Response, error) {
		var err error
		got, err = io.ReadAll(req.Body)
		assert.EqualValues(t, len(got), req.ContentLength)
		return answer, err
	}))

	resp, err := tr.Do(newRequest(t, "Query", `{"Limit":3}`))

	require.NoError(t, err)
	assert.Same(t, answer, resp)
	assert.JSONEq(t, `{"Limit":3}`, string(got))
}

func TestTransportReturnsTheErrorOfTheClientBeneath(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tr := faults.New(smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
		return nil, broken
	}))
	for operation, fault := range map[string]faults.Fault{
		"GetItem":       faults.CutAfter(),
		"Query":         faults.Truncate(1),
		"CreateTable":   faults.Creating(),
		"BatchGetItem":  faults.Unprocessed(1),
		"DescribeTable": faults.Deleting(1),
	} {
		tr.On(operation).Do(fault)
		_, err := tr.Do(newRequest(t, operation, `{"RequestItems":{"t":{"Keys":[{},{}]}}}`))
		assert.ErrorIs(t, err, broken, operation)
	}
}

func TestTransportSendsByAClientOfItsOwn(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(srv.Close)
	req := newRequest(t, "Query", `{"Limit":3}`)
	req.URL.Host = strings.TrimPrefix(srv.URL, "http://")

	resp, err := faults.New(nil).Do(req)

	require.NoError(t, err)
	assert.JSONEq(t, `{"Limit":3}`, readBody(t, resp))
}

func TestTransportAppliesFaultsOutermostFirst(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	var order []string
	say := func(what string) faults.Fault {
		return func(req *http.Request, send faults.Send) (*http.Response, error) {
			order = append(order, what)
			return send(req)
		}
	}
	tr.On("Query").Do(say("a"), say("b"))
	tr.On("*").Do(say("c"))

	_, err := tr.Do(newRequest(t, "Query", `{}`))

	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c"}, order)
}

func TestTransportReportsARequestItCannotRead(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	broken := errors.New("broken")
	req := newRequest(t, "Query", `{}`)
	req.Body = io.NopCloser(iotest.ErrReader(broken))

	_, err := tr.Do(req)

	require.ErrorIs(t, err, broken)
	assert.Zero(t, tr.Total())
}

func TestTransportTakesARequestWithoutBody(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	req := newRequest(t, "", "")
	req.Body = nil

	_, err := tr.Do(req)

	require.NoError(t, err)
	assert.Equal(t, []faults.Request{{}}, tr.Requests("*"))
}

func TestTransportIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 50
	tr := faults.New(answering(`{}`))
	injection := tr.On("Query").Every(4).Do(faults.Throttle())
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				resp, err := tr.Do(newRequest(t, "Query", `{"Limit":1}`))
				if assert.NoError(t, err) {
					_ = resp.Body.Close()
				}
				tr.Count("Query")
			}
		})
	}
	wg.Wait()

	assert.Equal(t, goroutines*each, tr.Count("Query"))
	assert.Equal(t, goroutines*each/4, injection.Struck())
}

// newRequest returns a request as the SDK makes it, but for the signature.
func newRequest(t *testing.T, operation, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://engine.invalid/", strings.NewReader(body))
	require.NoError(t, err)
	req.GetBody = nil // The SDK sets none.
	if operation != "" {
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	}
	return req
}

// answering returns an engine that answers every request with body.
func answering(body string) smithyhttp.ClientDoFunc {
	return func(*http.Request) (*http.Response, error) { return ok(body), nil }
}

// ok returns a successful answer.
func ok(body string) *http.Response {
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"X-Amz-Crc32": {checksum([]byte(body))}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

// readBody reads the body of resp and checks that it is announced rightly.
func readBody(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.EqualValues(t, len(body), resp.ContentLength)
	return string(body)
}

// checksum returns what X-Amz-Crc32 must be for body.
func checksum(body []byte) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)
}

// client returns a client of the SDK over tr that no engine stands behind.
func client(tr *faults.Transport) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "local",
		BaseEndpoint: aws.String("http://engine.invalid"),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, through(tr))
}

// through returns the option that sends by tr and retries at once, three
// attempts a call, as is the SDK's default.
func through(tr *faults.Transport) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		o.HTTPClient = tr
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter = ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}
}
