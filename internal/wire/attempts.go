package wire

import (
	"errors"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
)

// Attempts notes what came of each attempt of one call, the SDK's among them, so
// that an error of the last does not hide what an earlier one may have done. It is
// used by one goroutine at a time, as the attempts of a call are.
type Attempts struct {
	// Seen is how many were; none where a client lets none be seen.
	Seen int
	// ID is that of the last answer, as DynamoDB has given it; "" if it has not.
	ID string
	// Done says that one was answered with success, whatever came of its body.
	Done    bool
	unknown bool      // of one nobody knows whether it was done
	next    *Attempts // which notes the same call
}

// Note notes an attempt. A nil Attempts is nobody's.
func (a *Attempts) Note(resp *http.Response, err error) {
	if a == nil {
		return
	}
	a.next.Note(resp, err)
	a.Seen++
	if resp != nil {
		a.ID = resp.Header.Get("X-Amzn-Requestid")
	}
	switch {
	case err != nil:
		op, ok := errors.AsType[*net.OpError](err)
		a.unknown = a.unknown || !ok || op.Op != "dial"
	case resp.StatusCode == http.StatusOK:
		a.Done = true
	case resp.StatusCode >= http.StatusInternalServerError:
		a.unknown = true
	}
}

// Option returns the option of the call whose attempts are noted.
func (a *Attempts) Option() func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		if c, asked := o.Logger.(*cargo); asked {
			a.next, c.Attempts = c.Attempts, a
			c.found++
			return
		}
		o.HTTPClient = &noting{o.HTTPClient, a}
	}
}

// Unknown reports whether a call that failed with err may have been done all the
// same. Where a client let no attempt be seen, the error alone tells.
func (a *Attempts) Unknown(err error) bool {
	if a.Seen > 0 {
		return a.unknown
	}
	api, answered := errors.AsType[smithy.APIError](err)
	sent, ok := errors.AsType[interface {
		error
		ConnectionError() bool
	}](err)
	return answered && api.ErrorFault() == smithy.FaultServer || ok && sent.ConnectionError()
}

type noting struct {
	dynamodb.HTTPClient

	attempts *Attempts
}

// Do notes what came of the attempt.
func (n *noting) Do(req *http.Request) (*http.Response, error) {
	resp, err := n.HTTPClient.Do(req)
	n.attempts.Note(resp, err)
	return resp, err
}
