// Package lock is optimistic locking: a version that each write of a loaded
// item checks and raises, the error of a write that came too late, and a
// bounded retry of read, change, write.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/writes.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package lock

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ErrStale is the sentinel of a write that lost: the stored item is not of the
// version that was loaded, or is gone.
var ErrStale = errors.New("lock: stale item")

// A StaleError tells what was expected. It is [ErrStale].
type StaleError struct {
	Table    string
	Expected int64                           // the version that was loaded; 0 for an item never stored
	Stored   map[string]types.AttributeValue // the stored item; nil if it is gone or was not asked for
	err      error                           // the SDK's error
}

// Error names the table and the expected version.
func (e *StaleError) Error() string {
	return fmt.Sprintf("%v: %s: expected version %d", ErrStale, e.Table, e.Expected)
}

// Unwrap returns [ErrStale] and the SDK's error.
func (e *StaleError) Unwrap() []error { return []error{ErrStale, e.err} }

// A Policy keeps the version of an item in one integer attribute: 1 when it
// is created, 1 more with each write (rules G1 to G5).
type Policy struct{ attr string }

// Version returns the policy that keeps the version in attribute attr, a field
// of an integer kind.
func Version(attr string) Policy { return Policy{attr} }

// Attribute returns the name of the attribute.
func (v Policy) Attribute() string { return v.attr }

// Guard is the condition on which an item loaded at version current may be
// written or deleted. One that was never versioned has version 0.
func (v Policy) Guard(current int64) expression.ConditionBuilder {
	name := expression.NameNoDotSplit(v.attr)
	if current == 0 { // which NULL loads as too, and what was stored before there was a lock
		return name.AttributeNotExists().Or(name.AttributeType(expression.Null), name.Equal(expression.Value(0)))
	}
	return name.Equal(expression.Value(current))
}

// Bump adds the raising of the version to an update that does not check it
// (rule G4).
func (v Policy) Bump(u expression.UpdateBuilder) expression.UpdateBuilder {
	return u.Add(expression.NameNoDotSplit(v.attr), expression.Value(1))
}

// Stale returns the [*StaleError] of a write of an item loaded at version
// expected whose guard failed with cause.
func (v Policy) Stale(table string, expected int64, stored map[string]types.AttributeValue, cause error) error {
	return &StaleError{Table: table, Expected: expected, Stored: stored, err: cause}
}
