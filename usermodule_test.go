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

// userModules are, beside the SDK, smithy and uuid, the modules that a user's
// module has in its build list.
var userModules = []string{
	module,
	"github.com/stretchr/testify", // of our tests
	"go.yaml.in/yaml/v3",          // of testify
}

// TestUserModule: whoever imports the library in a module of their own gets no
// module but those, and builds none but the SDK, smithy and uuid. It asks no
// network.
func TestUserModule(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %s: %s", strings.Join(args, " "), out)
		return string(out)
	}
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(`package main

import (
	_ "`+module+`/migrate"
	_ "`+module+`/repo"
)

func main() {}
`), 0o644))
	run("mod", "init", "example.com/service")
	run("mod", "edit", "-require="+module+"@v0.1.0", "-replace="+module+"="+here)
	run("build", "-o", os.DevNull, ".")

	list := strings.Fields(run("list", "-m", "-f", "{{if not .Main}}{{.Path}}{{end}}", "all"))
	require.Contains(t, list, module)
	for _, mod := range list {
		if !ours(mod) {
			assert.Contains(t, userModules, mod, "a module in the build list of users")
		}
	}
	for _, mod := range userModules {
		assert.Contains(t, list, mod, "it is gone: take it off the list")
	}
	for line := range strings.Lines(run("list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")) {
		if mod := strings.TrimSpace(line); mod != "" && mod != module && mod != "example.com/service" {
			assert.True(t, ours(mod), "a module that users build: %s", mod)
		}
	}
}
