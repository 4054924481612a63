package key

import (
	"errors"
	"strings"
)

// ErrKey is the sentinel of every error of this package.
var ErrKey = errors.New("key: bad key")

// ErrLiteral is in an error about a composite whose text differs from the
// declaration in a literal: the key of something else that is kept in the same
// table (rule K7).
var ErrLiteral = errors.New("not the declared text")

// An Error tells which rule a declaration or a value breaks. It is [ErrKey],
// and it never holds a value.
type Error struct {
	Attr string // the key attribute; "" if it has no name
	Part string // the part of a composite, a literal in quotes; "" if it is about the whole
	Rule string // what is wrong
	Err  error  // the cause, such as [ErrLiteral] or [strconv.ErrRange]; may be nil
}

// Error returns a text such as "key: id: part account_id: want an integer".
func (e *Error) Error() string {
	text := []string{"key"}
	if e.Attr != "" {
		text = append(text, e.Attr)
	}
	if e.Part != "" {
		text = append(text, "part "+e.Part)
	}
	text = append(text, e.Rule)
	if e.Err != nil {
		text = append(text, e.Err.Error())
	}
	return strings.Join(text, ": ")
}

// Unwrap returns [ErrKey] and the cause, if there is one.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrKey}
	}
	return []error{ErrKey, e.Err}
}
