// Command tasks is a program with the tasks of package migrate in its command
// line, beside a task of its own.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"github.com/dynarepo/dynarepo/examples/tasks/cities"
	"github.com/dynarepo/dynarepo/examples/tasks/migrations"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/migrate/command"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := command.Run(ctx, newCommand(func(ctx context.Context) (*repo.DB, error) {
		return repo.Open(ctx, &repo.Config{Namespace: "demo", Endpoint: os.Getenv("DYNAREPO_ENDPOINT")})
	}, time.Now))
	stop()
	os.Exit(code)
}

// newCommand returns the program's command line.
func newCommand(open func(context.Context) (*repo.DB, error), now func() time.Time) *cobra.Command {
	root := &cobra.Command{
		Use:   "tasks",
		Short: "Keep the cities of the world in DynamoDB",
		Long:  "Keep the cities of the world in DynamoDB. DYNAREPO_ENDPOINT names an engine other than AWS.",
	}
	root.AddCommand(load(open), command.New(func(ctx context.Context) (*migrate.Migrator, error) {
		db, err := open(ctx)
		if err != nil {
			return nil, err
		}
		model, err := repo.New[cities.City](db, cities.Spec())
		if err != nil {
			return nil, err
		}
		return migrate.New(db, &migrations.All, &migrate.Config{Models: []table.Model{model}, Now: now})
	}, &command.Options{Dir: "tasks/migrations", Now: now}))
	return root
}

// load is the program's own task.
func load(open func(context.Context) (*repo.DB, error)) *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:     "load FILE",
		Short:   "Put the cities of a file into the table",
		Example: "  tasks load cities/cities.tsv.gz",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			all, err := cities.Read(args[0])
			if err != nil {
				return err
			}
			if limit > 0 {
				all = all[:min(limit, len(all))]
			}
			db, err := open(c.Context())
			if err != nil {
				return err
			}
			if err := put(c.Context(), db, all); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d cities\n", len(all))
			return err
		},
	}
	c.Flags().IntVar(&limit, "limit", 0, "how many, 0 for all")
	return c
}

// put stores cities.
func put(ctx context.Context, db *repo.DB, all []cities.City) error {
	model, err := repo.New[cities.City](db, cities.Spec())
	if err != nil {
		return err
	}
	puts := make([]repo.Op, len(all))
	for i := range all {
		puts[i] = model.Ops().Put(&all[i])
	}
	return db.Batch(ctx, puts...)
}
