package expr

import "errors"

// The sentinels that package cond tells.
var (
	ErrAttr    = errors.New("cond: invalid attribute")
	ErrEmpty   = errors.New("cond: an empty condition or change")
	ErrOverlap = errors.New("cond: two changes overlap")
)

// A fault tells which attribute breaks which rule.
type fault struct {
	attr, rule string
	err        error // beneath, or nil
}

// Error names the attribute and the rule.
func (f *fault) Error() string {
	text := "cond: attribute " + f.attr + ": " + f.rule
	if f.err != nil {
		text += ": " + f.err.Error()
	}
	return text
}

// Unwrap returns ErrAttr and the error beneath.
func (f *fault) Unwrap() []error {
	if f.err == nil {
		return []error{ErrAttr}
	}
	return []error{ErrAttr, f.err}
}
