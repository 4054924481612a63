package codec

import (
	"errors"
	"fmt"
	"reflect"
)

var (
	// ErrKind is the sentinel of a value that can't be stored in its field.
	ErrKind = errors.New("value of the wrong kind")

	// ErrSyntax is the sentinel of bytes that are not items in DynamoDB's
	// JSON, or not in a form that is known here.
	ErrSyntax = errors.New("not an item in DynamoDB's JSON")

	// ErrText is the sentinel of text that is not UTF-8.
	ErrText = errors.New("text is not UTF-8")

	// ErrTwice is the sentinel of an attribute or a map key that stands twice.
	ErrTwice = errors.New("attribute stands twice")

	// ErrSkip is in an error of Options.Check that leaves the item out of a
	// page instead of failing it.
	ErrSkip = errors.New("item left out")

	// ErrDepth is the sentinel of a value that is nested deeper than DynamoDB
	// takes, a pointer cycle for one.
	ErrDepth = errors.New("nested too deeply")
)

// An Error tells which attribute of which type can't be encoded or decoded.
// Its text holds no item data; what a custom marshaler said is in Err only.
type Error struct {
	Type reflect.Type // of the item
	Attr string       // names joined by dots; "" for the item as a whole
	Rule string
	Err  error // a sentinel of this package, or what a custom marshaler returned
}

// Error names the type, the attribute and the rule.
func (e *Error) Error() string {
	text := ""
	if e.Type != nil {
		text += e.Type.String() + ": "
	}
	if e.Attr != "" {
		text += "attribute " + e.Attr + ": "
	}
	return text + e.Rule
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// misfit is a value of one kind for a Go type of another.
func misfit(what string, t reflect.Type) error {
	return &Error{Rule: fmt.Sprintf("%s does not fit %v", what, t), Err: ErrKind}
}

// foreign is the failure of a marshaler that is not ours; nil if err is.
func foreign(method string, t reflect.Type, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Rule: fmt.Sprintf("%s of %v failed", method, t), Err: err}
}

// under puts the name of an attribute in front of where err happened.
func under(name string, err error) error {
	e := errorOf(err)
	if e.Attr != "" {
		name += "." + e.Attr
	}
	e.Attr = name
	return e
}

// in names the item's type.
func in(t reflect.Type, err error) error {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused.error
	}
	e := errorOf(err)
	e.Type = t
	return e
}

// errorOf returns err as an Error. What is none yet is a sentinel or a fault
// of a plan, whose texts name no values.
func errorOf(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Rule: err.Error(), Err: err}
}

// refusal is what Options.Check returned, which is handed on as it is.
type refusal struct{ error }

func (r *refusal) Unwrap() error { return r.error }
