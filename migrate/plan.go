package migrate

import (
	"context"
	"strings"

	"github.com/dynarepo/dynarepo/table"
)

// A Plan is what is left to do on a database.
type Plan struct {
	Pending []State      `json:"pending"` // the migrations that Up would run, in order
	Tables  []table.Plan `json:"tables"`  // how the tables of Config.Models differ from them, each table's plan
}

// Empty reports whether nothing is left.
func (p Plan) Empty() bool {
	for _, t := range p.Tables {
		if !t.Empty() {
			return false
		}
	}
	return len(p.Pending) == 0
}

// String writes the plan for people, a line each: what is pending, then what
// differs.
func (p Plan) String() string {
	var b strings.Builder
	if len(p.Pending) == 0 {
		b.WriteString("no migration is pending\n")
	}
	for _, s := range p.Pending {
		b.WriteString(string(s.Status) + " " + s.Title() + "\n")
	}
	for _, t := range p.Tables {
		b.WriteString(t.String())
	}
	return b.String()
}

// Plan returns what is left to do, and changes nothing: a dry run. What differs
// between models and tables need not go away with the migrations that are
// pending, but has to be done by some. It sends what [Migrator.Status] and, for
// each table, table.Inspect send.
//
// Errors: table.ErrConflict if models of one table contradict each other.
func (m *Migrator) Plan(ctx context.Context) (Plan, error) {
	states, err := m.Status(ctx)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Pending: []State{}}
	for _, s := range states {
		if s.Pending() {
			p.Pending = append(p.Pending, s)
		}
	}
	p.Tables, err = diff(ctx, m.cfg.Models)
	return p, err
}
