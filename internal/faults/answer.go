package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
)

// Answer returns the fault that lets the engine do the request and hands the
// body of its answer, if that is a success, through change. Content-Length and
// the checksum are made anew. Change may use its argument's bytes.
func Answer(change func(body []byte) []byte) Fault {
	return func(req *http.Request, send Send) (*http.Response, error) {
		return rewrite(req, send, func(body []byte) ([]byte, error) { return change(body), nil })
	}
}

// edit hands the members of the engine's answer, if that is a success, to
// change.
func edit(req *http.Request, send Send, change func(out map[string]any) error) (*http.Response, error) {
	return rewrite(req, send, func(body []byte) ([]byte, error) {
		out, err := decode(body)
		if err != nil {
			return nil, fmt.Errorf("faults: reading the answer to %s: %w", operation(req), err)
		}
		if err := change(out); err != nil {
			return nil, err
		}
		return json.Marshal(out)
	})
}

// rewrite sends req and puts what change returns in place of the answer's body,
// if the answer is a success. A compressed one is ErrMisfit: the SDK asks for
// none unless told to.
func rewrite(req *http.Request, send Send, change func(body []byte) ([]byte, error)) (*http.Response, error) {
	resp, err := send(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err := drain(resp.Body)
	if err != nil {
		return nil, err
	}
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" {
		return nil, fmt.Errorf("%w: the answer is compressed by %s", ErrMisfit, encoding)
	}
	if body, err = change(body); err != nil {
		return nil, err
	}
	setChecked(resp, body)
	return resp, nil
}

// answer composes an answer whose body is v in JSON.
func answer(req *http.Request, status int, v any) (*http.Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	resp := &http.Response{
		Status:     strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode: status,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Request:    req,
	}
	setChecked(resp, body)
	return resp, nil
}

// setChecked makes body the whole body of resp, with the checksum to it.
func setChecked(resp *http.Response, body []byte) {
	resp.Header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	setBody(resp, body)
}

// setBody makes body the whole body of resp and leaves the checksum as it was.
func setBody(resp *http.Response, body []byte) {
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	resp.ContentLength = int64(len(body))
	resp.Body = io.NopCloser(bytes.NewReader(body))
}

// decode returns the members of a JSON object, with numbers as they were
// written.
func decode(body []byte) (map[string]any, error) {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return m, d.Decode(&m)
}
