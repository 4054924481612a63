package cond_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Conditions and changes belong to a type: given to a repository of another
// they do not compile, nor does a value of another type than the attribute's.
func TestWrongProgramsDoNotCompile(t *testing.T) {
	t.Parallel()
	command, err := exec.LookPath("go")
	require.NoError(t, err)
	build := exec.CommandContext(t.Context(), command, "build", "-o", os.DevNull, "./testdata/wrong")
	out, err := build.CombinedOutput()
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed, "it compiles: %s", out)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	place := regexp.MustCompile(`^.*main\.go:\d+:\d+: `)
	for i := range lines {
		lines[i] = place.ReplaceAllString(lines[i], "")
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "#") })
	// What kind of value the compiler calls it differs between versions of Go.
	wanted := []string{
		`^cannot use name\.Eq\("x"\) \(value of .*cond\.Cond\[person\]\) as cond\.Cond\[order\] value in argument to orders\.Where$`,
		`type cond\.Cond\[person\] of name\.Eq\("x"\) does not match inferred type cond\.Cond\[order\] for cond\.Cond\[T\]$`,
		`^cannot use "x" \(.*\) as int value in argument to number\.Eq$`,
		`^cannot use &o\.Number \(value of .*\*int\) as \*string value in return statement$`,
		`^cannot use name\.Set\("x"\) \(value of .*cond\.Change\[person\]\) as cond\.Change\[order\] value in argument to orders\.Update$`,
		`^cannot use name\.Exists\(\) \(value of .*cond\.Cond\[person\]\) as cond\.Cond\[order\] value in argument to orders\.If$`,
	}
	require.Len(t, lines, len(wanted), "%s", out)
	for i, line := range lines {
		assert.Regexp(t, wanted[i], line)
	}
}
