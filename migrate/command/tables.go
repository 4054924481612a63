package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// What came of the tables.
type tableList []migrate.TableState

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
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, _ []string) (fmt.Stringer, error) {
			states, err := m.CreateTables(ctx)
			return tableList(states), err
		}),
	}
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

// What one table was told to be.
type scaledTable migrate.Scaled

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

func (t *tasks) scale() *cobra.Command {
	var s migrate.Scaling
	c := &cobra.Command{
		Use:   "scale [TABLE]",
		Short: "Set the capacity of tables and indexes",
		Long: "Give all tables and their global indexes the billing mode and the capacity that the\n" +
			"program declares, or one table, or one of its indexes, what the flags say.",
		Example: "  scale\n  scale users --read 50 --write 10\n  scale users --index name_idx --read 50\n  scale users --on-demand",
		Args:    cobra.MaximumNArgs(1),
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, args []string) (fmt.Stringer, error) {
			if len(args) == 0 {
				if s != (migrate.Scaling{}) {
					return nil, fmt.Errorf("scale: %w: want the table to scale so", repo.ErrInvalid)
				}
				plans, err := m.Scale(ctx)
				if plans == nil {
					return nil, err
				}
				return scaled(plans), err
			}
			if s == (migrate.Scaling{Index: s.Index}) {
				return nil, fmt.Errorf("scale: %w: want --read, --write or --on-demand", repo.ErrInvalid)
			}
			s.Table = args[0]
			done, err := m.ScaleTable(ctx, s)
			if err != nil {
				return nil, err
			}
			return scaledTable(done), nil
		}),
	}
	c.Flags().Int64Var(&s.Throughput.Read, "read", 0, "read capacity `units`; 0 leaves them")
	c.Flags().Int64Var(&s.Throughput.Write, "write", 0, "write capacity `units`; 0 leaves them")
	c.Flags().StringVar(&s.Index, "index", "", "`name` of a global index, to scale it alone")
	c.Flags().BoolVar(&s.OnDemand, "on-demand", false, "bill the table a request")
	c.MarkFlagsMutuallyExclusive("on-demand", "read")
	c.MarkFlagsMutuallyExclusive("on-demand", "write")
	c.MarkFlagsMutuallyExclusive("on-demand", "index")
	return c
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
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, _ []string) (fmt.Stringer, error) {
			if err := table.Ping(ctx, m.DB()); err != nil {
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
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, _ []string) (fmt.Stringer, error) {
			states, err := m.Reset(ctx, force)
			if err != nil && len(states) == 0 {
				return nil, err
			}
			return tableList(states), err
		}),
	}
	c.Flags().BoolVar(&force, "force", false, "delete also what is not for tests")
	return c
}
