// Package fault makes errors whose text holds no item data: sentinels with
// their causes, and the text of the service's errors without its message.
package fault

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
)

// A reason is a sentinel with the error that it was made of.
type reason struct{ sentinel, cause error }

// Because returns an error that is sentinel and cause; sentinel itself if cause
// is nil.
func Because(sentinel, cause error) error {
	if cause == nil {
		return sentinel
	}
	return &reason{sentinel, cause}
}

// Error names the sentinel and the cause, without the service's message.
func (r *reason) Error() string { return r.sentinel.Error() + ": " + Text(r.cause) }

// Unwrap returns the sentinel and the cause.
func (r *reason) Unwrap() []error { return []error{r.sentinel, r.cause} }

// Invalid is input that is refused before any request; nil of nil.
func Invalid(err error) error {
	if err == nil {
		return nil
	}
	return Because(ErrInvalid, err)
}

// Text is the text of an error or, where that quotes the service's message,
// which may quote values, the service's code.
func Text(err error) string {
	if err == nil {
		return "no error"
	}
	text := err.Error()
	if code, ok := quoted(err, text); ok {
		return code
	}
	return text
}

// quoted looks for an error of the service, beneath err, whose message is in
// text.
func quoted(err error, text string) (code string, ok bool) {
	//nolint:errorlint // every error beneath is looked at by itself, since its text is compared
	if api, is := err.(smithy.APIError); is && strings.Contains(text, api.ErrorMessage()) {
		return Code(api), true
	}
	//nolint:errorlint // this is the walk down
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return quoted(e.Unwrap(), text)
	case interface{ Unwrap() []error }:
		for _, beneath := range e.Unwrap() {
			if code, ok = quoted(beneath, text); ok {
				return code, ok
			}
		}
	}
	return "", false
}

var word = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,100}$`)

// Code is the code of an error of the service. One that is no word is not told: it
// is not DynamoDB that answered, and the text is for a log.
func Code(err smithy.APIError) string {
	if code := err.ErrorCode(); word.MatchString(code) {
		return code
	}
	return "an error without a code"
}

// IsContext reports whether an error is that a context has ended.
func IsContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
