package trust_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// migrating makes a migrator whose clock is an hour on for each call, so that no run
// waits for the lease of one that failed.
func (w *world) migrating(db *repo.DB, up, down func(ctx context.Context, c *migrate.Context) error) *migrate.Migrator {
	w.tb.Helper()
	return w.waiting(quick, db, up, down)
}

func (w *world) waiting(wait *table.Options, db *repo.DB, up, down func(ctx context.Context, c *migrate.Context) error) *migrate.Migrator {
	w.tb.Helper()
	w.hours++
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(w.hours) * time.Hour)
	set := migrate.NewSet(migrate.Migration{ID: "20261101000000", Name: "change", Up: up, Down: down})
	m, err := migrate.New(db, set, &migrate.Config{Wait: wait, Now: func() time.Time { return at }, Models: []table.Model{w.shelves(db, true)}})
	require.NoError(w.tb, err)
	return m
}

func nothing(context.Context, *migrate.Context) error { return nil }

// up is a migration that is applied over tables.
func up(before int, change func(ctx context.Context, c *migrate.Context, bare, full *repo.Repo[shelf]) error) operation {
	return onTables(before, func(ctx context.Context, w *world, bare, full *repo.Repo[shelf]) error {
		done, err := w.migrating(w.db, func(ctx context.Context, c *migrate.Context) error { return change(ctx, c, bare, full) }, nil).Up(ctx)
		if err != nil {
			return err
		}
		states, err := w.migrating(w.calm, nothing, nil).Status(context.Background())
		return right(len(done) <= 1 && len(states) == 1 && states[0].Status == migrate.Applied, err)
	})
}

// migrated is an operation of a migrator over tables as they are.
func migrated(before int, do func(ctx context.Context, m *migrate.Migrator) error) operation {
	return onTables(before, func(ctx context.Context, w *world, _, _ *repo.Repo[shelf]) error {
		return do(ctx, w.migrating(w.db, nothing, nothing))
	})
}

func init() {
	for name, op := range map[string]operation{
		"Context.Apply": up(bare, func(ctx context.Context, c *migrate.Context, _, full *repo.Repo[shelf]) error {
			return c.Apply(ctx, full)
		}),
		"Context.CreateTable": up(none, func(ctx context.Context, c *migrate.Context, _, full *repo.Repo[shelf]) error {
			return c.CreateTable(ctx, full)
		}),
		"Context.CreateIndex": up(bare, func(ctx context.Context, c *migrate.Context, _, full *repo.Repo[shelf]) error {
			return c.CreateIndex(ctx, full, "kinds")
		}),
		"Context.DropIndex": up(whole, func(ctx context.Context, c *migrate.Context, bare, _ *repo.Repo[shelf]) error {
			return c.DropIndex(ctx, bare, "kinds")
		}),
		"Context.SetOnDemand": up(bare, func(ctx context.Context, c *migrate.Context, bare, _ *repo.Repo[shelf]) error {
			return c.SetOnDemand(ctx, bare, true)
		}),
		"Context.SetStream": up(bare, func(ctx context.Context, c *migrate.Context, bare, _ *repo.Repo[shelf]) error {
			return c.SetStream(ctx, bare, types.StreamViewTypeNewImage)
		}),
		"Context.SetTTL": up(bare, func(ctx context.Context, c *migrate.Context, bare, _ *repo.Repo[shelf]) error {
			return c.SetTTL(ctx, bare, "ends")
		}),
		"Context.SetThroughput": up(bare, func(ctx context.Context, c *migrate.Context, bare, _ *repo.Repo[shelf]) error {
			return c.SetThroughput(ctx, bare, "", index.Throughput{Read: 7, Write: 8})
		}),
		"Migrator.CreateTables": onTables(none, func(ctx context.Context, w *world, _, full *repo.Repo[shelf]) error {
			states, err := w.waiting(brief, w.db, nothing, nothing).CreateTables(ctx)
			if err == nil && len(states) == 1 && states[0].State == "differs" { // which it leaves to a migration
				live, err := table.Inspect(ctx, full)
				if err != nil {
					return err
				}
				return table.Apply(ctx, table.Diff(full, live), quick)
			}
			return right(len(states) == 1, err)
		}),
		"Migrator.Plan": migrated(bare, func(ctx context.Context, m *migrate.Migrator) error {
			p, err := m.Plan(ctx)
			return right(!p.Empty(), err)
		}),
		"Migrator.Status": migrated(bare, func(ctx context.Context, m *migrate.Migrator) error {
			states, err := m.Status(ctx)
			return right(len(states) == 1 && states[0].Pending(), err)
		}),
		"Migrator.Scale": migrated(whole, func(ctx context.Context, m *migrate.Migrator) error { _, err := m.Scale(ctx); return err }),
		"Migrator.ScaleTable": migrated(whole, func(ctx context.Context, m *migrate.Migrator) error {
			_, err := m.ScaleTable(ctx, migrate.Scaling{Table: "shelves", Throughput: index.Throughput{Read: 9}})
			return err
		}),
		"Migrator.Reset": migrated(whole, func(ctx context.Context, m *migrate.Migrator) error { _, err := m.Reset(ctx, true); return err }),
		"Migrator.Up":    migrated(none, func(ctx context.Context, m *migrate.Migrator) error { _, err := m.Up(ctx); return err }),
		"Migrator.To": migrated(none, func(ctx context.Context, m *migrate.Migrator) error {
			_, err := m.To(ctx, "20261101000000")
			return err
		}),
		"Migrator.Down": onTables(none, func(ctx context.Context, w *world, _, _ *repo.Repo[shelf]) error {
			if _, err := w.migrating(w.calm, nothing, nothing).Up(context.Background()); err != nil {
				return err
			}
			done, err := w.migrating(w.db, nothing, nothing).Down(ctx, 1)
			return right(len(done) <= 1, err)
		}),
		"Backfill": {tables: true, parts: true, begin: func(w *world) func(context.Context) error {
			if len(w.tables) == 0 {
				w.holds(w.calmStocks)
			}
			w.stored(5)
			return func(ctx context.Context) error {
				m := w.migrating(w.db, func(ctx context.Context, c *migrate.Context) error {
					_, err := migrate.Backfill(ctx, c, w.stocks, func(_ context.Context, s stock) ([]cond.Change[stock], error) {
						if s.N >= 100 {
							return nil, nil
						}
						return []cond.Change[stock]{stockN.Set(s.N + 100)}, nil
					}, &migrate.BackfillOptions{Segments: 1, Page: 2})
					return err
				}, nil)
				if _, err := m.Up(ctx); err != nil {
					return err
				}
				for i := range 5 {
					s, err := w.calmStocks.Get(context.Background(), stockKey(i))
					if err != nil || s.N != i+100 {
						return errors.Join(errResult, err, fmt.Errorf("item %d is %d", i, s.N))
					}
				}
				return nil
			}
		}},
	} {
		operations["migrate."+name] = op
	}
}
