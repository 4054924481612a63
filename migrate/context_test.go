package migrate_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// model declares the table of users, with what edit adds.
func model(t *testing.T, db *repo.DB, edit ...func(*repo.Spec)) *repo.Repo[user] {
	t.Helper()
	s := userSpec()
	s.OnDemand = false
	for _, f := range edit {
		f(&s)
	}
	r, err := repo.New[user](db, s)
	require.NoError(t, err)
	return r
}

func indexed(s *repo.Spec) {
	s.Indexes = []index.Spec{index.Global("name_idx", key.String("name")), index.Global("search_idx", key.String("search"))}
}

// TestSteps: each step does what its operation does, and nothing when it is run
// again (rule L3).
func TestSteps(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	plain, full := model(t, db), model(t, db, indexed)
	other, err := repo.New[user](db, func() repo.Spec {
		s := userSpec()
		s.Table = "others"
		return s
	}())
	require.NoError(t, err)
	for _, step := range []struct {
		name string
		do   func(context.Context, *migrate.Context) error
		out  string
		done func(d *table.Description) bool
	}{
		{
			"create", func(ctx context.Context, c *migrate.Context) error { return c.CreateTable(ctx, plain) }, "create table %s",
			func(d *table.Description) bool { return len(d.Indexes) == 0 },
		},
		{
			"index", func(ctx context.Context, c *migrate.Context) error { return c.CreateIndex(ctx, full, "name_idx") }, "create index name_idx of %s",
			func(d *table.Description) bool { return len(d.Indexes) == 1 },
		},
		{
			"capacity", func(ctx context.Context, c *migrate.Context) error {
				return c.SetThroughput(ctx, full, "", index.Throughput{Read: 7, Write: 8})
			}, "capacity of %s",
			func(d *table.Description) bool {
				return d.Throughput == index.Throughput{Read: 7, Write: 8} && d.Indexes[0].Throughput.Read == 100
			},
		},
		{
			"capacity of an index", func(ctx context.Context, c *migrate.Context) error {
				return c.SetThroughput(ctx, full, "name_idx", index.Throughput{Read: 9, Write: 9})
			}, "capacity of index name_idx of %s",
			func(d *table.Description) bool {
				return d.Throughput.Read == 7 && d.Indexes[0].Throughput.Read == 9
			},
		},
		{
			"on demand", func(ctx context.Context, c *migrate.Context) error { return c.SetOnDemand(ctx, plain, true) }, "bill %s a request",
			func(d *table.Description) bool { return d.OnDemand },
		},
		{
			"provisioned", func(ctx context.Context, c *migrate.Context) error { return c.SetOnDemand(ctx, plain, false) }, "provision %s",
			func(d *table.Description) bool { return !d.OnDemand && d.Throughput.Read == 100 },
		},
		{
			"stream", func(ctx context.Context, c *migrate.Context) error {
				return c.SetStream(ctx, plain, types.StreamViewTypeNewAndOldImages)
			}, "stream of %s: NEW_AND_OLD_IMAGES",
			func(d *table.Description) bool { return d.SDK.LatestStreamArn != nil },
		},
		{
			"time to live", func(ctx context.Context, c *migrate.Context) error { return c.SetTTL(ctx, plain, "visits") }, "time to live of %s",
			func(d *table.Description) bool { return d.TTL.Attr == "visits" },
		},
		{
			"apply", func(ctx context.Context, c *migrate.Context) error {
				return c.Apply(ctx, model(t, db, indexed, func(s *repo.Spec) { s.TTL.Attr = "visits" }))
			}, "make table %s as declared",
			func(d *table.Description) bool { return len(d.Indexes) == 2 },
		},
		{
			"drop", func(ctx context.Context, c *migrate.Context) error { return c.DropIndex(ctx, plain, "search_idx") }, "drop index search_idx of %s",
			func(d *table.Description) bool { return len(d.Indexes) == 1 },
		},
	} {
		for _, result := range []string{"done", "it was so"} {
			var out bytes.Buffer
			set := migrate.NewSet(migrate.Migration{ID: first, Name: "a", Up: func(ctx context.Context, c *migrate.Context) error {
				assert.Same(t, db, c.DB())
				return step.do(ctx, c)
			}, Down: nothing})
			m := migrator(t, db, set, func(c *migrate.Config) { c.Out = &out })
			_, err := m.Up(t.Context())
			require.NoError(t, err, step.name)
			assert.Contains(t, out.String(), "\n  "+replaced(step.out, plain.Table())+": "+result+"\n", step.name)
			_, err = m.Down(t.Context(), 1)
			require.NoError(t, err)
			d, err := table.Inspect(t.Context(), plain)
			require.NoError(t, err)
			assert.True(t, step.done(d), "%s, %s", step.name, result)
		}
	}

	_, err = migrator(t, db, migrate.NewSet(migrate.Migration{ID: first, Name: "a", Up: func(ctx context.Context, c *migrate.Context) error {
		return c.CreateIndex(ctx, other, "no_idx")
	}})).Up(t.Context())
	require.ErrorIs(t, err, table.ErrNoIndex)
	_, err = migrator(t, db, migrate.NewSet(migrate.Migration{ID: first, Name: "a", Up: func(ctx context.Context, c *migrate.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return c.Apply(ctx, other)
	}})).Up(t.Context())
	require.ErrorIs(t, err, context.Canceled)
	exists, err := table.Exists(t.Context(), other)
	require.NoError(t, err)
	assert.False(t, exists, "no step begins once the context has ended")
}

func replaced(text, name string) string {
	return string(bytes.ReplaceAll([]byte(text), []byte("%s"), []byte(name)))
}

// TestPlan: what is pending and what differs, and nothing is changed.
func TestPlan(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	var j journal
	full := model(t, db, indexed)
	m := migrator(t, db, migrate.NewSet(j.migration(first, "a")), func(c *migrate.Config) { c.Models = []table.Model{full} })
	p, err := m.Plan(t.Context())
	require.NoError(t, err)
	assert.False(t, p.Empty())
	require.Len(t, p.Pending, 1)
	require.Len(t, p.Tables, 1)
	assert.Contains(t, p.String(), "pending "+first+"_a\ntable "+full.Table()+":\n  1. create the table")
	assert.Empty(t, j.take())

	_, err = table.Create(t.Context(), model(t, db), quick)
	require.NoError(t, err)
	p, err = m.Plan(t.Context())
	require.NoError(t, err)
	assert.Contains(t, p.String(), "1. create index name_idx")
	assert.Contains(t, p.String(), "2. create index search_idx")
	assert.Zero(t, tr.Count("UpdateTable"))

	require.NoError(t, table.Apply(t.Context(), p.Tables[0], quick))
	_, err = m.Up(t.Context())
	require.NoError(t, err)
	p, err = m.Plan(t.Context())
	require.NoError(t, err)
	assert.True(t, p.Empty())
	assert.Equal(t, "no migration is pending\ntable "+full.Table()+": as declared\n", p.String())
}

// TestModels: several models of one table, and a design with settings.
func TestModels(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	a := model(t, db)
	b := model(t, db, indexed)
	spec := userSpec()
	spec.Table = "others"
	other, err := repo.New[user](db, spec)
	require.NoError(t, err)
	design, err := table.Of(table.Settings{Stream: types.StreamViewTypeKeysOnly}, other)
	require.NoError(t, err)
	m := migrator(t, db, nil, func(c *migrate.Config) { c.Models = []table.Model{a, design, b} })
	states, err := m.CreateTables(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []migrate.TableState{{Table: a.Table(), State: "created"}, {Table: other.Table(), State: "created"}}, states)
	p, err := m.Plan(t.Context())
	require.NoError(t, err)
	assert.True(t, p.Empty(), p)
	d, err := table.Describe(t.Context(), other)
	require.NoError(t, err)
	assert.NotNil(t, d.SDK.LatestStreamArn)

	wrong := model(t, db, func(s *repo.Spec) { s.Indexes = []index.Spec{index.Global("name_idx", key.String("id"))} })
	m = migrator(t, db, nil, func(c *migrate.Config) { c.Models = []table.Model{b, wrong} })
	_, err = m.Plan(t.Context())
	require.ErrorIs(t, err, table.ErrConflict)
	_, err = m.CreateTables(t.Context())
	require.ErrorIs(t, err, table.ErrConflict)
	_, err = m.Scale(t.Context())
	require.ErrorIs(t, err, table.ErrConflict)
}

// TestCreateTableFinishes: a table that was left half made, whether by an error or
// by a lost answer, is finished when the migration is run again, and a lost answer
// leaves none behind (rule L1).
func TestCreateTableFinishes(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]struct {
		on    string
		fault faults.Fault
		fails bool
	}{
		"lost answer to the table": {"CreateTable", faults.CutAfter(), false},
		"lost answer to the TTL":   {"UpdateTimeToLive", faults.CutAfter(), false},
		"TTL is denied":            {"UpdateTimeToLive", faults.Error(http.StatusBadRequest, "AccessDeniedException"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, tr := database(t)
			m := model(t, db, func(s *repo.Spec) { s.TTL.Attr = "visits" })
			set := migrate.NewSet(migrate.Migration{ID: first, Name: "create", Up: func(ctx context.Context, c *migrate.Context) error {
				return c.CreateTable(ctx, m)
			}})
			tr.On(trouble.on).When(func(r faults.Request) bool { return strings.Contains(string(r.Body), m.Table()) }).Times(1).Do(trouble.fault)
			_, err := migrator(t, db, set).Up(t.Context())
			if trouble.fails {
				require.Error(t, err)
				// A table of less than a minute is given the time of the polls.
				brief := func(c *migrate.Config) { c.Wait = &table.Options{Polls: 1000, Interval: 2 * time.Millisecond} }
				_, err = migrator(t, db, set, brief).Up(t.Context())
			}
			require.NoError(t, err)
			d, err := table.Inspect(t.Context(), m)
			require.NoError(t, err)
			require.NotNil(t, d)
			assert.Equal(t, "visits", d.TTL.Attr)
		})
	}
}
