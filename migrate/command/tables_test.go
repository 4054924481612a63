package command_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/migrate/command"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// TestCommandTables: the tasks around tables (rule L4).
func TestCommandTables(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	full := model(t, db, indexed, func(s *repo.Spec) {
		s.Throughput = index.Throughput{Read: 10, Write: 5}
	})
	p := &program{open: opened(migrator(t, db, nil, func(c *migrate.Config) { c.Models = []table.Model{full} }))}
	name := full.Table()
	for _, step := range []struct {
		args string
		code int
		out  string
		err  string
	}{
		{"scale", 1, "", "app: migrate: scale " + name + ": no such table\n"},
		{"plan --check", 3, "no migration is pending\ntable " + name + ":\n  1. create the table", "app: something is left to do\n"},
		{"create-tables", 0, "created  " + name + "\n", ""},
		{"create-tables", 0, "stood  " + name + "\n", ""},
		{"create-tables --json", 0, "[\n  {\n    \"table\": \"" + name + "\",\n    \"state\": \"stood\"\n  }\n]\n", ""},
		{"plan --check", 0, "no migration is pending\ntable " + name + ": as declared\n", ""},
		{"scale", 0, "nothing to do\n", ""},
		{"scale users --read 7 --write 7", 0, name + ": changed\n", ""},
		{"scale " + name + " --read 7", 0, name + ": it was so\n", ""},
		{"scale users --index name_idx --write 9", 0, name + ", index name_idx: changed\n", ""},
		{"scale", 0, name + ": provision 10 read and 5 write units, was 7 read and 7 write units\n", ""},
		{"scale users --on-demand --json", 0, "{\n  \"table\": \"" + name + "\",\n  \"changed\": true\n}\n", ""},
		{"scale users --read 3", 0, name + ": changed\n", ""},
		{"scale users --read 3", 0, name + ": it was so\n", ""},
		{"scale users", 1, "", "app: scale: invalid: want --read, --write or --on-demand\n"},
		{"scale --read 3", 1, "", "app: scale: invalid: want the table to scale so\n"},
		{"scale nothing --read 3", 1, "", "app: migrate: invalid: no model has a table nothing\n"},
		{"scale users --index no_idx --read 3", 1, "", "app: table: SetThroughput " + name + ": index no_idx: no such index\n"},
		{"scale users --on-demand --read 3", 2, "", "app: if any flags in the group [on-demand read] are set none of the others can be; [on-demand read] were all set\nRun 'app db scale --help' for usage.\n"},
	} {
		assert.Equal(t, step.code, p.run(t, append([]string{"db"}, strings.Fields(step.args)...)...), step.args)
		assert.True(t, strings.HasPrefix(p.out.String(), step.out), "%s: %s", step.args, &p.out)
		assert.Equal(t, step.err, p.err.String(), step.args)
	}
	d, err := table.Describe(t.Context(), full)
	require.NoError(t, err)
	assert.Equal(t, int64(3), d.Throughput.Read)
}

// TestCommandReset: only what is of the namespace, and what is not for tests only
// if that is insisted on (rule L4).
func TestCommandReset(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	within := func(namespace string) (*program, *repo.Repo[user]) {
		cfg := db.Config()
		cfg.Namespace = namespace
		db, err := repo.NewDB(db.Client(), &cfg)
		require.NoError(t, err)
		m := model(t, db)
		_, err = table.Create(t.Context(), m, quick)
		require.NoError(t, err)
		return &program{open: opened(migrator(t, db, nil))}, m
	}
	tests, kept := within(db.Config().Namespace)
	live, gone := within("live" + strings.TrimPrefix(db.Config().Namespace, "test"))
	assert.Equal(t, command.ExitFailed, live.run(t, "db", "reset"))
	assert.Contains(t, live.err.String(), "app: table: Reset")
	assert.Empty(t, live.out.String())
	assert.Zero(t, live.run(t, "db", "reset", "--force"))
	assert.Equal(t, "deleted  "+gone.Table()+"\n", live.out.String())
	assert.Zero(t, live.run(t, "db", "reset", "--force", "--json"))
	assert.Equal(t, "[]\n", live.out.String())
	exists, err := table.Exists(t.Context(), kept)
	require.NoError(t, err)
	assert.True(t, exists)
	assert.Zero(t, tests.run(t, "db", "reset"))
	assert.Equal(t, "deleted  "+kept.Table()+"\n", tests.out.String())
}

func TestCommandPing(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	p := &program{open: opened(migrator(t, db, nil))}
	assert.Zero(t, p.run(t, "db", "ping"))
	assert.Equal(t, "DynamoDB answers\n", p.out.String())
	assert.Zero(t, p.run(t, "db", "ping", "--json"))
	assert.JSONEq(t, `{"answers":true}`, p.out.String())
	tr.On("ListTables").Do(faults.Error(http.StatusBadRequest, "UnrecognizedClientException"))
	assert.Equal(t, command.ExitFailed, p.run(t, "db", "ping"))
	assert.Empty(t, p.out.String())
}

func TestCommandNoTables(t *testing.T) {
	t.Parallel()
	p := installed(t, nil)
	assert.Zero(t, p.run(t, "db", "create-tables"))
	assert.Equal(t, "no tables\n", p.out.String())
	assert.Zero(t, p.run(t, "db", "create-tables", "--json"))
	assert.Equal(t, "[]\n", p.out.String())
	assert.Zero(t, p.run(t, "db", "plan", "--json"))
	assert.JSONEq(t, `{"pending":[],"tables":[]}`, p.out.String())
}
