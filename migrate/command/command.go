package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/dynarepo/dynarepo/migrate"
)

// ErrPending says that something is left to do: what the tasks status and plan
// fail with if they are to check that.
var ErrPending = errors.New("something is left to do")

// Options say what the command is. The zero value of each field is its
// default, and nil stands for the zero Options.
type Options struct {
	// Use is the name of the command. Defaults to "db".
	Use string
	// Dir is where the task new writes migrations; see [migrate.Scaffold]. Defaults to
	// "migrations".
	Dir string
	// Now is the clock of new. Defaults to time.Now.
	Now func() time.Time
}

// New returns a command that a program mounts in its own command line, with
// the tasks of [migrate.Migrator] as its own: create-tables, ping, migrate, rollback,
// status, plan, scale, reset and new. Each has help, and writes what it found or
// did to the standard output, as JSON with --json. What is under way goes to the
// standard error, backfills as bars if that is a terminal, unless [migrate.Config.Out] says otherwise.
//
// open makes the migrator when a task needs it. Help, completion and new don't.
//
//	root.AddCommand(command.New(open, nil))
//	os.Exit(command.Run(ctx, root))
func New(open func(context.Context) (*migrate.Migrator, error), opts *Options) *cobra.Command {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	t := &tasks{open: open, now: o.Now}
	group := &cobra.Command{
		Use:   cmp.Or(o.Use, "db"),
		Short: "Create, migrate and look after the tables",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.PersistentFlags().BoolVar(&t.json, "json", false, "write the result as JSON")
	group.AddCommand(
		t.ping(), t.createTables(), t.scale(), t.reset(),
		t.migrate(), t.rollback(), t.status(), t.plan(), t.scaffold(cmp.Or(o.Dir, "migrations")),
	)
	return group
}

// tasks is what the tasks of one command share.
type tasks struct {
	open func(context.Context) (*migrate.Migrator, error)
	now  func() time.Time
	json bool
}

// run makes a task's function. What it returns is written also beside an error,
// unless it is nil.
func (t *tasks) run(task func(context.Context, *migrate.Migrator, []string) (fmt.Stringer, error)) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		m, err := t.open(c.Context())
		if err != nil {
			return err
		}
		result, err := task(c.Context(), m.Showing(c.ErrOrStderr(), Bars(c.ErrOrStderr())), args)
		return errors.Join(err, t.write(c.OutOrStdout(), result))
	}
}

func (t *tasks) write(out io.Writer, result fmt.Stringer) error {
	if result == nil {
		return nil
	}
	if t.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(result)
	}
	_, err := io.WriteString(out, result.String())
	return err
}

// The migrations that a task ran.
type doneList []migrate.Done

// String returns a line for each.
func (l doneList) String() string {
	if len(l) == 0 {
		return "nothing to do\n"
	}
	rows := [][]string{{"DONE", "MIGRATION", "TOOK"}}
	for _, d := range l {
		verb := "up"
		if d.Undone {
			verb = "down"
		}
		rows = append(rows, []string{verb, d.Title(), d.Took.Round(time.Millisecond).String()})
	}
	return columns(rows)
}

// did makes the result of a run, an empty list rather than null.
func did(done []migrate.Done, err error) (fmt.Stringer, error) {
	if done == nil && err == nil {
		done = []migrate.Done{}
	}
	if done == nil {
		return nil, err
	}
	return doneList(done), err
}

func (t *tasks) migrate() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Run the migrations that are pending",
		Long: "Run the migrations that are pending, in order. With --to, make that migration the\n" +
			"last one: run those up to it and undo those behind it.",
		Args: cobra.NoArgs,
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, _ []string) (fmt.Stringer, error) {
			if to != "" {
				return did(m.To(ctx, to))
			}
			return did(m.Up(ctx))
		}),
	}
	c.Flags().StringVar(&to, "to", "", "`ID` of the migration that is to be the last")
	return c
}

func (t *tasks) rollback() *cobra.Command {
	var steps int
	c := &cobra.Command{
		Use:     "rollback",
		Aliases: []string{"down"},
		Short:   "Undo the last migration",
		Args:    cobra.NoArgs,
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, _ []string) (fmt.Stringer, error) {
			return did(m.Down(ctx, steps))
		}),
	}
	c.Flags().IntVar(&steps, "steps", 1, "how `many` to undo")
	return c
}

// How the migrations stand.
type stateList []migrate.State

// String returns a line for each.
func (l stateList) String() string {
	if len(l) == 0 {
		return "no migrations\n"
	}
	rows := [][]string{{"STATUS", "MIGRATION", "APPLIED"}}
	for _, s := range l {
		applied, status := "", string(s.Status)
		if s.AppliedAt != nil {
			applied = s.AppliedAt.Format(time.DateTime)
		}
		if s.Missing {
			status += ", missing"
		}
		rows = append(rows, []string{status, s.Title(), applied})
	}
	return columns(rows)
}

func (t *tasks) status() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show how each migration stands",
		Args:  cobra.NoArgs,
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, _ []string) (fmt.Stringer, error) {
			states, err := m.Status(ctx)
			if err != nil {
				return nil, err
			}
			list := append(stateList{}, states...) // in JSON an empty list, not null
			if check && slices.ContainsFunc(states, migrate.State.Pending) {
				return list, ErrPending
			}
			return list, nil
		}),
	}
	c.Flags().BoolVar(&check, "check", false, "exit with 3 if one is pending")
	return c
}

func (t *tasks) plan() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what is left to do, and do nothing",
		Long: "Show which migrations are pending, and how the tables differ from what the program\n" +
			"declares. Nothing is changed.",
		Args: cobra.NoArgs,
		RunE: t.run(func(ctx context.Context, m *migrate.Migrator, _ []string) (fmt.Stringer, error) {
			p, err := m.Plan(ctx)
			if err != nil {
				return nil, err
			}
			if check && !p.Empty() {
				return p, ErrPending
			}
			return p, nil
		}),
	}
	c.Flags().BoolVar(&check, "check", false, "exit with 3 if something is left")
	return c
}

// A written file.
type written struct {
	File string `json:"file"`
}

// String names it.
func (w written) String() string { return w.File + "\n" }

func (t *tasks) scaffold(dir string) *cobra.Command {
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Write the file of a new migration",
		Long: "Write the file of a new migration. It adds itself to the variable All, a migrate.Set,\n" +
			"of the package in the directory, which is written too if there is no package yet.",
		Example: "  new add_user_idx",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := migrate.Scaffold(dir, args[0], t.now())
			if err != nil {
				return err
			}
			return t.write(c.OutOrStdout(), written{path})
		},
	}
	c.Flags().StringVar(&dir, "dir", dir, "`directory` of the migrations")
	return c
}

// columns lines up rows.
func columns(rows [][]string) string {
	var lined, b strings.Builder
	w := tabwriter.NewWriter(&lined, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // a strings.Builder does not fail
	for line := range strings.Lines(lined.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}
