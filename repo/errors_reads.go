package repo

import (
	"fmt"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/key"
)

// A MissingError tells which reads of a transaction found no item. It is
// [ErrNotFound].
type MissingError struct{ Positions []int }

// Error names the positions.
func (e *MissingError) Error() string { return fmt.Sprintf("%v: reads %v", ErrNotFound, e.Positions) }

// Unwrap returns [ErrNotFound].
func (e *MissingError) Unwrap() error { return ErrNotFound }

// An UnprocessedError holds the keys that DynamoDB left unprocessed when the
// attempts were spent or the context ended. It is [ErrUnprocessed].
type UnprocessedError struct {
	Keys []key.Value // in the order of the call
	err  error       // what ended it: nil for spent attempts, or the context's error or the SDK's
}

// Error says how many keys are left.
func (e *UnprocessedError) Error() string {
	text := fmt.Sprintf("%v: %d", ErrUnprocessed, len(e.Keys))
	if e.err != nil {
		text += ": " + fault.Text(e.err)
	}
	return text
}

// Unwrap returns [ErrUnprocessed] and what ended it.
func (e *UnprocessedError) Unwrap() []error {
	if e.err == nil {
		return []error{ErrUnprocessed}
	}
	return []error{ErrUnprocessed, e.err}
}

// A KindError tells which attribute names no kind of a repository, or which
// type is none. It is [ErrUnknownKind].
type KindError struct {
	Attr string       // the discriminator; "" if there is none
	Type reflect.Type // of an item to be written; nil of one that was read
}

// Error names the attribute or the type, and nothing of the item.
func (e *KindError) Error() string {
	text := ErrUnknownKind.Error()
	if e.Type != nil {
		text += ": " + e.Type.String()
	}
	if e.Attr != "" {
		text += ", by attribute " + e.Attr
	}
	return text
}

// Unwrap returns [ErrUnknownKind].
func (e *KindError) Unwrap() error { return ErrUnknownKind }
