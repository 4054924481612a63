// Package faults is a transport that injects trouble in front of the real
// engine, and counts.
//
// A [Transport] is given to the SDK as its HTTP client:
//
//	tr := faults.New(nil)
//	client := enginetest.Client(t, func(o *dynamodb.Options) { o.HTTPClient = tr })
//
// It keeps every request, and by itself changes nothing. Trouble is put on a
// schedule by [Transport.On]:
//
//	tr.On("Query").Nth(3).Do(faults.Throttle())
//	tr.On("BatchGetItem").Times(1).Do(faults.Unprocessed(2))
//	tr.On("*").Every(10).Do(faults.CutAfter())
//
// It is no imitation of DynamoDB: an answer is the engine's own, whole, altered
// or withheld. Only errors are composed here, in the form that DynamoDB gives
// them. A request that a fault has altered keeps the signature it had, which
// DynamoDB Local does not check.
package faults

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// ErrMisfit is returned for a request that a fault was scheduled on but can't
// be applied to, such as [Unprocessed] on a Query: a mistake in the test, which
// must not pass for a request without trouble.
var ErrMisfit = errors.New("faults: the fault does not fit the request")

// Send passes a request on and returns its answer, as Do of an HTTP client.
type Send func(*http.Request) (*http.Response, error)

// Fault is trouble for one request. It returns what the SDK shall see: an
// answer or error of its own, or what send returned, altered, late or lost.
// The body of req can be read any number of times by its GetBody, which is
// always set. A Fault is called by several goroutines at once.
type Fault func(req *http.Request, send Send) (*http.Response, error)

// Transport is an HTTP client for the SDK that tells of each request and injects
// the faults scheduled on it. It is safe for concurrent use.
type Transport struct {
	next aws.HTTPClient

	mu         sync.Mutex
	requests   []Request
	watchers   []*func(Request)
	injections []*Injection
}

// New returns a transport that sends by next, or by an HTTP client of the SDK's
// own kind if next is nil. It sends nothing itself. It keeps every request until
// [Transport.Reset].
func New(next aws.HTTPClient) *Transport {
	t := Front(next)
	t.Watch(t.record)
	return t
}

// Front is [New] of a transport that keeps no request: only those who watch are
// told.
func Front(next aws.HTTPClient) *Transport {
	if next == nil {
		next = awshttp.NewBuildableClient()
	}
	return &Transport{next: next}
}

// Watch has told called with each request before it is sent, by several
// goroutines at once, until stop is called.
func (t *Transport) Watch(told func(Request)) (stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watchers = append(t.watchers, &told)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		// Those under way go on over the old ones.
		t.watchers = slices.DeleteFunc(slices.Clone(t.watchers), func(w *func(Request)) bool { return w == &told })
	}
}

// Do tells of req and sends it through the faults that are due, the one
// scheduled first outermost. Besides the errors of the faults and of the client
// beneath it returns what reading the body of req failed with.
func (t *Transport) Do(req *http.Request) (*http.Response, error) {
	body, err := drain(req.Body)
	if err != nil {
		return nil, fmt.Errorf("faults: reading the request: %w", err)
	}
	send := Send(t.next.Do)
	for _, fault := range slices.Backward(t.due(newRequest(req, body))) {
		inner := send
		send = func(req *http.Request) (*http.Response, error) { return fault(req, inner) }
	}
	return send(withBody(req, body))
}

// due tells of r and returns the faults that strike it, in the order scheduled.
func (t *Transport) due(r Request) []Fault {
	t.mu.Lock()
	watchers, injections := t.watchers, slices.Clone(t.injections)
	t.mu.Unlock()

	// Outside the lock, since a rule may ask the transport for its counts.
	for _, told := range watchers {
		(*told)(r)
	}
	var due []Fault
	for _, i := range injections {
		if i.strikes(r) {
			due = append(due, i.faults...)
		}
	}
	return due
}

// operation returns the operation that req is for, "" if it names none.
func operation(req *http.Request) string {
	target := req.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:]
}

// drain reads body to its end and closes it; a nil body is empty.
func drain(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	b, err := io.ReadAll(body)
	return b, errors.Join(err, body.Close())
}

// bodyOf returns the body of a request made by withBody, which keeps it.
func bodyOf(req *http.Request) ([]byte, error) {
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	return drain(body)
}

// withBody returns a copy of req that carries body.
func withBody(req *http.Request, body []byte) *http.Request {
	req = req.Clone(req.Context())
	req.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(body)), nil
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.ContentLength = int64(len(body))
	return req
}
