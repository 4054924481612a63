package planner

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dynarepo/dynarepo/index"
)

// An Error tells which attribute's conditions break which rule. It is
// [index.ErrPlan].
type Error struct {
	Index string // "" for the table
	Attr  string
	Rule  string
	Err   error // beneath, or nil
}

// Error names the index, the attribute and the rule, no values.
func (e *Error) Error() string {
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

// Unwrap returns [index.ErrPlan] and the error beneath.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{index.ErrPlan}
	}
	return []error{index.ErrPlan, e.Err}
}

// undeclared is the name of an index that is not declared. It is [index.ErrIndex].
type undeclared string

// Error names the index.
func (u undeclared) Error() string { return "index: " + strconv.Quote(string(u)) + ": not declared" }

// Unwrap returns [index.ErrIndex].
func (u undeclared) Unwrap() error { return index.ErrIndex }
