package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/table"
)

// A TableState tells what came of a table.
type TableState struct {
	Table string `json:"table"` // with its namespace
	State string `json:"state"` // "created", "stood", "differs" (it stood, and lacks what is declared) or "deleted"
}

// CreateTables makes the tables of [Config.Models] that are not there, as the
// models declare them, waits until they are ACTIVE, and returns what came of
// each, in the order of the models. What is there is left as it is: what it lacks
// is a matter for migrations, and [Migrator.Plan] tells it. It sends what
// [table.Create] sends for each. Errors: those of table.Create, but for
// ErrDiffers; what was made before is returned beside.
func (m *Migrator) CreateTables(ctx context.Context) ([]TableState, error) {
	designs, err := designs(m.cfg.Models)
	if err != nil {
		return nil, err
	}
	states := []TableState{}
	for _, d := range designs {
		created, err := table.Create(ctx, d, m.waiting())
		s := TableState{d.Table(), "stood"}
		switch {
		case !created && errors.Is(err, table.ErrDiffers):
			s.State = "differs"
		case err != nil:
			return states, err
		case created:
			s.State = "created"
		}
		states = append(states, s)
	}
	return states, nil
}

// Scale gives the tables of [Config.Models], and each of their global indexes,
// the billing mode and the capacity that the models declare, and returns what it
// changed, a plan for each table. Capacity that is not declared is left as it
// is. It sends what table.Inspect and table.Apply send. Errors:
// [table.ErrNotFound], before anything is changed; those of table.Apply.
func (m *Migrator) Scale(ctx context.Context) ([]table.Plan, error) {
	plans, err := diff(ctx, m.cfg.Models)
	if err != nil {
		return nil, err
	}
	var errs []error
	for i := range plans {
		p := &plans[i]
		if slices.ContainsFunc(p.Steps, func(s table.Step) bool { return s.Kind == "create-table" }) {
			errs = append(errs, fmt.Errorf("migrate: scale %s: %w", p.Table, table.ErrNotFound))
		}
		p.Obstacles = nil
		p.Steps = slices.DeleteFunc(p.Steps, func(s table.Step) bool {
			return s.Kind != "set-billing" && s.Kind != "set-throughput"
		})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, p := range plans {
		if err := table.Apply(ctx, p, m.waiting()); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// model returns the model of [Config.Models] whose table has that name, with its
// namespace or without.
func (m *Migrator) model(name string) (table.Model, error) {
	designs, err := designs(m.cfg.Models)
	if err != nil {
		return nil, err
	}
	for _, d := range designs {
		if d.Table() == name || d.Table() == m.db.TableName(name) {
			return d, nil
		}
	}
	return nil, refuse("no model has a table %s", name)
}

// A Scaling says what one table, or one of its global indexes, is to have.
type Scaling struct {
	Table      string           // of a model of [Config.Models], with its namespace or without
	Index      string           // the global index, to scale it alone; "" for the table
	Throughput index.Throughput // what is 0 is left as it is
	OnDemand   bool             // bill the table a request; nothing else is said then
}

// A Scaled tells what came of a [Scaling].
type Scaled struct {
	Table   string `json:"table"` // with its namespace
	Index   string `json:"index,omitempty"`
	Changed bool   `json:"changed"` // false if it was so
}

// ScaleTable gives one table, or one of its global indexes, another billing mode
// or other capacity than its models declare, and tells whether it was otherwise
// before. A table on demand that is given capacity first gets what is declared.
// It sends what the operations of package table send.
//
// Errors: repo.ErrInvalid, before any request, if no model has the table or s
// says nothing, or two things at once; those of [table.SetThroughput] and the
// like.
func (m *Migrator) ScaleTable(ctx context.Context, s Scaling) (Scaled, error) {
	model, err := m.model(s.Table)
	if err != nil {
		return Scaled{}, err
	}
	idle := s.Throughput == index.Throughput{}
	if s.OnDemand != idle || s.OnDemand && s.Index != "" || min(s.Throughput.Read, s.Throughput.Write) < 0 {
		return Scaled{}, refuse("Scaling of %s: want a Throughput, of the table or of an Index, or OnDemand", s.Table)
	}
	result := Scaled{Table: model.Table(), Index: s.Index}
	switch {
	case s.OnDemand:
		result.Changed, err = table.SetOnDemand(ctx, model, true, m.waiting())
	case s.Index != "":
		result.Changed, err = table.SetThroughput(ctx, model, s.Index, s.Throughput, m.waiting())
	default:
		var provisioned bool
		if provisioned, err = table.SetOnDemand(ctx, model, false, m.waiting()); err == nil {
			result.Changed, err = table.SetThroughput(ctx, model, "", s.Throughput, m.waiting())
			result.Changed = result.Changed || provisioned
		}
	}
	if err != nil {
		return Scaled{}, err
	}
	return result, nil
}

// Reset deletes every table of the namespace, the history included, as
// [table.Reset] does, and returns what it deleted, also beside an error; force
// is for a namespace that is not for tests. Errors: those of table.Reset.
func (m *Migrator) Reset(ctx context.Context, force bool) ([]TableState, error) {
	names, err := table.Reset(ctx, m.db, force, m.waiting())
	states := []TableState{}
	for _, name := range names {
		states = append(states, TableState{name, "deleted"})
	}
	return states, err
}
