package lean

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A replay gives the answer, or the error, of an attempt that was made, once; from
// then on requests go through.
type replay struct {
	next dynamodb.HTTPClient
	resp *http.Response
	err  error
	done bool
}

// Do is called by one goroutine at a time, as the attempts of a call are.
func (r *replay) Do(req *http.Request) (*http.Response, error) {
	if r.done {
		return r.next.Do(req)
	}
	r.done = true
	if r.resp != nil {
		r.resp.Request = req
	}
	return r.resp, r.err
}

// option makes a call begin with the attempt.
func (r *replay) option() func(*dynamodb.Options) {
	return func(o *dynamodb.Options) { r.next, o.HTTPClient = o.HTTPClient, r }
}
