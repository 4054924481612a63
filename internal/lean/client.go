package lean

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/internal/wire"
)

// A Client sends the operations of a repository with the parts of a client of the
// SDK, and through it where that is not enough. It is safe for concurrent use.
type Client struct {
	sdk     *dynamodb.Client
	options dynamodb.Options
	retryer aws.RetryerV2
	ops     operations
	skewed  atomic.Bool // the clock of the service is another: the SDK corrects it
}

// An operation is how requests of one operation look.
type operation struct {
	schema *smithy.OperationSchema
	learned
}

// New returns a client that sends first attempts itself, or why it can't for this
// client.
func New(client any) (*Client, string) {
	sdk, ok := client.(*dynamodb.Client)
	if !ok {
		return nil, "the client is not the SDK's own"
	}
	if sdk == nil {
		return nil, "the client is nil"
	}
	o := sdk.Options()
	if reason := closed(&o); reason != "" {
		return nil, reason
	}
	return &Client{sdk: sdk, options: o, retryer: o.Retryer.(aws.RetryerV2), ops: newOperations()}, "" // which a standard one is
}

// Closed tells why the SDK sends all requests by now; "" if it does not.
func (c *Client) Closed() string {
	if c.skewed.Load() {
		return "the clocks of the service and of this machine differ"
	}
	return ""
}

// maxSkew is how far a clock may be off before the SDK corrects it.
const maxSkew = 4 * time.Minute

var writers = sync.Pool{New: func() any { return new(writer) }}

// serializable are the SDK's inputs.
type serializable interface{ Serialize(smithy.ShapeSerializer) }

// do sends one request.
func do[I serializable, O any](
	ctx context.Context, c *Client, op *operation, send func(*dynamodb.Client, context.Context, I, ...func(*dynamodb.Options)) (*O, error),
	in I, opts []func(*dynamodb.Options), meta func(*O) *middleware.Metadata,
) (*O, error) {
	carried, ok := wire.CargoOf(opts)
	if !ok || c.skewed.Load() || ctx.Err() != nil {
		return send(c.sdk, ctx, in, guarded(opts)...)
	}
	a, ok := c.begin(ctx, op, in, carried.Body, func(ctx context.Context, opt func(*dynamodb.Options)) error {
		_, err := send(c.sdk, ctx, in, opt)
		return err
	})
	if !ok {
		return send(c.sdk, ctx, in, guarded(opts)...)
	}
	resp, err := c.options.HTTPClient.Do(a.req)
	carried.Attempts.Note(resp, err)
	if err == nil && resp.StatusCode == http.StatusOK {
		out := new(O)
		if resp = c.take(ctx, op, resp, carried.Sink, out, meta(out)); resp == nil {
			_ = a.release(nil) // which gives the quota of retries what a success is worth
			return out, nil
		}
	}
	again := replay{resp: c.failed(resp), err: err}
	return send(c.sdk, ctx, in, append(guarded(opts), again.option())...)
}

// guarded returns the options of a call that the SDK makes.
func guarded(opts []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	return append(opts[:len(opts):len(opts)], wire.Guard)
}

// An attempt is a request that is ready to be sent.
type attempt struct {
	req     *http.Request
	release func(error) error
}

// begin makes the request of an attempt; false if the SDK has to.
func (c *Client) begin(ctx context.Context, op *operation, in serializable, body *wire.Body, send func(context.Context, func(*dynamodb.Options)) error) (a attempt, ok bool) {
	creds, err := c.options.Credentials.Retrieve(ctx)
	if err != nil || !creds.HasKeys() {
		return a, false
	}
	s := op.of(ctx, c, creds, send)
	if s == nil {
		return a, false
	}
	text, ok := write(in, body)
	if !ok {
		return a, false
	}
	if a.req, err = c.request(ctx, s, creds, text); err != nil {
		return a, false
	}
	a.release, err = c.retryer.GetAttemptToken(ctx)
	return a, err == nil
}

// write returns the body of a request.
func write(in serializable, body *wire.Body) ([]byte, bool) {
	w := writers.Get().(*writer)
	defer writers.Put(w)
	w.reset()
	in.Serialize(w)
	if w.fails {
		return nil, false
	}
	if body == nil {
		return bytes.Clone(w.text), true
	}
	text, err := body.Write(w.text)
	return text, err == nil
}

// request makes a signed request of a shape.
func (c *Client) request(ctx context.Context, s *shape, creds aws.Credentials, text []byte) (*http.Request, error) {
	header := make(http.Header, len(s.header)+5)
	maps.Copy(header, s.header)
	header["Amz-Sdk-Invocation-Id"] = []string{uuid.NewString()}
	if _, lambda := os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME"); lambda {
		if id, ok := os.LookupEnv("_X_AMZN_TRACE_ID"); ok {
			header["X-Amzn-Trace-Id"] = []string{traceID(id)}
		}
	}
	at := *s.url // the signer writes to it
	req := (&http.Request{
		Method: s.method, URL: &at, Host: s.host, Header: header, ContentLength: int64(len(text)), Body: wire.Whole(text, nil),
		GetBody: func() (io.ReadCloser, error) { return wire.Whole(text, nil), nil },
	}).WithContext(ctx)
	sum := sha256.Sum256(text)
	var hash [2 * sha256.Size]byte
	hex.Encode(hash[:], sum[:])
	return req, c.options.HTTPSignerV4.SignHTTP(ctx, creds, req, string(hash[:]), s.service, s.region, time.Now().UTC())
}

// traceID writes a trace id as the SDK's RecursionDetection does.
func traceID(id string) string {
	const hexDigits = "0123456789ABCDEF"
	out := make([]byte, 0, len(id))
	for _, b := range []byte(id) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', bytes.IndexByte([]byte(`-=;:+&[]{}"',`), b) >= 0:
			out = append(out, b)
		default:
			out = append(out, '%', hexDigits[b>>4], hexDigits[b&15])
		}
	}
	return string(out)
}

// take reads a clean answer into sink and out. It returns an answer that is not
// clean, as it came.
func (c *Client) take(ctx context.Context, op *operation, resp *http.Response, sink *wire.Sink, out any, meta *middleware.Metadata) *http.Response {
	most := wire.Limit(op.schema.ID().Name)
	text, release, err := wire.ReadAll(resp.Body, resp.ContentLength, most)
	closeErr := resp.Body.Close()
	if err != nil || closeErr != nil || resp.Header.Get("Content-Encoding") != "" || !c.intact(resp, text) {
		return asItCame(resp, text, err)
	}
	rest, _, err := wire.Open(text, most, sink)
	if err == nil && !empty(rest) {
		err = c.options.Protocol.DeserializeResponse(ctx, op.schema, nil, &smithyhttp.Response{Response: &http.Response{
			StatusCode: http.StatusOK, Header: resp.Header, Body: wire.Whole(rest, nil),
		}}, out.(smithy.Deserializable))
	}
	if err != nil {
		return asItCame(resp, text, nil)
	}
	wire.SetBytes(meta, len(text))
	release()
	return nil
}

// asItCame returns an answer with the body that was read, which is the SDK's from
// now on, and what ended it.
func asItCame(resp *http.Response, text []byte, err error) *http.Response {
	again := *resp
	again.Body = wire.Whole(text, err)
	return &again
}

// intact reports whether a body is the one that was sent, as far as that is told.
func (c *Client) intact(resp *http.Response, text []byte) bool {
	sum := resp.Header.Get("X-Amz-Crc32")
	if sum == "" || c.options.DisableValidateResponseChecksum {
		return true
	}
	want, err := strconv.ParseUint(sum, 10, 32)
	return err == nil && uint32(want) == crc32.ChecksumIEEE(text)
}

// empty reports whether nothing is left of an answer whose items were taken.
func empty(rest []byte) bool {
	switch string(rest) {
	case "{}", `{"Item":{}}`, `{"Attributes":{}}`:
		return true
	}
	return false
}

// failed is an answer that goes to the SDK. Requests are left to the SDK once the
// clock of the service is found to be another: it corrects its signatures by what
// it learns. An error comes without its checksum: DynamoDB Local sends a wrong one,
// of which the SDK warns each time.
func (c *Client) failed(resp *http.Response) *http.Response {
	if resp == nil || resp.StatusCode == http.StatusOK {
		return resp
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil && time.Since(at).Abs() > maxSkew {
		c.skewed.Store(true)
	}
	again := *resp
	again.Header = resp.Header.Clone()
	again.Header.Del("X-Amz-Crc32")
	return &again
}
