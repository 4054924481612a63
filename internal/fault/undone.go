package fault

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Undone are operations of one call that were not done, and why.
type Undone []undone

type undone struct {
	At  int // the position of the operation
	Err error
}

// Add adds the operation at a position.
func (u *Undone) Add(at int, err error) {
	*u = append(*u, undone{at, err})
}

// Sort puts the operations in order.
func (u Undone) Sort() {
	slices.SortFunc(u, func(a, b undone) int { return cmp.Compare(a.At, b.At) })
}

// Positions returns where the operations are.
func (u Undone) Positions() []int {
	at := make([]int, len(u))
	for i, one := range u {
		at[i] = one.At
	}
	return at
}

// Errs returns why each was not done.
func (u Undone) Errs() []error {
	errs := make([]error, len(u))
	for i, one := range u {
		errs[i] = one.Err
	}
	return errs
}

// Join returns the errors as one, each with the position of its operation.
func (u Undone) Join() error {
	errs := make([]error, len(u))
	for i, one := range u {
		errs[i] = fmt.Errorf("operation %d: %w", one.At, one.Err)
	}
	return errors.Join(errs...)
}
