package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/migrate/command"
	"github.com/dynarepo/dynarepo/repo"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

var update = flag.Bool("update", false, "write what the program prints to testdata/session.golden")

const file = "../cities/cities.tsv.gz"

// database returns what opens a database of the test's own, so that the names
// of tables, which are in the output, can be those of every run.
func database(t *testing.T) func(context.Context) (*repo.DB, error) {
	t.Helper()
	// While it makes an index, the engine fails some writes for a moment.
	patient := func(o *dynamodb.Options) { o.RetryMaxAttempts = 10 }
	db, err := repo.NewDB(enginetest.Client(t, enginetest.Apart, patient), &repo.Config{Namespace: "demo", Polls: 100_000, PollInterval: 2 * time.Millisecond})
	require.NoError(t, err)
	return func(context.Context) (*repo.DB, error) { return db, nil }
}

func clock() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// TestSession: help, and a day with the program: each command with what it
// writes and its exit code.
func TestSession(t *testing.T) {
	t.Parallel()
	const golden = "testdata/session.golden"
	open, dir := database(t), t.TempDir()
	var session bytes.Buffer
	for _, line := range []string{
		"--help", "db --help", "db migrate --help", "db scale --help", "db new --help",
		"db ping", "db status", "db plan", "db migrate --to 20261101080000", "load " + file + " --limit 500",
		"db create-tables", "db status --check", "db plan", "db migrate", "db migrate", "db status --json", "db scale cities --read 50",
		"db scale", "db plan --check", "db rollback --steps 2", "db rollback", "db migrate --what", "db new count_visits --dir DIR",
		"db reset", "db reset --force", "db status",
	} {
		root := newCommand(open, clock)
		root.SetArgs(strings.Fields(strings.ReplaceAll(line, "DIR", dir)))
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&out)
		code := command.Run(t.Context(), root)
		fmt.Fprintf(&session, "$ tasks %s\n%s", line, strings.ReplaceAll(waits.ReplaceAllString(out.String(), ""), dir, "DIR"))
		if code != 0 {
			fmt.Fprintf(&session, "exit code %d\n", code)
		}
		session.WriteString("\n")
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, session.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), session.String())
}

// waits are the lines that come only if the engine takes its time.
var waits = regexp.MustCompile(`(?m)^  demo_\w+: .*(CREATING|UPDATING|DELETING).*\n`)
