package dynarepo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFirstQuery: the commands of docs/first-query.md lead from an empty
// directory to the output that it shows. It asks no network.
func TestFirstQuery(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	require.NoError(t, err)
	page, err := os.ReadFile("docs/first-query.md")
	require.NoError(t, err)
	blocks := map[string][]string{}
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	require.Len(t, blocks["go"], 1)
	require.Len(t, blocks["sh"], 2)
	require.Len(t, blocks["text"], 2)

	dir := t.TempDir()
	// What a user's first download would bring is in the cache: its sums are ours.
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(blocks["go"][0]), 0o644))
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", strings.Join(blocks["sh"], "\n"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CLONE="+here, "ENDPOINT="+endpoint, "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod")
	var told strings.Builder
	cmd.Stderr = &told
	out, err := cmd.Output()
	require.NoError(t, err, told.String())
	assert.Equal(t, blocks["text"][1], string(out))
}
