package index

import (
	"errors"
	"fmt"
	"strings"
)

// ErrPlan is the sentinel of conditions that no request can answer.
var ErrPlan = errors.New("index: conditions that can't be queried")

// A PlanError tells which attribute's conditions break which rule. It is
// [ErrPlan].
type PlanError struct {
	Index string // "" for the table
	Attr  string
	Rule  string
	Err   error // beneath, or nil
}

// Error names the index, the attribute and the rule, no values.
func (e *PlanError) Error() string {
	var b strings.Builder
	b.WriteString("index: ")
	if e.Index != "" {
		fmt.Fprintf(&b, "index %s: ", e.Index)
	}
	if e.Attr != "" {
		fmt.Fprintf(&b, "attribute %s: ", e.Attr)
	}
	b.WriteString(e.Rule)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns [ErrPlan] and the error beneath.
func (e *PlanError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrPlan}
	}
	return []error{ErrPlan, e.Err}
}
