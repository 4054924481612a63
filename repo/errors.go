package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// What callers branch on. Every error of an operation is an [*Error] that
// errors.Is finds one of these in, or the error of the SDK or the context.
var (
	// ErrNotFound says that there is no such item.
	ErrNotFound = errors.New("not found")
	// ErrExists says that an item with the key is there already.
	ErrExists = errors.New("already exists")
	// ErrConditionFailed says that the item is there and the condition does not hold.
	ErrConditionFailed = errors.New("condition failed")
	// ErrInvalid says that the input was refused before any request.
	ErrInvalid = errors.New("invalid")
	// ErrScanRefused says that the conditions would take a Scan, and the scan
	// policy refuses one.
	ErrScanRefused = errors.New("scan refused")
	// ErrMismatch says that a stored composite key disagrees with its parts.
	ErrMismatch = errors.New("a stored composite key disagrees with its parts")
	// ErrForeign says that an item's key is not one of this model: a literal
	// part differs.
	ErrForeign = errors.New("not an item of this model")
	// ErrUnprocessed says that attempts were spent before DynamoDB processed
	// every key of a batch. The error holds what is left.
	ErrUnprocessed = errors.New("unprocessed keys are left")
	// ErrDecode says that a stored item does not fit the type.
	ErrDecode = errors.New("a stored item does not fit the type")
)

// An Error tells which operation on which table failed. Its text holds names
// only; values, and the service's own message, stay in the errors beneath.
type Error struct {
	Op    string   // such as "Get" or "Query"
	Table string   // with its namespace
	Index string   // "" for the table itself
	Attrs []string // key attributes concerned; nil if no key is
	Err   error    // beneath: sentinels of this package, errors of the SDK or the context
}

// Error names operation, table, index, key attributes and what went wrong; of
// an error of the service it says the code and not the message, which may
// quote values.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "repo: %s %s", e.Op, e.Table)
	if e.Index != "" {
		fmt.Fprintf(&b, " index %s", e.Index)
	}
	if len(e.Attrs) > 0 {
		fmt.Fprintf(&b, " (key %s)", strings.Join(e.Attrs, ", "))
	}
	b.WriteString(": ")
	b.WriteString(plainText(e.Err))
	return b.String()
}

// Unwrap returns what is beneath.
func (e *Error) Unwrap() error { return e.Err }

// A reason is a sentinel with the error that it was made of.
type reason struct{ sentinel, cause error }

func because(sentinel, cause error) error {
	if cause == nil {
		return sentinel
	}
	return &reason{sentinel, cause}
}

func (r *reason) Error() string   { return r.sentinel.Error() + ": " + plainText(r.cause) }
func (r *reason) Unwrap() []error { return []error{r.sentinel, r.cause} }

// plainText is the text of an error or, where that quotes the service's
// message, the service's code.
func plainText(err error) string {
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
		return api.ErrorCode(), true
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

// fail wraps err for an operation. Errors that are wrapped already, and nil,
// stay as they are.
func (s *schema) fail(op, idx string, attrs []string, err error) error {
	if err == nil {
		return nil
	}
	if _, wrapped := errors.AsType[*Error](err); wrapped {
		return err
	}
	return &Error{Op: op, Table: s.table, Index: idx, Attrs: slices.Clone(attrs), Err: err}
}

// refuse makes the error of input that is not sent.
func (s *schema) refuse(op string, err error) error {
	return s.fail(op, "", nil, because(ErrInvalid, err))
}

func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
