package repo

import (
	"context"
	"errors"
	"net"
	"net/url"
	"syscall"
)

// isEndpoint reports whether text is the URL of a service, or none.
func isEndpoint(text string) bool {
	u, err := url.Parse(text)
	return text == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// isLocal reports whether an endpoint is on this machine.
func isLocal(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// A silence is a connection that an address of this machine refused.
type silence struct {
	at  string
	err error
}

// Error tells what to do.
func (s *silence) Error() string {
	return "nothing listens at " + s.at + ": is DynamoDB Local started there? " + s.err.Error()
}

// Unwrap returns the error of the connection.
func (s *silence) Unwrap() error { return s.err }

// RetryableError tells the SDK not to try again.
func (s *silence) RetryableError() bool { return false }

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// attentive is a dialer that tells of silence.
func attentive(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return nil, &silence{address, err}
		}
		return conn, err
	}
}
