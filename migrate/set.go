package migrate

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/repo"
)

// A Migration is one change of the tables and what is in them.
type Migration struct {
	// ID is when the migration was written: 14 digits, year to second. It says
	// when the migration runs among others. Required.
	ID string
	// Name says what it does: small letters, digits and "_", a letter first.
	// Required.
	Name string
	// Up makes the change. It may be run again after it failed or was killed, so
	// it finds part of the change made. Its context ends when the lease is lost.
	// Required.
	Up func(context.Context, *Context) error
	// Down undoes the change, on the same terms. Defaults to none: the migration
	// can't be undone.
	Down func(context.Context, *Context) error
}

// A Set holds the migrations of a program. The zero Set is empty. Every file of
// a package of migrations may add its own from an init function; the order in
// which they are added does not matter.
type Set struct{ migrations []Migration }

// NewSet returns a set of these migrations. They are checked by [Set.Validate].
func NewSet(migrations ...Migration) *Set { return &Set{slices.Clone(migrations)} }

// Add adds migrations. It must not be called at once with anything else.
func (s *Set) Add(migrations ...Migration) { s.migrations = append(s.migrations, migrations...) }

// All returns the migrations in the order in which they run.
func (s *Set) All() []Migration {
	if s == nil {
		return nil
	}
	return slices.SortedStableFunc(slices.Values(s.migrations), func(a, b Migration) int { return cmp.Compare(a.ID, b.ID) })
}

const idForm = "20060102150405" // as package time writes layouts

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Validate returns every fault of the set, joined, each a [*MigrationError]
// that is repo.ErrInvalid; nil if there is none.
func (s *Set) Validate() error {
	var errs []error
	ids, names := map[string]bool{}, map[string]bool{}
	for _, m := range s.All() {
		fault := func(rule string) {
			errs = append(errs, &MigrationError{ID: m.ID, Name: m.Name, Rule: rule, err: repo.ErrInvalid})
		}
		if _, err := time.Parse(idForm, m.ID); err != nil || len(m.ID) != len(idForm) {
			fault("an ID is a time of 14 digits, such as 20261122093000")
		}
		if !nameForm.MatchString(m.Name) {
			fault("a name has small letters, digits and '_', a letter first")
		}
		if m.Up == nil {
			fault("it has no Up")
		}
		if ids[m.ID] {
			fault("another migration has this ID")
		}
		if names[m.Name] {
			fault("another migration has this name")
		}
		ids[m.ID], names[m.Name] = true, true
	}
	return errors.Join(errs...)
}
