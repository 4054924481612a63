package fault

import (
	"errors"
	"slices"
)

// What callers branch on; package repo tells them.
var (
	ErrNotFound        = errors.New("not found")
	ErrExists          = errors.New("already exists")
	ErrConditionFailed = errors.New("condition failed")
	ErrInvalid         = errors.New("invalid")
	ErrScanRefused     = errors.New("scan refused")
	ErrMismatch        = errors.New("a stored composite key disagrees with its parts")
	ErrForeign         = errors.New("not an item of this model")
	ErrUnprocessed     = errors.New("unprocessed keys are left")
	ErrDecode          = errors.New("a stored item does not fit the type")
	ErrConflict        = errors.New("conflict with another write")
	ErrUnique          = errors.New("a unique value is taken")
	ErrUnknownKind     = errors.New("an item of an unknown kind")
	ErrUnread          = errors.New("the write was done, and what it left could not be read")
	ErrUnknown         = errors.New("whether it was done is not known")
	ErrKind            = errors.New("the item is of another kind")
)

// What several rooms refuse.
var (
	ErrNilItem = errors.New("want an item, not nil")
	ErrNoOp    = errors.New("an empty operation")
)

// told are what is wrong with an item beside not fitting its type.
var told = []error{ErrMismatch, ErrForeign, ErrUnknownKind}

// Decode tells an item that does not fit from one whose keys or kind are not
// right.
func Decode(err error) error {
	if err == nil || slices.ContainsFunc(told, func(one error) bool { return errors.Is(err, one) }) {
		return err
	}
	return Because(ErrDecode, err)
}
