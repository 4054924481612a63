package migrate

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// A Status is how a migration stands.
type Status string

// How migrations stand.
const (
	Pending   Status = "pending"
	Beginning Status = "begun"   // Up was begun and is not done: it runs, failed or was killed
	Applied   Status = "applied" // Up is done
	Undoing   Status = "undoing" // Down was begun and is not done
)

// A State tells how one migration stands.
type State struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Status    Status     `json:"status"`
	Missing   bool       `json:"missing,omitempty"` // the history has it and the program has not
	Undoable  bool       `json:"undoable"`          // it has a Down
	StartedAt *time.Time `json:"started_at,omitempty"`
	AppliedAt *time.Time `json:"applied_at,omitempty"`
}

// Title returns the ID and the name as messages and file names have them.
func (s State) Title() string { return title(s.ID, s.Name) }

// Pending reports whether Up has to run it.
func (s State) Pending() bool { return s.Status != Applied && !s.Missing }

// Status returns how each migration stands, those of the program and those that
// only the history has, by ID. It sends one consistent Query, more if the
// history is over 1 MB, and creates nothing: without a history table all are
// pending.
func (m *Migrator) Status(ctx context.Context) ([]State, error) {
	records, err := m.history.all(ctx)
	if err != nil {
		return nil, err
	}
	var states []State
	for _, mig := range m.set {
		s := State{ID: mig.ID, Name: mig.Name, Status: Pending, Undoable: mig.Down != nil}
		if r, ok := records[mig.ID]; ok {
			s.Status, s.StartedAt, s.AppliedAt = r.State, &r.StartedAt, r.AppliedAt
			delete(records, mig.ID)
		}
		states = append(states, s)
	}
	for _, r := range records {
		states = append(states, State{ID: r.ID, Name: r.Name, Status: r.State, Missing: true, StartedAt: &r.StartedAt, AppliedAt: r.AppliedAt})
	}
	slices.SortFunc(states, func(a, b State) int { return cmp.Compare(a.ID, b.ID) })
	return states, nil
}
