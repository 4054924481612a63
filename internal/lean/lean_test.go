package lean_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/lean"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A script answers requests in turn, the last answer for ever, and keeps them.
type script struct {
	mu      sync.Mutex
	answers []func(*http.Request) (*http.Response, error)
	seen    []*http.Request
	bodies  [][]byte
}

func (s *script) Do(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	s.seen, s.bodies = append(s.seen, req), append(s.bodies, body)
	if len(s.answers) == 0 {
		return answer(200, "{}")(req)
	}
	return s.answers[min(len(s.seen), len(s.answers))-1](req)
}

func answer(status int, body string, change ...func(*http.Response)) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		resp := &http.Response{
			StatusCode: status, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: req,
			Header: http.Header{"X-Amz-Crc32": {strconv.Itoa(int(crc32.ChecksumIEEE([]byte(body))))}, "Date": {time.Now().UTC().Format(http.TimeFormat)}},
		}
		for _, f := range change {
			f(resp)
		}
		return resp, nil
	}
}

// client returns a client of the SDK over what answers.
func client(over dynamodb.HTTPClient, opts ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.NewFromConfig(aws.Config{
		Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", "TOKEN"),
	}, append([]func(*dynamodb.Options){func(o *dynamodb.Options) {
		o.HTTPClient = over
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter = ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}}, opts...)...)
}

func lane(tb testing.TB, c *dynamodb.Client) *lean.Client {
	tb.Helper()
	l, closed := lean.New(c)
	require.Empty(tb, closed)
	return l
}

// calls are the operations, each of an input that fill has filled.
func calls(fill func(in any)) map[string]func(context.Context, send.Client) error {
	return map[string]func(context.Context, send.Client) error{
		"GetItem":            call(send.Client.GetItem, fill),
		"BatchGetItem":       call(send.Client.BatchGetItem, fill),
		"Query":              call(send.Client.Query, fill),
		"Scan":               call(send.Client.Scan, fill),
		"PutItem":            call(send.Client.PutItem, fill),
		"UpdateItem":         call(send.Client.UpdateItem, fill),
		"DeleteItem":         call(send.Client.DeleteItem, fill),
		"BatchWriteItem":     call(send.Client.BatchWriteItem, fill),
		"TransactGetItems":   call(send.Client.TransactGetItems, fill),
		"TransactWriteItems": call(send.Client.TransactWriteItems, fill),
	}
}

func call[I, O any](do func(send.Client, context.Context, *I, ...func(*dynamodb.Options)) (O, error), fill func(any)) func(context.Context, send.Client) error {
	return func(ctx context.Context, c send.Client) error {
		in := new(I)
		fill(in)
		_, err := do(c, ctx, in)
		return err
	}
}

// filled sets every member of an input to something, by a seed.
func filled(seed uint64) func(any) {
	return func(in any) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		fillValue(rnd, reflect.ValueOf(in).Elem(), 0)
	}
}

var attributeValue = reflect.TypeFor[types.AttributeValue]()

// optional are members that an input may lack; the others are there always, as
// the SDK checks some of them.
var optional = map[string]bool{
	"ConsistentRead": true, "Limit": true, "ScanIndexForward": true, "ReturnConsumedCapacity": true, "ReturnValues": true,
	"ExpressionAttributeNames": true, "ExpressionAttributeValues": true, "ExclusiveStartKey": true, "FilterExpression": true,
	"KeyConditions": true, "QueryFilter": true, "ScanFilter": true, "Expected": true, "AttributeUpdates": true,
}

func fillValue(rnd *rand.Rand, v reflect.Value, depth int) {
	if depth > 9 {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.Type() == attributeValue {
			v.Set(reflect.ValueOf(anyValue(rnd, depth)))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(rnd, v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && (!optional[f.Name] || rnd.IntN(3) > 0) {
				fillValue(rnd, v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		n := 1 + rnd.IntN(3)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fillValue(rnd, v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 1 + rnd.IntN(3) {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fillValue(rnd, k, depth+1)
			fillValue(rnd, e, depth+1)
			v.SetMapIndex(k, e)
		}
	case reflect.String:
		v.SetString(anyText(rnd))
	case reflect.Bool:
		v.SetBool(rnd.IntN(2) == 0)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(rnd.Int32()))
	case reflect.Uint8:
		v.SetUint(uint64(rnd.IntN(256)))
	default:
		panic(v.Type())
	}
}

func anyText(rnd *rand.Rand) string {
	return []string{"t", "a.b", "#0", ":v", "größe", "日本", "q\"\\/\b\f\n\r\t\x00\x1f", "<&>\u2028", "😀", "attribute_exists(#0)"}[rnd.IntN(10)] + strconv.Itoa(rnd.IntN(9))
}

func anyValue(rnd *rand.Rand, depth int) types.AttributeValue {
	switch n := rnd.IntN(10); {
	case n == 0 && depth < 8:
		m := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
		for range rnd.IntN(3) {
			m.Value[anyText(rnd)] = anyValue(rnd, depth+1)
		}
		return m
	case n == 1 && depth < 8:
		l := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		for range rnd.IntN(3) {
			l.Value = append(l.Value, anyValue(rnd, depth+1))
		}
		return l
	case n == 2:
		return &types.AttributeValueMemberB{Value: []byte(anyText(rnd))}
	case n == 3:
		return &types.AttributeValueMemberBOOL{Value: rnd.IntN(2) == 0}
	case n == 4:
		return &types.AttributeValueMemberNULL{Value: true}
	case n == 5:
		return &types.AttributeValueMemberSS{Value: []string{anyText(rnd), "x"}}
	case n == 6:
		return &types.AttributeValueMemberNS{Value: []string{"1", "2.5"}}
	case n == 7:
		return &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2, 3}}}
	case n == 8:
		return &types.AttributeValueMemberN{Value: strconv.Itoa(rnd.Int())}
	}
	return &types.AttributeValueMemberS{Value: anyText(rnd)}
}

// TestSameRequest: what is sent for an input is what the SDK sends for it, for every
// operation and every member of its input; both are signed right.
func TestSameRequest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		for name, do := range calls(filled(seed)) {
			ours, sdks := new(script), new(script)
			require.NoError(t, do(t.Context(), client(sdks)), name)
			l := lane(t, client(ours))
			require.NoError(t, do(t.Context(), l), name)
			require.Len(t, ours.seen, 1, "%s: what is learned is not sent", name)
			a, b := ours.seen[0], sdks.seen[0]
			assert.Equal(t, []string{b.Method, b.URL.String(), b.Host}, []string{a.Method, a.URL.String(), a.Host}, name)
			assert.JSONEq(t, string(sdks.bodies[0]), string(ours.bodies[0]), name)
			assert.Equal(t, headers(b), headers(a), name)
			verify(t, a, ours.bodies[0], "SECRET")
			verify(t, b, sdks.bodies[0], "SECRET")
			body, err := a.GetBody()
			require.NoError(t, err)
			again, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Equal(t, ours.bodies[0], again, name)
		}
	}
}

// headers are those that two requests of an input have in common.
func headers(req *http.Request) map[string][]string {
	h := maps.Clone(req.Header)
	for _, name := range []string{"Authorization", "X-Amz-Date", "Amz-Sdk-Invocation-Id", "Content-Length"} {
		delete(h, name)
	}
	if len(req.Header.Get("Amz-Sdk-Invocation-Id")) != 36 {
		h["Amz-Sdk-Invocation-Id"] = nil
	}
	return h
}

// verify checks the signature of what arrived.
func verify(t *testing.T, req *http.Request, body []byte, secret string) {
	t.Helper()
	at, err := time.Parse("20060102T150405Z", req.Header.Get("X-Amz-Date"))
	require.NoError(t, err)
	assert.Less(t, time.Since(at).Abs(), time.Minute)
	auth := req.Header.Get("Authorization")
	key := strings.Split(strings.TrimPrefix(auth, "AWS4-HMAC-SHA256 Credential="), "/")[0]
	again := req.Clone(t.Context())
	token := again.Header.Get("X-Amz-Security-Token")
	again.Header.Del("Authorization")
	sum := sha256.Sum256(body)
	creds := aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: token}
	require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), creds, again, hex.EncodeToString(sum[:]), "dynamodb", "eu-central-1", at))
	assert.Equal(t, again.Header.Get("Authorization"), auth)
}

// TestClosed: a client that is not as the SDK makes it sends everything itself.
func TestClosed(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*dynamodb.Options){
		"middleware": func(o *dynamodb.Options) {
			o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return nil })
		},
		"logs":                  func(o *dynamodb.Options) { o.ClientLogMode = aws.LogRetries },
		"compressed":            func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = true },
		"discovers":             func(o *dynamodb.Options) { o.EndpointDiscovery.EnableEndpointDiscovery = aws.EndpointDiscoveryEnabled },
		"retryer":               func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} },
		"retryer is not":        func(o *dynamodb.Options) { o.Retryer, o.RetryMaxAttempts = retry.NewAdaptiveMode(), 5 },
		"the standard one":      func(o *dynamodb.Options) { o.Retryer, o.RetryMaxAttempts = aws.NopRetryer{}, 5 },
		"its retryer":           func(o *dynamodb.Options) { o.Retryer = retry.AddWithErrorCodes(o.Retryer, "X") },
		"standard one":          func(o *dynamodb.Options) { o.Retryer = retry.NewAdaptiveMode() },
		"signer":                func(o *dynamodb.Options) { o.HTTPSignerV4 = signer{v4.NewSigner()} },
		"endpoint resolver of":  func(o *dynamodb.Options) { o.EndpointResolverV2 = resolver{o.EndpointResolverV2} },
		"credentials":           func(o *dynamodb.Options) { o.Credentials = aws.AnonymousCredentials{} },
		"resolver of the first": func(o *dynamodb.Options) { o.EndpointResolver = dynamodb.EndpointResolverFromURL("http://x") }, //nolint:staticcheck // it must be seen
		"prefers auth schemes":  func(o *dynamodb.Options) { o.AuthSchemePreference = []string{"sigv4"} },
	} {
		l, closed := lean.New(client(new(script), change))
		assert.Nil(t, l, want)
		assert.Contains(t, closed, want)
	}
	for _, other := range []any{nil, struct{}{}, (*dynamodb.Client)(nil)} {
		l, closed := lean.New(other)
		assert.Nil(t, l)
		assert.NotEmpty(t, closed)
	}
	for name, change := range map[string]func(*dynamodb.Options){
		"as it is": func(*dynamodb.Options) {}, "an endpoint": func(o *dynamodb.Options) { o.BaseEndpoint = aws.String("http://127.0.0.1:1") },
		"more attempts": func(o *dynamodb.Options) { o.RetryMaxAttempts = 7 }, "an app": func(o *dynamodb.Options) { o.AppID = "app" },
	} {
		_, closed := lean.New(client(new(script), change))
		assert.Empty(t, closed, name)
	}
}

type signer struct{ *v4.Signer }

type resolver struct{ dynamodb.EndpointResolverV2 }

// TestTakeover: whatever goes wrong with the first attempt comes out as it does
// through the SDK: the same error, after the same number of requests.
func TestTakeover(t *testing.T) {
	t.Parallel()
	fails := func(code string) string {
		return `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"m"}`
	}
	good := answer(200, "{}")
	reset := func(*http.Request) (*http.Response, error) { return nil, &resetError{} }
	cut := func(r *http.Response) { r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"It`), broken{})) }
	sum := func(r *http.Response) { r.Header.Set("X-Amz-Crc32", "7") }
	for name, answers := range map[string][]func(*http.Request) (*http.Response, error){
		"no table":              {answer(400, fails("ResourceNotFoundException"))},
		"a condition":           {answer(400, fails("ConditionalCheckFailedException"))},
		"invalid":               {answer(400, fails("ValidationException"))},
		"unknown":               {answer(400, fails("NewException"))},
		"cancelled":             {answer(400, fails("TransactionCanceledException"))},
		"an error, once":        {answer(500, fails("InternalServerError")), good},
		"an error, always":      {answer(500, fails("InternalServerError"))},
		"throttled twice":       {answer(400, fails("ProvisionedThroughputExceededException")), answer(400, fails("ThrottlingException")), good},
		"unavailable":           {answer(503, "gone"), good},
		"a reset":               {reset, good},
		"resets":                {reset},
		"no JSON":               {answer(200, "<html>"), good},
		"cut off":               {answer(200, "{}", cut), good},
		"cut off, always":       {answer(200, "{}", cut)},
		"a wrong checksum":      {answer(200, "{}", sum), good},
		"an error, wrong sum":   {answer(400, fails("ResourceNotFoundException"), sum)},
		"redirected":            {answer(307, "")},
		"accepted":              {answer(202, "{}")},
		"empty":                 {answer(200, "")},
		"a wrong form":          {answer(200, `{"Item":[],"Attributes":3,"Count":"x","Responses":"y"}`), good},
		"members of the future": {answer(200, `{"Future":[{"a":1.5e3}],"ConsumedCapacity":null}`)},
	} {
		for op, do := range calls(filled(3)) {
			ours, sdks := &script{answers: answers}, &script{answers: answers}
			want := do(t.Context(), client(sdks, quiet, wire.Guard))
			got := do(t.Context(), lane(t, client(ours, quiet)))
			about := name + ", " + op
			assert.Len(t, ours.seen, len(sdks.seen), "requests: "+about)
			assert.Equal(t, kinds(want), kinds(got), about)
		}
	}
}

func quiet(o *dynamodb.Options) { o.Logger = nil }

// kinds are the types of an error and of all beneath it.
func kinds(err error) []string {
	var all []string
	for ; err != nil; err = errors.Unwrap(err) {
		all = append(all, fmt.Sprintf("%T", err))
	}
	return all
}

type resetError struct{}

func (*resetError) Error() string   { return "connection reset by peer" }
func (*resetError) Timeout() bool   { return true }
func (*resetError) Temporary() bool { return true }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestClock: once the clock of the service is another, requests are the SDK's,
// which corrects their dates.
func TestClock(t *testing.T) {
	t.Parallel()
	ahead := func(r *http.Response) { r.Header.Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)) }
	s := &script{answers: []func(*http.Request) (*http.Response, error){
		answer(400, `{"__type":"RequestTimeTooSkewed","message":"m"}`, ahead), answer(200, "{}", ahead),
	}}
	l := lane(t, client(s))
	do := calls(filled(1))["GetItem"]
	require.NoError(t, do(t.Context(), l))
	require.Len(t, s.seen, 2)
	require.NoError(t, do(t.Context(), l))
	require.Len(t, s.seen, 3, "it does not fail first each time")
	assert.Contains(t, l.Closed(), "clocks")
	at, err := time.Parse("20060102T150405Z", s.seen[2].Header.Get("X-Amz-Date"))
	require.NoError(t, err)
	assert.Greater(t, time.Until(at), 50*time.Minute)
}

// quota counts what a retryer takes and gives back.
type quota struct{ taken, given atomic.Int64 }

func (q *quota) GetToken(_ context.Context, cost uint) (func() error, error) {
	q.taken.Add(int64(cost))
	return func() error { q.given.Add(int64(cost)); return nil }, nil
}

func (q *quota) AddTokens(n uint) error {
	q.given.Add(int64(n))
	return nil
}

// TestQuota: the quota of retries is what it is through the SDK, after successes,
// retries and failures.
func TestQuota(t *testing.T) {
	t.Parallel()
	failing := answer(500, `{"__type":"InternalServerError"}`)
	for name, answers := range map[string][]func(*http.Request) (*http.Response, error){
		"success": {answer(200, "{}")}, "a retry": {failing, answer(200, "{}")}, "failure": {failing}, "refused": {answer(400, `{"__type":"ValidationException"}`)},
	} {
		count := func(through func(*dynamodb.Client) send.Client) [2]int64 {
			var q quota
			c := through(client(&script{answers: answers}, quiet, func(o *dynamodb.Options) {
				o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
					o.RateLimiter = &q
					o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				})
			}))
			do := calls(filled(1))["GetItem"]
			_ = do(t.Context(), c) // learns, if it is a lane
			learnt := [2]int64{q.taken.Load(), q.given.Load()}
			_ = do(t.Context(), c)
			return [2]int64{q.taken.Load() - learnt[0], q.given.Load() - learnt[1]}
		}
		sdks := count(func(c *dynamodb.Client) send.Client { return c })
		ours := count(func(c *dynamodb.Client) send.Client { return lane(t, c) })
		assert.Equal(t, sdks, ours, name)
	}
}

// TestToken: a transaction without a token gets one that is the same for all of its
// attempts, also once the lane knows the operation.
func TestToken(t *testing.T) {
	t.Parallel()
	s := &script{answers: []func(*http.Request) (*http.Response, error){
		answer(200, "{}"), answer(500, `{"__type":"InternalServerError"}`), answer(200, "{}"),
	}}
	l := lane(t, client(s))
	require.NoError(t, calls(filled(1))["TransactWriteItems"](t.Context(), l))
	in := &dynamodb.TransactWriteItemsInput{}
	filled(2)(in)
	in.ClientRequestToken = nil
	_, err := l.TransactWriteItems(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, s.bodies, 3)
	var first, second struct{ ClientRequestToken string }
	require.NoError(t, json.Unmarshal(s.bodies[1], &first))
	require.NoError(t, json.Unmarshal(s.bodies[2], &second))
	assert.NotEmpty(t, first.ClientRequestToken)
	assert.Equal(t, first, second)
}

// stuck credentials answer the first call that learns when they are let go.
type stuck struct {
	n    atomic.Int64
	held chan struct{}
}

func (s *stuck) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if s.n.Add(1) == 2 { // the SDK's, in the first call
		<-s.held
	}
	return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, ctx.Err()
}

// TestLearning: while one call learns, others do not wait for it.
func TestLearning(t *testing.T) {
	t.Parallel()
	creds, s := &stuck{held: make(chan struct{})}, new(script)
	l := lane(t, client(s, func(o *dynamodb.Options) { o.Credentials = creds }))
	do := calls(filled(1))["GetItem"]
	var first sync.WaitGroup
	first.Go(func() { assert.NoError(t, do(t.Context(), l)) })
	for creds.n.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, do(t.Context(), l))
	require.Len(t, s.seen, 1, "the second call went through the SDK")
	close(creds.held)
	first.Wait()
	require.Len(t, s.seen, 2)
}

// TestEnded: a context that has ended ends a call before it is sent.
func TestEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := new(script)
	l := lane(t, client(s))
	for name, do := range calls(filled(1)) {
		require.ErrorIs(t, do(ctx, l), context.Canceled, name)
	}
	assert.Empty(t, s.seen)
}

// rotating are credentials that are others each time, of two accounts.
type rotating struct{ n atomic.Int64 }

func (r *rotating) Retrieve(context.Context) (aws.Credentials, error) {
	n := r.n.Add(1)
	return aws.Credentials{
		AccessKeyID: fmt.Sprint("AKID", n), SecretAccessKey: "SECRET", SessionToken: fmt.Sprint("T", n), Source: "test",
		AccountID: []string{"", "111122223333"}[n%2],
	}, nil
}

// TestRotation: many goroutines over one client, whose credentials change with
// each request, sign each with those that it has.
func TestRotation(t *testing.T) {
	t.Parallel()
	s := new(script)
	l := lane(t, client(s, func(o *dynamodb.Options) { o.Credentials = new(rotating) }))
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for name, do := range calls(filled(uint64(i))) {
				assert.NoError(t, do(t.Context(), l), name)
			}
		})
	}
	wg.Wait()
	require.Len(t, s.seen, 640)
	for i, req := range s.seen {
		verify(t, req, s.bodies[i], "SECRET")
		assert.True(t, json.Valid(s.bodies[i]))
	}
	ids := map[string]bool{}
	for _, req := range s.seen {
		ids[req.Header.Get("Amz-Sdk-Invocation-Id")] = true
	}
	assert.Len(t, ids, 640, "each call has an id of its own")
}

// TestLambda: the trace of a function goes with the request, as the SDK sends it.
func TestLambda(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
	t.Setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988;Parent=53 é;Sampled=1")
	ours, sdks := new(script), new(script)
	do := calls(filled(1))["PutItem"]
	require.NoError(t, do(t.Context(), lane(t, client(ours))))
	require.NoError(t, do(t.Context(), client(sdks)))
	assert.NotEmpty(t, sdks.seen[0].Header.Get("X-Amzn-Trace-Id"))
	assert.Equal(t, headers(sdks.seen[0]), headers(ours.seen[0]))
}
