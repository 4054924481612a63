package lean

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A shape is what all requests of an operation have in common, as the SDK makes
// them for credentials of one account and source.
type shape struct {
	method, host    string
	url             *url.URL
	header          http.Header
	region, service string
}

// The headers that differ from one request to the next, which are made anew; that
// of attempts is as it was learned.
var own = []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "Amz-Sdk-Invocation-Id", "Content-Length", "X-Amzn-Trace-Id"}

// learned are the shapes of one operation by the account and the source of the
// credentials; nil for what is not understood, and is left to the SDK.
type learned struct {
	learning sync.Mutex
	mu       sync.RWMutex
	shapes   map[[2]string]*shape
}

// maxShapes bounds how many accounts a client may have.
const maxShapes = 64

// of returns the shape for credentials, nil if there is none, or while another call
// learns it: nobody waits for what goes through the SDK as well. send sends a request
// of the operation through the SDK with an option more.
func (l *learned) of(ctx context.Context, c *Client, creds aws.Credentials, send func(context.Context, func(*dynamodb.Options)) error) *shape {
	k := [2]string{creds.AccountID, creds.Source}
	l.mu.RLock()
	s, ok := l.shapes[k]
	full := len(l.shapes) == maxShapes
	l.mu.RUnlock()
	if ok || full || !l.learning.TryLock() {
		return s
	}
	defer l.learning.Unlock()
	s, certain := c.learn(ctx, creds, send)
	if certain {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.shapes == nil {
			l.shapes = map[[2]string]*shape{}
		}
		l.shapes[k] = s
	}
	return s
}

// learn has the SDK make a request twice, which is not sent, and returns what the
// two have in common: nil if they differ in what is not understood, or if what is
// signed here is not what the SDK signed. certain is false where it could not be
// tried.
func (c *Client) learn(ctx context.Context, creds aws.Credentials, send func(context.Context, func(*dynamodb.Options)) error) (s *shape, certain bool) {
	var rec recorder
	for range 2 {
		if err := send(ctx, func(o *dynamodb.Options) { o.HTTPClient = &rec }); err != nil && len(rec.seen) == 0 {
			return nil, false
		}
	}
	if len(rec.seen) != 2 {
		return nil, false
	}
	a, b := rec.seen[0], rec.seen[1]
	if a.Method != b.Method || a.URL.String() != b.URL.String() || a.Host != b.Host ||
		!maps.EqualFunc(common(a.Header), common(b.Header), slices.Equal) {
		return nil, true
	}
	scope := strings.Split(a.Header.Get("Authorization"), "/")
	if len(scope) < 5 || !strings.HasPrefix(scope[0], "AWS4-HMAC-SHA256 Credential="+creds.AccessKeyID) {
		return nil, !strings.HasPrefix(scope[0], "AWS4-HMAC-SHA256 ") // other credentials meanwhile: not for certain
	}
	s = &shape{method: a.Method, host: a.Host, url: a.URL, header: common(a.Header), region: scope[2], service: scope[3]}
	if !c.same(ctx, s, creds, a, rec.bodies[0]) {
		return nil, true
	}
	return s, true
}

func common(h http.Header) http.Header {
	h = maps.Clone(h)
	for _, name := range own {
		delete(h, name)
	}
	return h
}

// same reports whether a request of the shape is signed as the SDK signed one.
func (c *Client) same(ctx context.Context, s *shape, creds aws.Credentials, sdks *http.Request, body []byte) bool {
	at, err := time.Parse("20060102T150405Z", sdks.Header.Get("X-Amz-Date"))
	if err != nil {
		return false
	}
	req := sdks.Clone(ctx)
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		req.Header.Del(name)
	}
	sum := sha256.Sum256(body)
	err = c.options.HTTPSignerV4.SignHTTP(ctx, creds, req, hex.EncodeToString(sum[:]), s.service, s.region, at)
	return err == nil && req.Header.Get("Authorization") == sdks.Header.Get("Authorization")
}

// A recorder keeps requests and sends nothing.
type recorder struct {
	seen   []*http.Request
	bodies [][]byte
}

// Do answers that all is well.
func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	r.seen, r.bodies = append(r.seen, req), append(r.bodies, body)
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: 2, Request: req,
		Body: io.NopCloser(bytes.NewReader([]byte("{}"))),
	}, nil
}
