package repo

import (
	"fmt"
	"strings"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// What callers branch on. Every error of an operation is an [*Error] that
// errors.Is finds one of these in, or the error of the SDK or the context.
var (
	// ErrNotFound says that there is no such item.
	ErrNotFound = fault.ErrNotFound
	// ErrExists says that an item with the key is there already.
	ErrExists = fault.ErrExists
	// ErrConditionFailed says that the item is there and the condition does not hold.
	ErrConditionFailed = fault.ErrConditionFailed
	// ErrInvalid says that the input was refused before any request.
	ErrInvalid = fault.ErrInvalid
	// ErrScanRefused says that the conditions would take a Scan, and the scan
	// policy refuses one.
	ErrScanRefused = fault.ErrScanRefused
	// ErrMismatch says that a stored composite key disagrees with its parts.
	ErrMismatch = fault.ErrMismatch
	// ErrForeign says that an item's key is not one of this model: a literal
	// part differs.
	ErrForeign = fault.ErrForeign
	// ErrUnprocessed says that attempts were spent before DynamoDB processed
	// every key of a batch. The error holds what is left.
	ErrUnprocessed = fault.ErrUnprocessed
	// ErrDecode says that a stored item does not fit the type, or that an answer
	// is none that DynamoDB gives.
	ErrDecode = fault.ErrDecode
	// ErrConflict says that another transaction or write was on an item at once.
	ErrConflict = fault.ErrConflict
	// ErrUnread says that an update was done, and that the item which it returns
	// could not be read: sending it again would change it twice.
	ErrUnread = fault.ErrUnread
	// ErrUnknown says that the answer to a write was lost, and nothing tells
	// whether it was done: look before sending it again, or send it again if it is
	// such as may be done twice (rule O4). An id that was generated for the item is
	// in it.
	ErrUnknown = fault.ErrUnknown
	// ErrUnique says that another item has the value of a unique field already.
	ErrUnique = fault.ErrUnique
	// ErrUnknownKind says that an item is of no kind of the repository.
	ErrUnknownKind = fault.ErrUnknownKind
	// ErrKind says that an item to be written has the discriminator of another
	// kind: it was loaded as what it is a special case of, and would lose the rest.
	ErrKind = fault.ErrKind
)

// An Error tells which operation on which table failed. Its text holds names
// only; values, and the service's own message, stay in the errors beneath.
type Error struct {
	Op    string   // such as "Get" or "Query"
	Table string   // with its namespace
	Index string   // "" for the table itself
	Attrs []string // key attributes concerned; nil if no key is
	Err   error    // beneath: sentinels of this package, errors of the SDK or the context
}

// Error names operation, table, index, key attributes and what went wrong; of
// an error of the service it says the code and not the message, which may
// quote values.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "repo: %s %s", e.Op, e.Table)
	if e.Index != "" {
		fmt.Fprintf(&b, " index %s", e.Index)
	}
	if len(e.Attrs) > 0 {
		fmt.Fprintf(&b, " (key %s)", strings.Join(e.Attrs, ", "))
	}
	b.WriteString(": ")
	b.WriteString(fault.Text(e.Err))
	return b.String()
}

// Unwrap returns what is beneath.
func (e *Error) Unwrap() error { return e.Err }

// A ConfigError tells which field of a [Config] or a [Spec] breaks which rule.
// It is [ErrInvalid].
type ConfigError struct {
	Model string // the Go type and its table; "" in a Config
	Field string
	Rule  string
	err   error // beneath, or nil
}

// Error names the model, the field and the rule.
func (e *ConfigError) Error() string {
	text := "repo: "
	if e.Model != "" {
		text += e.Model + ": "
	}
	text += e.Field + ": " + e.Rule
	if e.err != nil {
		text += ": " + fault.Text(e.err)
	}
	return text
}

// Unwrap returns [ErrInvalid] and the error beneath.
func (e *ConfigError) Unwrap() []error {
	if e.err == nil {
		return []error{ErrInvalid}
	}
	return []error{ErrInvalid, e.err}
}

// noRepository is what an error of a zero value names as its table.
const noRepository = "of no repository"
