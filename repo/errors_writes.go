package repo

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
	Err    error                           // the SDK's error
}

// Error says that a condition failed, and nothing of the item.
func (e *ConditionError) Error() string { return ErrConditionFailed.Error() }

// Unwrap returns [ErrConditionFailed] and the SDK's error.
func (e *ConditionError) Unwrap() []error { return []error{ErrConditionFailed, e.Err} }
