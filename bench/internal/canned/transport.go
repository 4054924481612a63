package canned

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A Transport is the HTTPClient of an SDK client that answers in the process.
// It remembers the last request.
type Transport struct {
	answers Answers
	wait    time.Duration

	mu   sync.Mutex
	op   string
	body []byte
}

// NewTransport returns a transport that answers after so long a wait.
func NewTransport(answers Answers, wait time.Duration) *Transport {
	return &Transport{answers: answers, wait: wait}
}

// Client returns an SDK client over the transport.
func (t *Transport) Client() *dynamodb.Client {
	return dynamodb.NewFromConfig(config(), func(o *dynamodb.Options) { o.HTTPClient = t })
}

func config() aws.Config {
	return aws.Config{
		Region:      "us-east-1",
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("bench", "bench", "")),
	}
}

// Do answers a request.
func (t *Transport) Do(req *http.Request) (*http.Response, error) {
	if t.wait > 0 {
		select {
		case <-time.After(t.wait):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	answer, err := t.answer(req)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status:        "200 OK",
		StatusCode:    http.StatusOK,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        answer.header,
		Body:          answer.body(),
		ContentLength: int64(answer.size),
		Request:       req,
	}, nil
}

func (t *Transport) answer(req *http.Request) (*Answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, t.op, _ = strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	size := int(req.ContentLength)
	if cap(t.body) < size {
		t.body = make([]byte, size)
	}
	t.body = t.body[:size]
	if _, err := io.ReadFull(req.Body, t.body); err != nil {
		return nil, err
	}
	return t.answers(t.op, t.body), nil
}

// Take returns the operation and the body of the last request and forgets
// them; "" and nil if there is none since. The body is valid until the next.
func (t *Transport) Take() (op string, body []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	op, body = t.op, t.body
	t.op, t.body = "", t.body[:0]
	return op, body
}

// Close does nothing: there is no connection.
func (t *Transport) Close() error { return nil }
