package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// Request is one HTTP request as it reached the transport, before any fault.
type Request struct {
	// Operation is the name of the operation, such as "Query".
	Operation string
	// Body is the JSON that was sent.
	Body []byte
	// Call identifies the call of the SDK that the request is an attempt of:
	// the SDK's retries of one call share it. Source: the header
	// amz-sdk-invocation-id; "" if there is none.
	Call string
	// Attempt is the number of the attempt within its call, from 1. Source: the
	// header amz-sdk-request; 0 if there is none.
	Attempt int
}

func newRequest(req *http.Request, body []byte) Request {
	r := Request{
		Operation: operation(req),
		Body:      body,
		Call:      req.Header.Get("Amz-Sdk-Invocation-Id"),
	}
	// Without the header nothing is scanned, and Attempt stays 0.
	_, _ = fmt.Sscanf(req.Header.Get("Amz-Sdk-Request"), "attempt=%d", &r.Attempt)
	return r
}

// JSON returns the decoded body, its numbers as float64; nil if the body is not
// a JSON object.
func (r Request) JSON() map[string]any {
	var m map[string]any
	if json.Unmarshal(r.Body, &m) != nil {
		return nil
	}
	return m
}

// record keeps a request.
func (t *Transport) record(r Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = append(t.requests, r)
}

// recorded returns the requests of an operation, or of all for "*", with the
// bodies that the transport keeps.
func (t *Transport) recorded(operation string) []Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []Request
	for _, r := range t.requests {
		if operation == anyOperation || r.Operation == operation {
			found = append(found, r)
		}
	}
	return found
}

// Requests returns the requests of an operation in the order they were sent, an
// SDK retry being a request of its own; of every operation for "*". It is nil
// if there were none. What it returns is the caller's to change.
func (t *Transport) Requests(operation string) []Request {
	requests := t.recorded(operation)
	for i := range requests {
		requests[i].Body = bytes.Clone(requests[i].Body)
	}
	return requests
}

// Limits returns the Limit of each request of an operation, in the order sent,
// 0 for a request without one; nil if there were no requests.
func (t *Transport) Limits(operation string) []int {
	var limits []int
	for _, r := range t.recorded(operation) {
		limit, _ := r.JSON()["Limit"].(float64)
		limits = append(limits, int(limit))
	}
	return limits
}

// Count returns how many HTTP requests of an operation were sent, an SDK retry
// counting as one more; of every operation for "*".
func (t *Transport) Count(operation string) int {
	return len(t.recorded(operation))
}

// Total returns how many HTTP requests were sent, an SDK retry counting as one
// more.
func (t *Transport) Total() int { return t.Count(anyOperation) }

// Counts returns how many HTTP requests of each operation were sent; empty, not
// nil, if there were none.
func (t *Transport) Counts() map[string]int {
	counts := map[string]int{}
	for _, r := range t.recorded(anyOperation) {
		counts[r.Operation]++
	}
	return counts
}

// Calls returns how many calls of an operation the SDK made, whatever number of
// attempts each took; of every operation for "*".
func (t *Transport) Calls(operation string) int {
	n, known := 0, map[string]bool{}
	for _, r := range t.recorded(operation) {
		if !known[r.Call] {
			n++
		}
		// A request of no known call is a call of its own.
		known[r.Call] = r.Call != ""
	}
	return n
}

// Reset forgets the requests recorded so far. The schedule of faults is kept.
func (t *Transport) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = nil
}
