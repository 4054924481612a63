// Package programtest checks what the programs of the examples print.
package programtest

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/repo"
)

var update = flag.Bool("update", false, "write what the program prints to testdata/output.golden")

// Open returns a database of the test's own, so that the names of tables, which
// are in the output, can be those of every run.
func Open(t *testing.T, cfg repo.Config) *repo.DB {
	t.Helper()
	db, err := repo.NewDB(enginetest.Client(t, enginetest.Apart), &cfg)
	require.NoError(t, err)
	return db
}

// Golden checks that run succeeds and prints, but for what steady replaces,
// what is in testdata/output.golden.
func Golden(t *testing.T, cfg repo.Config, run program.Run, steady func(string) string) {
	t.Helper()
	const golden = "testdata/output.golden"
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, Open(t, cfg)), "printed so far:\n%s", &out)
	got := steady(out.String())
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}
