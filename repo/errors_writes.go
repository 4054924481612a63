package repo

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/values"
)

// A SizeError tells how large an item that is too large is (rule F9).
type SizeError struct{ Bytes int }

// Error says how many bytes the item has.
func (e *SizeError) Error() string {
	return fmt.Sprintf("the item has %d bytes, more than %d", e.Bytes, values.MaxItemBytes)
}

// A ConditionError holds the item that a condition did not hold for. It is
// [ErrConditionFailed].
type ConditionError struct {
	Stored map[string]types.AttributeValue // nil if there is no item
	err    error                           // the SDK's error
}

// Error says that a condition failed, and nothing of the item.
func (e *ConditionError) Error() string { return ErrConditionFailed.Error() }

// Unwrap returns [ErrConditionFailed] and the SDK's error.
func (e *ConditionError) Unwrap() []error { return []error{ErrConditionFailed, e.err} }

// A BatchError tells which operations of a batch were not done. Those that are
// not in it were.
type BatchError struct {
	Left []int // positions of the operations, in order
	// Errs is why each of Left was not: what is wrong with it, so that it was
	// not sent; what its write by itself would have failed with;
	// [ErrUnprocessed] where attempts were spent; the SDK's error; or the
	// context's. Operations of one request have one error.
	Errs []error
}

// Error says how many operations are left, and why: each reason once, with the
// position of the operation if it is that of one alone.
func (e *BatchError) Error() string {
	reasons, first, many := []string{}, map[string]int{}, map[string]int{}
	for i, err := range e.Errs {
		text := fault.Text(err)
		if many[text]++; many[text] == 1 {
			reasons, first[text] = append(reasons, text), e.Left[i]
		}
	}
	for i, text := range reasons {
		if many[text] == 1 && len(e.Left) > 1 {
			reasons[i] = fmt.Sprintf("operation %d: %s", first[text], text)
		}
	}
	return fmt.Sprintf("%d operations are left: %s", len(e.Left), strings.Join(reasons, "; "))
}

// Unwrap returns why.
func (e *BatchError) Unwrap() []error { return e.Errs }

// A TransactError tells which operations kept a transaction from being done.
// Nothing of it was. errors.Is finds what each failed with: [ErrExists],
// [ErrNotFound], [ErrConditionFailed], lock.ErrStale, [ErrConflict], or the
// SDK's error.
type TransactError struct {
	Failed []FailedOp // in the order of the operations
	err    error      // the SDK's error
}

// A FailedOp is one operation of a transaction that failed.
type FailedOp struct {
	Position int                             // among the operations
	Op       string                          // such as "Save"
	Table    string                          // with its namespace
	Code     string                          // DynamoDB's reason, such as "ConditionalCheckFailed"
	Stored   map[string]types.AttributeValue // the stored item, where DynamoDB returned it
	Err      error                           // what the operation alone would have failed with
}

// Error names each failing operation, its table and its reason.
func (e *TransactError) Error() string {
	texts := make([]string, len(e.Failed))
	for i, f := range e.Failed {
		texts[i] = fmt.Sprintf("operation %d, %s %s: %s", f.Position, f.Op, f.Table, f.Code)
	}
	return "nothing was written: " + strings.Join(texts, "; ")
}

// Unwrap returns what each operation failed with, and the SDK's error.
func (e *TransactError) Unwrap() []error {
	errs := make([]error, 0, len(e.Failed)+1)
	for _, f := range e.Failed {
		errs = append(errs, f.Err)
	}
	return append(errs, e.err)
}

// A UniqueError tells which constraint a write would have broken. It is
// [ErrUnique]; nothing was written.
type UniqueError struct {
	Model string                          // the Go type
	Name  string                          // of the constraint
	Attrs []string                        // whose values are taken
	Owner map[string]types.AttributeValue // key of the item that has them; nil if it is not known
	err   error                           // the SDK's error; nil if nothing was sent
}

// Error names the model and the attributes.
func (e *UniqueError) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrUnique, e.Model, strings.Join(e.Attrs, ", "))
}

// Unwrap returns [ErrUnique] and the SDK's error.
func (e *UniqueError) Unwrap() []error {
	if e.err == nil {
		return []error{ErrUnique}
	}
	return []error{ErrUnique, e.err}
}

// A CallbackError is the error of a callback.
type CallbackError struct {
	Event Event
	err   error
}

// Error names the event and what the callback said.
func (e *CallbackError) Error() string { return e.Event.String() + ": " + e.err.Error() }

// Unwrap returns what the callback said.
func (e *CallbackError) Unwrap() error { return e.err }
