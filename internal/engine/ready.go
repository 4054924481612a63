package engine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	pollInterval  = 25 * time.Millisecond
	answerTimeout = 5 * time.Second
)

// errPortTaken says that another process has the port: try the next.
var errPortTaken = errors.New("engine: another process took the port")

// ready returns nil when this very child has answered a ListTables. The child
// allows cross-origin requests from one origin, its nonce, which nobody else
// knows; an answer that does not allow it comes from somebody else.
func (c *child) ready(ctx context.Context) error {
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: answerTimeout}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		switch nonce, err := c.ask(ctx, client); {
		case err != nil: // not listening yet
		case nonce != c.nonce:
			return errPortTaken
		default:
			return nil
		}
		select {
		case <-c.done:
			if strings.Contains(c.tail(), "Failed to bind") {
				return errPortTaken
			}
			return c.exit()
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// ask sends one ListTables and returns the origin that the answer allows. The
// engine wants a signature but does not check it.
func (c *child) ask(ctx context.Context, client *http.Client) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, strings.NewReader("{}"))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+AccessKey+"/20260101/"+Region+
		"/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	req.Header.Set("Origin", c.nonce)
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return "", err
	}
	return resp.Header.Get("Access-Control-Allow-Origin"), nil
}
