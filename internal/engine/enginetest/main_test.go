package enginetest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

// modeVariable makes this test binary a program whose "tests" are the mode.
const modeVariable = "DYNAREPO_ENGINETEST_MODE"

var modes = map[string]func() int{
	"pass": func() int { return 0 },
	"leak": func() int {
		go func() { select {} }()
		return 0
	},
	"fail and leak": func() int {
		go func() { select {} }()
		return 3
	},
	"use an engine": func() int {
		if _, err := enginetest.Client(tb{}).ListTables(context.Background(), &dynamodb.ListTablesInput{}); err != nil {
			return 4
		}
		return 0
	},
	"no java": func() int {
		_ = os.Unsetenv(engine.EndpointVariable)
		_ = os.Setenv("PATH", "")
		first, second := fatal(), fatal()
		fmt.Println(first)
		if !errors.Is(first, engine.ErrMissing) || !errors.Is(second, first) {
			return 4
		}
		return 0
	},
}

// fatal returns what Engine fails with.
func fatal() (err error) {
	defer func() { err, _ = recover().(error) }()
	enginetest.Engine(tb{})
	return nil
}

// tb is a test that panics when it fails.
type tb struct{ *testing.T }

func (tb) Helper() {}

func (tb) Fatal(args ...any) { panic(args[0]) }

func TestMain(m *testing.M) {
	if mode := os.Getenv(modeVariable); mode != "" {
		os.Exit(enginetest.Run(modes[mode]))
	}
	enginetest.Main(m)
}

func TestMainExits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code   int
		output string
	}{
		"pass":          {},
		"leak":          {code: 1, output: "found unexpected goroutines"},
		"fail and leak": {code: 3},
		"use an engine": {},
		"no java": {output: "Java 17 or newer is needed: install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless) " +
			"or set DYNAREPO_ENDPOINT\nto install what is missing: go run github.com/dynarepo/dynarepo/repotest/setup\n"},
	}
	for mode, test := range tests {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), modeVariable+"="+mode)
			out, err := cmd.CombinedOutput()
			if test.code == 0 {
				require.NoError(t, err, string(out))
			}
			assert.Equal(t, test.code, cmd.ProcessState.ExitCode(), string(out))
			assert.Contains(t, string(out), test.output)
		})
	}
}
