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

// A name is a sentinel that says all that an error of the service does.
type name struct{ sentinel, cause error }

// Named returns an error that is sentinel and cause, with the text of sentinel
// alone.
func Named(sentinel, cause error) error { return &name{sentinel, cause} }

// Error names the sentinel.
func (n *name) Error() string { return n.sentinel.Error() }

// Unwrap returns the sentinel and the cause.
func (n *name) Unwrap() []error { return []error{n.sentinel, n.cause} }

// Invalid is input that is refused before any request; nil of nil.
func Invalid(err error) error {
	if err == nil {
		return nil
	}
	return Because(ErrInvalid, err)
}

// Text is the text of an error or, where that quotes the service's message,
// which may quote values, the service's code; with what to do about it where
// that is known.
func Text(err error) string {
	if err == nil {
		return "no error"
	}
	text := err.Error()
	if api := quoted(err, text); api != nil {
		return code(api) + advice(api)
	}
	if strings.Contains(text, noCredentials) && !strings.Contains(text, credentialsAdvice) {
		text += credentialsAdvice
	}
	return text
}

// quoted returns the error of the service, beneath err, whose message is in text;
// nil if none is.
func quoted(err error, text string) smithy.APIError {
	//nolint:errorlint // every error beneath is looked at by itself, since its text is compared
	if api, ok := err.(smithy.APIError); ok && strings.Contains(text, api.ErrorMessage()) {
		return api
	}
	//nolint:errorlint // this is the walk down
	switch e := err.(type) {
	case *name: // which quotes nothing
	case interface{ Unwrap() error }:
		return quoted(e.Unwrap(), text)
	case interface{ Unwrap() []error }:
		for _, beneath := range e.Unwrap() {
			if api := quoted(beneath, text); api != nil {
				return api
			}
		}
	}
	return nil
}

var word = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,100}$`)

// code is the code of an error of the service. One that is no word is not told: it
// is not DynamoDB that answered, and the text is for a log.
func code(api smithy.APIError) string {
	if text := api.ErrorCode(); word.MatchString(text) {
		return text
	}
	return "an error without a code"
}

// IsContext reports whether an error is that a context has ended.
func IsContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
