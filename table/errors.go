package table

import (
	"errors"

	"github.com/aws/smithy-go"
)

// What callers branch on.
var (
	// ErrNotFound says that there is no such table.
	ErrNotFound = errors.New("no such table")
	// ErrNotActive says that the table or one of its indexes was not ACTIVE when
	// the polls were spent, or is in a status that does not pass.
	ErrNotActive = errors.New("not active")
	// ErrNotDeleted says that the table was still there when the polls were
	// spent.
	ErrNotDeleted = errors.New("not deleted")
	// ErrClient says that the client of the model's database has not the
	// operations of Client.
	ErrClient = errors.New("the client has no table operations")
)

// An Error tells which operation on which table failed. Its text holds names
// only; the service's own message stays in the error beneath.
type Error struct {
	Op    string       // "Create", "Describe", "Delete" or "Wait"; "Exists" is "Describe"
	Table string       // with its namespace
	Last  *Description // how the table was seen last while waiting; nil if it was not
	Err   error        // beneath: sentinels of this package and of repo, errors of the SDK or the context
}

// Error names operation and table, what went wrong, and what is not ACTIVE
// where that is what went wrong; of an error of the service it says the code.
func (e *Error) Error() string {
	text := "table: " + e.Op + " " + e.Table + ": "
	if api, ok := errors.AsType[smithy.APIError](e.Err); ok && !errors.Is(e.Err, ErrNotFound) {
		return text + api.ErrorCode()
	}
	text += e.Err.Error()
	if e.Last != nil && e.Last.pending() != "" {
		text += ": " + e.Last.pending()
	}
	return text
}

// Unwrap returns what is beneath.
func (e *Error) Unwrap() error { return e.Err }
