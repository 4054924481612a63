package engine

import (
	"errors"
	"fmt"
)

var (
	// ErrMissing says that a program the engine needs is not installed. It
	// comes as a [*MissingError].
	ErrMissing = errors.New("engine: a program is missing")

	// ErrFetch says that DynamoDB Local could not be downloaded, or that what
	// came was not the pinned package.
	ErrFetch = errors.New("engine: can't fetch DynamoDB Local")

	// ErrStart says that DynamoDB Local did not come up, or did not stay up. It
	// comes as a [*StartError].
	ErrStart = errors.New("engine: DynamoDB Local is not running")

	// ErrEndpoint says that DYNAREPO_ENDPOINT holds no URL.
	ErrEndpoint = errors.New("engine: " + EndpointVariable + " is not an endpoint")
)

// MissingError says which program is missing and what would bring it.
type MissingError struct {
	// Program is what is missing, in words.
	Program string
	// Packages are the Debian packages that bring it, each enough by itself,
	// the preferred first.
	Packages []string
	// Err is why it counts as missing.
	Err error
}

// Error returns one line that says what to install.
func (e *MissingError) Error() string {
	return fmt.Sprintf("engine: %s is needed: install it (Debian and Ubuntu: apt-get install %s) or set %s",
		e.Program, e.Packages[0], EndpointVariable)
}

// Unwrap returns [ErrMissing] and the cause.
func (e *MissingError) Unwrap() []error { return []error{ErrMissing, e.Err} }

// StartError says why DynamoDB Local is not running.
type StartError struct {
	// Err is what happened: the child's exit, or the end of the context.
	Err error
	// Output is the end of what the child wrote to its standard output and
	// standard error, 4 KB at most.
	Output string
}

// Error returns the cause and the child's last output.
func (e *StartError) Error() string {
	if e.Output == "" {
		return fmt.Sprintf("%v: %v", ErrStart, e.Err)
	}
	return fmt.Sprintf("%v: %v; its last output:\n%s", ErrStart, e.Err, e.Output)
}

// Unwrap returns [ErrStart] and the cause.
func (e *StartError) Unwrap() []error { return []error{ErrStart, e.Err} }
