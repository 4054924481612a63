package cond

import "github.com/dynarepo/dynarepo/internal/expr"

var (
	// ErrAttr is the sentinel of an attribute that does not resolve and of a value
	// that can't be stored in it.
	ErrAttr = expr.ErrAttr
	// ErrEmpty is the sentinel of a condition or change that is none: a zero value,
	// And or Or of nothing.
	ErrEmpty = expr.ErrEmpty
	// ErrOverlap is the sentinel of two changes of one attribute, or of an
	// attribute and something within it, in one update.
	ErrOverlap = expr.ErrOverlap
)
