package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/migrate/command"
)

// A program is one that mounts the tasks.
type program struct {
	open     func(context.Context) (*migrate.Migrator, error)
	out, err bytes.Buffer
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// run runs it with arguments and returns its exit code.
func (p *program) run(t *testing.T, args ...string) int {
	t.Helper()
	p.out.Reset()
	p.err.Reset()
	root := &cobra.Command{Use: "app"}
	root.AddCommand(command.New(p.open, &command.Options{Dir: t.TempDir(), Now: func() time.Time { return noon }}))
	root.SetArgs(args)
	root.SetOut(&p.out)
	root.SetErr(&p.err)
	return command.Run(t.Context(), root)
}

// installed returns a program with a migrator.
func installed(t *testing.T, set *migrate.Set, edit ...func(*migrate.Config)) *program {
	t.Helper()
	db, _ := database(t)
	m := migrator(t, db, set, append(edit, func(c *migrate.Config) { c.Now = func() time.Time { return noon } })...)
	return &program{open: opened(m)}
}

func opened(m *migrate.Migrator) func(context.Context) (*migrate.Migrator, error) {
	return func(context.Context) (*migrate.Migrator, error) { return m, nil }
}

// TestCommandMigrates: the tasks around migrations, as text (rule L4).
func TestCommandMigrates(t *testing.T) {
	t.Parallel()
	var j journal
	p := installed(t, migrate.NewSet(j.migration(first, "a"), j.migration(second, "b"), j.migration(third, "c")))
	for _, step := range []struct {
		args []string
		code int
		out  string
		err  string
	}{
		{[]string{"db", "status"}, 0, "STATUS   MIGRATION         APPLIED\npending  20261101000000_a\npending  20261102000000_b\npending  20261103000000_c\n", ""},
		{
			[]string{"db", "migrate", "--to", second},
			0, "DONE  MIGRATION         TOOK\nup    20261101000000_a  0s\nup    20261102000000_b  0s\n",
			"up 20261101000000_a\nup 20261101000000_a: done in 0s\nup 20261102000000_b\nup 20261102000000_b: done in 0s\n",
		},
		{
			[]string{"db", "status", "--check"},
			command.ExitPending,
			"STATUS   MIGRATION         APPLIED\napplied  20261101000000_a  2026-11-22 12:00:00\napplied  20261102000000_b  2026-11-22 12:00:00\npending  20261103000000_c\n",
			"app: something is left to do\n",
		},
		{
			[]string{"db", "migrate"},
			0, "DONE  MIGRATION         TOOK\nup    20261103000000_c  0s\n",
			"up 20261103000000_c\nup 20261103000000_c: done in 0s\n",
		},
		{[]string{"db", "migrate"}, 0, "nothing to do\n", ""},
		{
			[]string{"db", "rollback", "--steps", "2"},
			0, "DONE  MIGRATION         TOOK\ndown  20261103000000_c  0s\ndown  20261102000000_b  0s\n",
			"down 20261103000000_c\ndown 20261103000000_c: done in 0s\ndown 20261102000000_b\ndown 20261102000000_b: done in 0s\n",
		},
		{[]string{"db", "rollback", "--steps", "0"}, command.ExitFailed, "", "app: migrate: invalid: Down takes 1 migration or more, not 0\n"},
		{[]string{"db", "migrate", "--to", "2026"}, command.ExitFailed, "", "app: migrate: 2026: no such migration\n"},
	} {
		assert.Equal(t, step.code, p.run(t, step.args...), step.args)
		assert.Equal(t, step.out, p.out.String(), step.args)
		assert.Equal(t, step.err, p.err.String(), step.args)
	}
}

// TestCommandJSON: the same for programs.
func TestCommandJSON(t *testing.T) {
	t.Parallel()
	var j journal
	p := installed(t, migrate.NewSet(j.migration(first, "a")))
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"db", "status", "--json"}, `[{"id":"20261101000000","name":"a","status":"pending","undoable":true}]`},
		{[]string{"db", "migrate", "--json"}, `[{"id":"20261101000000","name":"a","took":0}]`},
		{[]string{"db", "migrate", "--json"}, `[]`},
		{[]string{"db", "status", "--json"}, `[{"id":"20261101000000","name":"a","status":"applied","undoable":true,"started_at":"2026-11-22T12:00:00Z","applied_at":"2026-11-22T12:00:00Z"}]`},
		{[]string{"db", "rollback", "--json"}, `[{"id":"20261101000000","name":"a","undone":true,"took":0}]`},
	} {
		assert.Zero(t, p.run(t, step.args...), &p.err)
		assert.JSONEq(t, step.want, p.out.String())
	}
	p = installed(t, nil)
	assert.Zero(t, p.run(t, "db", "status", "--json"))
	assert.JSONEq(t, `[]`, p.out.String())
	assert.Zero(t, p.run(t, "db", "status"))
	assert.Equal(t, "no migrations\n", p.out.String())
}

// TestCommandUsage: a command line that is not right is told from a task that
// fails, and asks for no database.
func TestCommandUsage(t *testing.T) {
	t.Parallel()
	opened := 0
	p := &program{open: func(context.Context) (*migrate.Migrator, error) {
		opened++
		return nil, errors.New("no database")
	}}
	for _, args := range [][]string{{"what"}, {"db", "what"}, {"db", "migrate", "--what"}, {"db", "migrate", "surplus"}, {"db", "new"}, {"db", "rollback", "--steps", "x"}} {
		assert.Equal(t, command.ExitUsage, p.run(t, args...), args)
		assert.Contains(t, p.err.String(), "--help' for usage.\n", args)
		assert.Empty(t, p.out.String(), args)
	}
	for _, args := range [][]string{{}, {"db"}, {"db", "--help"}, {"help", "db", "new"}, {"completion", "bash"}, {"db", "new", "add_it"}} {
		assert.Equal(t, command.ExitDone, p.run(t, args...), args)
		assert.NotEmpty(t, p.out.String(), args)
		assert.Empty(t, p.err.String(), args)
	}
	assert.Zero(t, opened)
	assert.Equal(t, command.ExitFailed, p.run(t, "db", "status"))
	assert.Equal(t, "app: no database\n", p.err.String())
}

func TestCommandNew(t *testing.T) {
	t.Parallel()
	p := &program{}
	assert.Zero(t, p.run(t, "db", "new", "add_it", "--json"))
	var got struct{ File string }
	require.NoError(t, json.Unmarshal(p.out.Bytes(), &got))
	assert.Regexp(t, `/20261122120000_add_it\.go$`, got.File)
	assert.Equal(t, command.ExitFailed, p.run(t, "db", "new", "Add-it"))
	assert.Equal(t, "app: migrate: invalid: a name has small letters, digits and '_', a letter first\n", p.err.String())
}
