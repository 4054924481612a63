package canned

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A Server answers over HTTP on the loopback interface, from this process.
type Server struct {
	transport *Transport
	http      *http.Server
	endpoint  string
	done      chan error
}

// NewServer starts a server, which the caller closes.
func NewServer(answers Answers) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		transport: NewTransport(answers, 0),
		endpoint:  "http://" + listener.Addr().String(),
		done:      make(chan error, 1),
	}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() { s.done <- s.http.Serve(listener) }()
	return s, nil
}

func (s *Server) serve(w http.ResponseWriter, req *http.Request) {
	answer, err := s.transport.answer(req)
	if err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	maps.Copy(w.Header(), answer.header)
	for _, part := range answer.parts {
		if _, err := w.Write(part); err != nil {
			return // the client has gone, and tells why
		}
	}
}

// Client returns an SDK client of the server, with the SDK's own HTTP client.
func (s *Server) Client() *dynamodb.Client {
	return dynamodb.NewFromConfig(config(), func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(s.endpoint) })
}

// Take is [Transport.Take] of the server.
func (s *Server) Take() (op string, body []byte) { return s.transport.Take() }

// Close ends the server.
func (s *Server) Close() error {
	err := s.http.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
