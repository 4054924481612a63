package wire_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// oldest is the first version of service/dynamodb that the middleware is held
// to; the newest is the one in go.mod, which all other tests run on.
const oldest = "v1.34.3"

// The tests of sinks and bodies pass on the oldest supported SDK too. The first
// run fetches that version from the module proxy.
func TestOldestSDK(t *testing.T) {
	t.Parallel()
	mod, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	require.NoError(t, err)
	root := filepath.Dir(string(mod))
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	const module = "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	gomod := filepath.Join(dir, "go.mod")
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %v\n%s", args, out)
	}
	run("mod", "edit", "-replace="+module+"="+module+"@"+oldest, gomod)
	run("test", "-modfile="+gomod, "-count=1", "-run=^Test(Sink|Body|Checksum|Direct)", ".")
}
