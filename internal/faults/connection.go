package faults

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"
)

// Delay returns the fault that sends the request after d, or returns the
// context's error, and sends nothing, when the context ends first. On "*" it is
// the latency of every request.
func Delay(d time.Duration) Fault {
	return func(req *http.Request, send Send) (*http.Response, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return send(req)
		case <-req.Context().Done():
			return nil, failed(req, req.Context().Err())
		}
	}
}

// CutBefore returns the fault that cuts the connection before the request
// reaches the engine: it has no effect. The SDK retries it.
func CutBefore() Fault {
	return func(req *http.Request, _ Send) (*http.Response, error) {
		return nil, failed(req, reset("write"))
	}
}

// CutAfter returns the fault that cuts the connection before the answer
// arrives: the request has had its effect. The SDK retries it, so the effect
// may come twice.
func CutAfter() Fault {
	return func(req *http.Request, send Send) (*http.Response, error) {
		resp, err := send(req)
		if err != nil {
			return nil, err
		}
		if _, err := drain(resp.Body); err != nil {
			return nil, err
		}
		return nil, failed(req, reset("read"))
	}
}

// Truncate returns the fault that lets the connection break after n bytes of
// the answer's body, all of which had been announced: reading fails with
// [io.ErrUnexpectedEOF]. At least the last byte is lost. The request has had
// its effect. The SDK does not retry it.
func Truncate(n int) Fault {
	return damage(func(resp *http.Response, body []byte) {
		start := bytes.NewReader(body[:kept(n, body)])
		resp.Body = io.NopCloser(io.MultiReader(start, brokenReader{}))
	})
}

// Shorten returns the fault that ends the answer's body after n bytes without a
// sign: its length is announced as n, and only the checksum, which stays that of
// the whole body, tells. At least the last byte is lost. The request has had its
// effect. The SDK does not retry it.
func Shorten(n int) Fault {
	return damage(func(resp *http.Response, body []byte) {
		setBody(resp, body[:kept(n, body)])
	})
}

// Corrupt returns the fault that changes one digit of the answer's body, the
// first after its middle or else before it, so that the JSON stays well formed
// and only the checksum, which is left alone, tells. If there is no digit it
// changes the last byte. The request has had its effect. The SDK hands such an
// answer out, and says so in its log only.
func Corrupt() Fault {
	return damage(func(resp *http.Response, body []byte) {
		setBody(resp, corrupted(body))
	})
}

// damage reads the answer as the engine gave it and has spoil put a body in its
// place.
func damage(spoil func(resp *http.Response, body []byte)) Fault {
	return func(req *http.Request, send Send) (*http.Response, error) {
		resp, err := send(req)
		if err != nil {
			return nil, err
		}
		body, err := drain(resp.Body)
		if err != nil {
			return nil, err
		}
		if len(body) == 0 {
			return nil, fmt.Errorf("%w: the answer to %s has no body", ErrMisfit, operation(req))
		}
		spoil(resp, body)
		return resp, nil
	}
}

// kept returns how much of body is left when it is cut to n bytes.
func kept(n int, body []byte) int {
	return max(0, min(n, len(body)-1))
}

// corrupted returns body with one byte changed, a digit if it has any.
func corrupted(body []byte) []byte {
	body = bytes.Clone(body)
	for i := range body {
		at := (len(body)/2 + i) % len(body)
		if digit := body[at]; '0' <= digit && digit <= '9' {
			// Never to 0, which JSON does not allow in front of a number.
			body[at] = '1' + (digit-'0')%9
			return body
		}
	}
	body[len(body)-1] ^= 1
	return body
}

// failed is an error of the kind that the HTTP client returns.
func failed(req *http.Request, err error) error {
	return &url.Error{Op: "Post", URL: req.URL.String(), Err: err}
}

// reset is the network's error for a connection that the other side has cut.
func reset(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, syscall.ECONNRESET)}
}

// brokenReader is what is left of a body when its connection has broken.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
