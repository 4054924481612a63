// Package migrate changes tables over their lifetime: migrations in order, each
// run once whoever starts them. The module in its directory command has the tasks
// around them as a command that a program mounts in its own command line.
//
//	var all = migrate.NewSet(migrate.Migration{
//		ID: "20261122093000", Name: "add_user_idx",
//		Up: func(ctx context.Context, c *migrate.Context) error { ... },
//	})
//
//	m, err := migrate.New(db, all, nil)
//	done, err := m.Up(ctx)
//
// # The history
//
// A table of the database's namespace, "migrations" unless the [Config] says
// otherwise, records what was begun and what is done. Up, To and Down make it if
// it is not there; nothing else does.
//
// # The lease
//
// One process at a time runs migrations: the one that holds a lease, an item of
// the history table that it renews while it works. Others wait, and then find
// that nothing is left for them. A process that ends releases it. One that is
// killed leaves it to end by itself, after [Config].Lease; the next then goes on
// where the first was: a migration that was begun and not done is run again, and
// a backfill in it goes on at its cursor. So the steps of a migration must bear
// to be run again, as those of [Context] and [Backfill] do.
//
// A holder that can't renew its lease in time stops: its context ends, with
// [ErrLeaseLost] as the cause, and nothing is recorded as done. The clocks of
// the processes must agree to within a fraction of the lease. If they don't, two
// may run a step at once, but neither can record what it no longer holds the
// lease for.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/migrations.md.
package migrate
