package iter

import (
	"errors"
	"fmt"
)

// ErrLimit is the sentinel of a limit that can't be: every [*LimitError] is it.
var ErrLimit = errors.New("iter: invalid limit")

// LimitError tells which limit is out of range. errors.Is finds [ErrLimit].
type LimitError struct {
	Option string // the option as its user knows it: "record limit", "chunk size"
	Value  int    // what was given
}

// Error names the option and the value given.
func (e *LimitError) Error() string {
	return fmt.Sprintf("iter: invalid %s %d", e.Option, e.Value)
}

// Unwrap returns [ErrLimit].
func (e *LimitError) Unwrap() error { return ErrLimit }
