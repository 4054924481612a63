package migrate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Config says how migrations run. The zero value of each field is its
// default, and nil stands for the zero Config.
type Config struct {
	// Models are the program's: whose tables the tasks create, and what Plan
	// compares with them. A *table.Design, which stands for all the models of a
	// table, may be among them. Defaults to none.
	Models []table.Model
	// Table is the base name of the history table. Defaults to "migrations".
	Table string
	// Lease is how long a process that was killed keeps others waiting, 1 second
	// or more. Defaults to 30 seconds.
	Lease time.Duration
	// Wait says how long to wait for tables and indexes. Defaults to the
	// defaults of package table.
	Wait *table.Options
	// Out gets what is under way, as lines of text. Defaults to nowhere.
	Out io.Writer
	// Progress makes what shows how far a backfill has come; total is how many
	// items are left, 0 if that is not known. Defaults, also where it returns nil,
	// to lines on Out, one every five seconds.
	Progress func(label string, total int) Progress
	// Now is the clock of the lease, the history and the durations. Defaults to
	// that of the database.
	Now func() time.Time
}

const (
	defaultTable = "migrations"
	defaultLease = 30 * time.Second
	minLease     = time.Second
)

// A Migrator runs a program's migrations on a database. It is safe for
// concurrent use; of concurrent runs one waits for the other.
type Migrator struct {
	cfg     Config
	db      *repo.DB
	set     []Migration // in order
	history *history
}

// New returns what runs the migrations of set, nil being none. It sends
// nothing. Every fault of the set and of cfg is reported at once, joined; each
// is repo.ErrInvalid.
func New(db *repo.DB, set *Set, cfg *Config) (*Migrator, error) {
	if db == nil {
		return nil, refuse("want a DB")
	}
	m := &Migrator{db: db, set: set.All()}
	if cfg != nil {
		m.cfg = *cfg
	}
	errs := []error{set.Validate()}
	if m.cfg.Lease != 0 && m.cfg.Lease < minLease {
		errs = append(errs, refuse("Config.Lease: want %v or more", minLease))
	}
	if slices.Contains(m.cfg.Models, nil) {
		errs = append(errs, refuse("Config.Models: want models, not nil"))
	}
	m.cfg.Table = cmp.Or(m.cfg.Table, defaultTable)
	m.cfg.Lease = cmp.Or(m.cfg.Lease, defaultLease)
	m.cfg.Models = slices.Clone(m.cfg.Models)
	if m.cfg.Now == nil {
		m.cfg.Now = db.Config().Now
	}
	if m.cfg.Out == nil {
		m.cfg.Out = io.Discard
	}
	var err error
	if m.history, err = newHistory(db, m.cfg.Table); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return m, nil
}

// Showing returns a migrator that writes what is under way to out, and shows
// backfills by progress, nil for the default, if [Config.Out] said nowhere. m is
// left as it is.
func (m *Migrator) Showing(out io.Writer, progress func(label string, total int) Progress) *Migrator {
	other := *m
	if other.cfg.Out == io.Discard {
		other.cfg.Out = out
		if other.cfg.Progress == nil {
			other.cfg.Progress = progress
		}
	}
	return &other
}

// DB returns the database.
func (m *Migrator) DB() *repo.DB { return m.db }

func (m *Migrator) printf(format string, args ...any) { fmt.Fprintf(m.cfg.Out, format, args...) }
