package migrate

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Context is what a migration works with. Its steps are the operations of
// package table of the same names: each looks at how the table stands, does what
// is left, waits for it as [Config.Wait] says, tells how it goes, and may so be
// run again. None begins once the lease is lost: the error is [ErrLeaseLost]
// then, or that of a context that ended otherwise.
//
// A migration declares the table as it was to be then, with a repo.Spec of its
// own: that of the program is what all migrations lead to.
type Context struct {
	m     *Migrator
	lease *holding
	id    string   // of the migration
	names []string // of its backfills
}

// DB returns the database, for what there is no step for.
func (c *Context) DB() *repo.DB { return c.m.db }

// Printf tells how the work goes, in a line, where [Config.Out] says.
func (c *Context) Printf(format string, args ...any) { c.m.printf("  "+format+"\n", args...) }

// CreateTable makes the table with its indexes as the model declares them. One
// that is there gets what it lacks of that, as [table.Apply] does it, and nothing
// else is changed; what it can't get is table.ErrDiffers. See [table.Create].
func (c *Context) CreateTable(ctx context.Context, m table.Model) error {
	return c.step(ctx, "create table "+m.Table(), func(o *table.Options) (bool, error) {
		created, err := table.Create(ctx, m, o)
		differs, ok := errors.AsType[*table.Error](err)
		if !errors.Is(err, table.ErrDiffers) || !ok || len(differs.Lacks.Obstacles) > 0 {
			return created, err
		}
		return true, table.Apply(ctx, differs.Lacks, o)
	})
}

// Apply makes the table as the models that are in it declare, or fails with
// table.ErrBlocked, and nothing changed, if that can't be done in place. It
// deletes global indexes that no model declares. See [table.Diff].
func (c *Context) Apply(ctx context.Context, models ...table.Model) error {
	if err := alive(ctx); err != nil {
		return err
	}
	plans, err := diff(ctx, models)
	if err != nil {
		return err
	}
	for _, p := range plans {
		err := c.step(ctx, "make table "+p.Table+" as declared", func(o *table.Options) (bool, error) { return !p.Empty(), table.Apply(ctx, p, o) })
		if err != nil {
			return err
		}
	}
	return nil
}

// CreateIndex adds the global index of that name as the model declares it, and
// waits until it holds the items that were there. See [table.CreateIndex].
func (c *Context) CreateIndex(ctx context.Context, m table.Model, name string) error {
	return c.step(ctx, "create index "+name+" of "+m.Table(), func(o *table.Options) (bool, error) { return table.CreateIndex(ctx, m, name, o) })
}

// DropIndex removes the global index of that name, and waits until it is gone.
// See [table.DropIndex].
func (c *Context) DropIndex(ctx context.Context, m table.Model, name string) error {
	return c.step(ctx, "drop index "+name+" of "+m.Table(), func(o *table.Options) (bool, error) { return table.DropIndex(ctx, m, name, o) })
}

// SetStream gives the table a stream with that view, or ends it. See
// [table.SetStream].
func (c *Context) SetStream(ctx context.Context, m table.Model, view types.StreamViewType) error {
	return c.step(ctx, "stream of "+m.Table()+": "+string(view), func(o *table.Options) (bool, error) { return table.SetStream(ctx, m, view, o) })
}

// SetTTL makes attr the attribute by which items end, or none with "". See
// [table.SetTTL].
func (c *Context) SetTTL(ctx context.Context, m table.Model, attr string) error {
	return c.step(ctx, "time to live of "+m.Table(), func(o *table.Options) (bool, error) { return table.SetTTL(ctx, m, attr, o) })
}

// SetThroughput gives the table, and not its indexes, or, where name is not "",
// the global index of that name alone, provisioned capacity. See
// [table.SetThroughput].
func (c *Context) SetThroughput(ctx context.Context, m table.Model, name string, t index.Throughput) error {
	text := "capacity of "
	if name != "" {
		text += "index " + name + " of "
	}
	return c.step(ctx, text+m.Table(), func(o *table.Options) (bool, error) { return table.SetThroughput(ctx, m, name, t, o) })
}

// SetOnDemand bills the table a request, or gives it, with its indexes, the
// provisioned capacity that the model declares. See [table.SetOnDemand].
func (c *Context) SetOnDemand(ctx context.Context, m table.Model, on bool) error {
	text := "provision " + m.Table()
	if on {
		text = "bill " + m.Table() + " a request"
	}
	return c.step(ctx, text, func(o *table.Options) (bool, error) { return table.SetOnDemand(ctx, m, on, o) })
}

// step does one step and tells what came of it.
func (c *Context) step(ctx context.Context, text string, do func(*table.Options) (changed bool, err error)) error {
	if err := alive(ctx); err != nil {
		return err
	}
	changed, err := do(c.m.waiting())
	switch {
	case err != nil:
		return err
	case changed:
		c.Printf("%s: done", text)
	default:
		c.Printf("%s: it was so", text)
	}
	return nil
}

// waiting returns how to wait for tables, telling what for.
func (m *Migrator) waiting() *table.Options {
	var o table.Options
	if m.cfg.Wait != nil {
		o = *m.cfg.Wait
	}
	told, own := "", o.Progress
	o.Progress = func(p table.Progress) {
		if own != nil {
			own(p)
		}
		if p.Waiting != "" && p.Waiting != told {
			m.printf("  %s: %s\n", p.Table, p.Waiting)
			told = p.Waiting
		}
	}
	return &o
}

// diff compares the tables of models with what is there.
func diff(ctx context.Context, models []table.Model) ([]table.Plan, error) {
	designs, err := designs(models)
	if err != nil {
		return nil, err
	}
	plans := make([]table.Plan, len(designs))
	for i, d := range designs {
		live, err := table.Inspect(ctx, d)
		if err != nil {
			return nil, err
		}
		plans[i] = table.Diff(d, live)
	}
	return plans, nil
}

// designs puts models together by table. A design among them is taken as it is.
func designs(models []table.Model) ([]*table.Design, error) {
	var designed []*table.Design
	var loose []table.Model
	for _, m := range models {
		if d, ok := m.(*table.Design); ok {
			designed = append(designed, d)
		} else {
			loose = append(loose, m)
		}
	}
	all, err := table.Designs(loose...)
	return append(all, designed...), err
}
