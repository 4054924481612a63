package migrate

import (
	"context"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Context is what a migration works with. Each of its steps may be run again:
// it looks at how the table stands and does what is left. None begins once the
// lease is lost: the error is [ErrLeaseLost] then, or that of a context that
// ended otherwise.
type Context struct {
	m     *Migrator
	lease *holding
	id    string // of the migration
	names []string
}

// DB returns the database, for what there is no step for.
func (c *Context) DB() *repo.DB { return c.m.db }

// Printf tells how the work goes, where [Config.Out] says.
func (c *Context) Printf(format string, args ...any) { c.m.printf("  "+format+"\n", args...) }

// CreateTable makes the table with its indexes as the model declares them, if
// it is not there, and waits until it is ACTIVE; see [table.Create].
func (c *Context) CreateTable(ctx context.Context, m table.Model) error {
	if err := alive(ctx); err != nil {
		return err
	}
	created, err := table.Create(ctx, m, c.m.cfg.Wait)
	switch {
	case err != nil:
		return err
	case created:
		c.Printf("table %s created", m.Table())
	default:
		c.Printf("table %s stood", m.Table())
	}
	return nil
}
