package migrate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Done tells of a migration that was run.
type Done struct {
	ID     string        `json:"id"`
	Name   string        `json:"name"`
	Undone bool          `json:"undone,omitempty"` // Down was run
	Took   time.Duration `json:"took"`             // nanoseconds in JSON
}

// Title returns the ID and the name as messages and file names have them.
func (d Done) Title() string { return title(d.ID, d.Name) }

// Up runs, in order, every migration that is not applied, also one that is
// older than one that is, and returns those it ran; nil if there is nothing to
// do. Any number of processes may call it at once: each migration runs once.
// The first that fails ends it; those before it stay applied.
//
// It sends a Query, and if something is to be done creates the history table,
// waits for the lease as long as ctx lasts, and records each migration before
// and after it runs, in a transaction that checks the lease.
//
// Errors: [ErrLeaseLost]; what a migration failed with, in a [*MigrationError].
func (m *Migrator) Up(ctx context.Context) ([]Done, error) {
	return m.run(ctx, func(states []State) ([]step, error) {
		return m.ups(states, func(State) bool { return true }), nil
	})
}

// To makes the migration with that ID the last that is applied: it runs those
// up to it that are not applied, in order, after it has undone those behind it,
// the newest first. Otherwise it is as [Migrator.Up] and [Migrator.Down].
func (m *Migrator) To(ctx context.Context, id string) ([]Done, error) {
	if !slices.ContainsFunc(m.set, func(mig Migration) bool { return mig.ID == id }) {
		return nil, &MigrationError{ID: id, err: ErrUnknown}
	}
	return m.run(ctx, func(states []State) ([]step, error) {
		downs, err := m.downs(states, func(s State) bool { return s.ID > id })
		return append(downs, m.ups(states, func(s State) bool { return s.ID <= id })...), err
	})
}

// Down undoes the last n migrations that are applied or begun, n of 1 or more,
// the newest first, and returns those it undid. It sends what [Migrator.Up]
// sends.
//
// Errors, before anything is undone: [ErrNoDown] for one that has no Down,
// [ErrUnknown] for one that the program does not have; and those of Up.
func (m *Migrator) Down(ctx context.Context, n int) ([]Done, error) {
	if n < 1 {
		return nil, refuse("Down takes 1 migration or more, not %d", n)
	}
	return m.run(ctx, func(states []State) ([]step, error) {
		left := n
		states = slices.Clone(states)
		slices.Reverse(states)
		var newest []string
		for _, s := range states {
			if s.Status != Pending && left > 0 {
				newest = append(newest, s.ID)
				left--
			}
		}
		return m.downs(states, func(s State) bool { return slices.Contains(newest, s.ID) })
	})
}

// A step is one migration to run, one way.
type step struct {
	Migration
	down bool
}

// ups returns what runs those that are to be applied, in order.
func (m *Migrator) ups(states []State, wanted func(State) bool) []step {
	var steps []step
	for _, s := range states {
		if s.Pending() && wanted(s) {
			steps = append(steps, step{Migration: m.migration(s.ID)})
		}
	}
	return steps
}

// downs returns what undoes those that are to be undone, the newest first, or
// every reason why that can't be.
func (m *Migrator) downs(states []State, wanted func(State) bool) ([]step, error) {
	var steps []step
	var errs []error
	for _, s := range states {
		switch {
		case s.Status == Pending || !wanted(s):
		case s.Missing:
			errs = append(errs, &MigrationError{ID: s.ID, Name: s.Name, err: ErrUnknown})
		case !s.Undoable:
			errs = append(errs, &MigrationError{ID: s.ID, Name: s.Name, err: ErrNoDown})
		default:
			steps = append(steps, step{m.migration(s.ID), true})
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(b.ID, a.ID) })
	return steps, errors.Join(errs...)
}

// run does what choose says is to be done, under the lease if that is anything.
func (m *Migrator) run(ctx context.Context, choose func([]State) ([]step, error)) ([]Done, error) {
	chosen := func(ctx context.Context) ([]step, error) {
		states, err := m.Status(ctx)
		if err != nil {
			return nil, err
		}
		return choose(states)
	}
	if steps, err := chosen(ctx); err != nil || len(steps) == 0 {
		return nil, err
	}
	if _, err := table.Create(ctx, m.history.records, m.cfg.Wait); err != nil {
		return nil, err
	}
	var done []Done
	err := m.hold(ctx, func(ctx context.Context, l *holding) error {
		steps, err := chosen(ctx) // another process may have been before
		if err != nil {
			return lost(ctx, err)
		}
		for _, s := range steps {
			one, err := m.one(ctx, l, s)
			if err != nil {
				return &MigrationError{ID: s.ID, Name: s.Name, err: lost(ctx, err)}
			}
			done = append(done, one)
		}
		return nil
	})
	return done, err
}

// one runs a migration and records that.
func (m *Migrator) one(ctx context.Context, l *holding, s step) (Done, error) {
	started := m.cfg.Now()
	r, err := m.begin(ctx, l, s)
	if err != nil {
		return Done{}, err
	}
	f, verb := s.Up, "up"
	if s.down {
		f, verb = s.Down, "down"
	}
	m.printf("%s %s\n", verb, title(s.ID, s.Name))
	if err := f(ctx, &Context{m: m, lease: l, id: s.ID}); err != nil {
		return Done{}, err
	}
	now := m.cfg.Now()
	ended := m.history.records.Ops().Delete(key.Of(r.Kind).Range(r.ID))
	if !s.down {
		r.State, r.AppliedAt = Applied, &now
		ended = m.history.records.Ops().Put(&r)
	}
	if err := l.write(ctx, ended); err != nil {
		return Done{}, err
	}
	took := now.Sub(started)
	m.printf("%s %s: done in %v\n", verb, title(s.ID, s.Name), took.Round(time.Millisecond))
	return Done{ID: s.ID, Name: s.Name, Undone: s.down, Took: took}, nil
}

// begin records that a migration is begun. Where its backfills were is
// forgotten, unless it was begun before, the same way: then it is resumed.
func (m *Migrator) begin(ctx context.Context, l *holding, s step) (record, error) {
	state := Beginning
	if s.down {
		state = Undoing
	}
	r, err := m.history.records.Consistent().Get(ctx, key.Of(kindMigration).Range(s.ID))
	if err != nil && !errors.Is(err, repo.ErrNotFound) {
		return r, err
	}
	if r.State == state {
		return r, alive(ctx)
	}
	if err := m.history.forget(ctx, s.ID); err != nil {
		return r, err
	}
	r = record{Kind: kindMigration, ID: s.ID, Name: s.Name, State: state, StartedAt: m.cfg.Now(), AppliedAt: r.AppliedAt}
	return r, l.write(ctx, m.history.records.Ops().Put(&r))
}

// migration returns the program's migration with that ID, which it has.
func (m *Migrator) migration(id string) Migration {
	return m.set[slices.IndexFunc(m.set, func(mig Migration) bool { return mig.ID == id })]
}
