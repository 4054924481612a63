package migrate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dynarepo/dynarepo/repo"
)

// What callers branch on.
var (
	// ErrLeaseLost says that another process may hold the lease by now: the run
	// was stopped, and what was under way is not recorded as done.
	ErrLeaseLost = errors.New("the lease was lost")
	// ErrNoDown says that a migration that was to be undone has no Down. Nothing
	// was undone.
	ErrNoDown = errors.New("it has no Down")
	// ErrUnknown says that the program has no migration of that ID.
	ErrUnknown = errors.New("no such migration")
)

// A MigrationError tells which migration failed, or which rule its declaration
// breaks.
type MigrationError struct {
	ID   string
	Name string
	Rule string // "" unless the declaration is at fault
	err  error  // what its function failed with, or a sentinel
}

// Error names the migration and what is wrong.
func (e *MigrationError) Error() string {
	text := "migrate: " + title(e.ID, e.Name)
	if e.Rule != "" {
		return text + ": " + e.Rule
	}
	return text + ": " + e.err.Error()
}

// Unwrap returns what is beneath.
func (e *MigrationError) Unwrap() error { return e.err }

// title is a migration as messages and file names have it.
func title(id, name string) string { return strings.TrimSuffix(id+"_"+name, "_") }

// refuse makes the error of input that is not acted on.
func refuse(format string, args ...any) error {
	return fmt.Errorf("migrate: %w: %s", repo.ErrInvalid, fmt.Sprintf(format, args...))
}
