package dynarepo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine"
)

// step is a file that the page shows, after its name, or a session at a terminal.
var step = regexp.MustCompile("(?ms)(?:^`(\\S+)`:\n\n)?^```(go|console)\n(.*?)^```$")

// took is how long a test took.
var took = regexp.MustCompile(`\d+\.\d+s\b`)

// TestFirstQuery: the steps of docs/first-query.md lead from an empty directory to
// a query of one's own and print what it shows. It asks no network.
func TestFirstQuery(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	require.NoError(t, err)
	page, err := os.ReadFile("docs/first-query.md")
	require.NoError(t, err)
	dir := t.TempDir()
	// What a user's first download would bring is in the cache: its sums are ours.
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644))
	commands := 0
	for _, m := range step.FindAllStringSubmatch(string(page), -1) {
		file, kind, text := m[1], m[2], m[3]
		if kind == "go" {
			require.NotEmpty(t, file, "a sample without a file:\n%s", text)
			require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
			continue
		}
		for _, session := range strings.Split("\n"+text, "\n$ ")[1:] {
			command, want, _ := strings.Cut(session, "\n")
			commands++
			cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "CLONE="+here, "ENDPOINT="+endpoint, "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", command, out)
			if strings.HasSuffix(command, "/setup") && os.Getenv(engine.EndpointVariable) != "" {
				continue // there is nothing to set up
			}
			want = strings.TrimSuffix(want, "\n") // the last session of a block has one more
			assert.Equal(t, took.ReplaceAllString(want, "0s"), took.ReplaceAllString(strings.TrimSuffix(string(out), "\n"), "0s"), command)
		}
	}
	assert.Equal(t, 6, commands)
}
