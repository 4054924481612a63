package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/table"
)

// A TableState tells what came of a table.
type TableState struct {
	Table string `json:"table"` // with its namespace
	State string `json:"state"` // "created", "stood" or "deleted"
}

// CreateTables makes the tables of [Config.Models] that are not there, as the
// models declare them, waits until they are ACTIVE, and returns what came of
// each, in the order of the models. What is there is left as it is. It sends
// what [table.Create] sends for each. Errors: those of table.Create; what was
// made before is returned beside.
func (m *Migrator) CreateTables(ctx context.Context) ([]TableState, error) {
	designs, err := designs(m.cfg.Models)
	if err != nil {
		return nil, err
	}
	states := []TableState{}
	for _, d := range designs {
		created, err := table.Create(ctx, d, m.waiting())
		if err != nil {
			return states, err
		}
		s := TableState{d.Table(), "stood"}
		if created {
			s.State = "created"
		}
		states = append(states, s)
	}
	return states, nil
}

// What came of the tables.
type tableList []TableState

// String returns a line for each.
func (l tableList) String() string {
	if len(l) == 0 {
		return "no tables\n"
	}
	var rows [][]string
	for _, s := range l {
		rows = append(rows, []string{s.State, s.Table})
	}
	return columns(rows)
}

func (t *tasks) createTables() *cobra.Command {
	return &cobra.Command{
		Use:   "create-tables",
		Short: "Create the tables that are not there",
		Args:  cobra.NoArgs,
		RunE: t.run(func(ctx context.Context, m *Migrator, _ []string) (fmt.Stringer, error) {
			states, err := m.CreateTables(ctx)
			return tableList(states), err
		}),
	}
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
		if slices.ContainsFunc(p.Steps, func(s table.Step) bool { return s.Kind == table.KindCreateTable }) {
			errs = append(errs, fmt.Errorf("migrate: scale %s: %w", p.Table, table.ErrNotFound))
		}
		p.Obstacles = nil
		p.Steps = slices.DeleteFunc(p.Steps, func(s table.Step) bool {
			return s.Kind != table.KindSetBilling && s.Kind != table.KindSetThroughput
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

// What was scaled.
type scaled []table.Plan

// String returns a line for each change.
func (l scaled) String() string {
	var text strings.Builder
	for _, p := range l {
		for _, s := range p.Steps {
			text.WriteString(p.Table + ": " + s.Text + "\n")
		}
	}
	if text.String() == "" {
		return "nothing to do\n"
	}
	return text.String()
}

// A scaledTable is what one table was told to be.
type scaledTable struct {
	Table   string `json:"table"`
	Index   string `json:"index,omitempty"`
	Changed bool   `json:"changed"`
}

// String tells whether anything was changed.
func (s scaledTable) String() string {
	name := s.Table
	if s.Index != "" {
		name += ", index " + s.Index
	}
	if s.Changed {
		return name + ": changed\n"
	}
	return name + ": it was so\n"
}

// scaling is what the task is told of one table.
type scaling struct {
	name     string
	index    string
	units    index.Throughput
	onDemand bool
}

func (t *tasks) scale() *cobra.Command {
	var s scaling
	c := &cobra.Command{
		Use:   "scale [TABLE]",
		Short: "Set the capacity of tables and indexes",
		Long: "Give all tables and their global indexes the billing mode and the capacity that the\n" +
			"program declares, or one table, or one of its indexes, what the flags say.",
		Example: "  scale\n  scale users --read 50 --write 10\n  scale users --index name_idx --read 50\n  scale users --on-demand",
		Args:    cobra.MaximumNArgs(1),
		RunE: t.run(func(ctx context.Context, m *Migrator, args []string) (fmt.Stringer, error) {
			if len(args) == 0 {
				if s != (scaling{}) {
					return nil, refuse("want the table to scale so")
				}
				plans, err := m.Scale(ctx)
				if plans == nil {
					return nil, err
				}
				return scaled(plans), err
			}
			s.name = args[0]
			return s.run(ctx, m)
		}),
	}
	c.Flags().Int64Var(&s.units.Read, "read", 0, "read capacity `units`; 0 leaves them")
	c.Flags().Int64Var(&s.units.Write, "write", 0, "write capacity `units`; 0 leaves them")
	c.Flags().StringVar(&s.index, "index", "", "`name` of a global index, to scale it alone")
	c.Flags().BoolVar(&s.onDemand, "on-demand", false, "bill the table a request")
	c.MarkFlagsMutuallyExclusive("on-demand", "read")
	c.MarkFlagsMutuallyExclusive("on-demand", "write")
	c.MarkFlagsMutuallyExclusive("on-demand", "index")
	return c
}

// run scales one table or index.
func (s *scaling) run(ctx context.Context, m *Migrator) (fmt.Stringer, error) {
	model, err := m.model(s.name)
	if err != nil {
		return nil, err
	}
	result := scaledTable{Table: model.Table(), Index: s.index}
	switch {
	case s.onDemand:
		result.Changed, err = table.SetOnDemand(ctx, model, m.waiting())
	case s.units == index.Throughput{}:
		return nil, refuse("want --read, --write or --on-demand")
	case s.index != "":
		result.Changed, err = table.SetIndexThroughput(ctx, model, s.index, s.units, m.waiting())
	default:
		// A table on demand is given capacity, the declared one, and then this.
		provisioned, perr := table.SetProvisioned(ctx, model, m.waiting())
		if perr != nil {
			return nil, perr
		}
		result.Changed, err = table.SetThroughput(ctx, model, s.units, m.waiting())
		result.Changed = result.Changed || provisioned
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

// An answered says that the service answers.
type answered struct {
	Answers bool `json:"answers"`
}

// String says it.
func (answered) String() string { return "DynamoDB answers\n" }

func (t *tasks) ping() *cobra.Command {
	return &cobra.Command{
		Use:   "ping",
		Short: "See whether DynamoDB answers",
		Args:  cobra.NoArgs,
		RunE: t.run(func(ctx context.Context, m *Migrator, _ []string) (fmt.Stringer, error) {
			if err := table.Ping(ctx, m.db); err != nil {
				return nil, err
			}
			return answered{true}, nil
		}),
	}
}

func (t *tasks) reset() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "reset",
		Short: "Delete every table of the namespace",
		Long: "Delete every table of the namespace, the history of migrations included, with all\n" +
			"items. Unless the namespace has the word \"test\" in it that has to be said with --force;\n" +
			"without a namespace it is never done.",
		Args: cobra.NoArgs,
		RunE: t.run(func(ctx context.Context, m *Migrator, _ []string) (fmt.Stringer, error) {
			names, err := table.Reset(ctx, m.db, force, m.waiting())
			states := tableList{}
			for _, name := range names {
				states = append(states, TableState{name, "deleted"})
			}
			if err != nil && len(states) == 0 {
				return nil, err
			}
			return states, err
		}),
	}
	c.Flags().BoolVar(&force, "force", false, "delete also what is not for tests")
	return c
}
