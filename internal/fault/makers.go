package fault

import (
	"reflect"

	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// Makers make the typed errors that callers see. The types are package repo's,
// so that they are documented there; the rooms beneath bring the facts.
type Makers struct {
	// Op wraps an error for an operation on a table, and leaves nil and what is
	// wrapped already as it is. index is "" for the table itself, attrs are the
	// key attributes concerned.
	Op func(op, table, index string, attrs []string, err error) error
	// Together wraps the errors of several operations for a whole, also where
	// they are wrapped for their own.
	Together func(op string, err error) error
	// Config is a fault of a declaration.
	Config func(model, field, rule string, err error) error
	// Kind is an item of no kind of the repository: t is nil of one that was read.
	Kind func(attr string, t reflect.Type) error
	// Size is an item of too many bytes.
	Size func(bytes int) error
	// Callback is the error of a callback, by the number of its event.
	Callback func(event uint8, err error) error
	// Condition is a condition that does not hold for what is stored.
	Condition func(stored values.Item, cause error) error
	// Unique is a value of a constraint that owner has.
	Unique func(model, name string, attrs []string, owner values.Item, cause error) error
	// Transact is a transaction that was not done.
	Transact func(failed []FailedOp, cause error) error
	// Missing are the positions of reads of a transaction that found no item.
	Missing func(positions []int) error
	// Unprocessed are the keys that DynamoDB left, and what ended it; nil for spent
	// attempts.
	Unprocessed func(keys []key.Value, cause error) error
	// Batch are the operations that were not done.
	Batch func(left Undone) error
}

// A FailedOp is one operation that kept a transaction from being done.
type FailedOp struct {
	Position  int
	Op, Table string
	Code      string // DynamoDB's
	Stored    values.Item
	Err       error
}
