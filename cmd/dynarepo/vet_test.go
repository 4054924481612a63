package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestVet: the program reports what stands in comments of package wrong, nothing
// else there and nothing of package right, run by itself and by go vet.
func TestVet(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "dynarepo")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", tool, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	wants := map[string]string{}
	source, err := os.ReadFile("testdata/wrong/wrong.go")
	require.NoError(t, err)
	for i, line := range strings.Split(string(source), "\n") {
		if _, want, ok := strings.Cut(line, `// want `); ok {
			text, err := strconv.Unquote(want)
			require.NoError(t, err)
			wants[fmt.Sprintf("testdata/wrong/wrong.go:%d", i+1)] = text
		}
	}
	require.Len(t, wants, 21)
	for how, args := range map[string][]string{
		"by itself": {tool, "vet", "./testdata/wrong", "./testdata/right"},
		"by go vet": {"go", "vet", "-vettool=" + tool, "./testdata/wrong", "./testdata/right"},
	} {
		var told bytes.Buffer
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Stderr = &told
		assert.Error(t, cmd.Run(), how)
		found := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^(?:\./)?(\S+\.go:\d+):\d+: (.*)$`).FindAllStringSubmatch(told.String(), -1) {
			if assert.Contains(t, wants, m[1], m[0]) {
				assert.Contains(t, m[2], wants[m[1]])
			}
			found[m[1]] = true
		}
		for at := range wants {
			assert.True(t, found[at], "%s: nothing is told of %s:\n%s", how, at, told.String())
		}
	}
	out, err = exec.CommandContext(t.Context(), tool, "vet", "./testdata/right", ".").CombinedOutput()
	assert.NoError(t, err, string(out))
	assert.Empty(t, string(out))
}

// TestUsage: a wrong command line is told, and help is no error.
func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"nope"}, {"init"}, {"attrs"}, {"attrs", "-type", "T", "a", "b"}} {
		var out, told bytes.Buffer
		assert.ErrorIs(t, run(t.Context(), args, &out, &told), errUsage)
		assert.NotEmpty(t, told.String())
	}
	var out, told bytes.Buffer
	assert.NoError(t, run(t.Context(), []string{"help"}, &out, &told))
	assert.Contains(t, out.String(), "dynarepo vet")
}
