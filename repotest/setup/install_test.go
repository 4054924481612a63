package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine"
)

var (
	errCause = errors.New("not found")
	java     = &engine.MissingError{Program: "Java", Packages: []string{"jre-17", "jre-21"}, Err: errCause}
	npm      = &engine.MissingError{Program: "npm", Packages: []string{"npm"}, Err: errCause}
)

// machine is a machine whose apt-get has some packages, and what was asked of it.
type machine struct {
	packages  map[string]bool
	installed map[string]bool
	calls     []string
}

func (m *machine) aptGet(_ context.Context, args ...string) error {
	m.calls = append(m.calls, strings.Join(args, " "))
	if args[0] == "update" {
		return nil
	}
	pkg := args[len(args)-1]
	if !m.packages[pkg] {
		return errors.New("no package " + pkg)
	}
	m.installed[pkg] = true
	return nil
}

// needs is a check that wants one package of each, in order.
func (m *machine) needs(all ...*engine.MissingError) check {
	return func(context.Context) error {
		for _, missing := range all {
			found := false
			for _, pkg := range missing.Packages {
				found = found || m.installed[pkg]
			}
			if !found {
				return missing
			}
		}
		return nil
	}
}

func newMachine(packages ...string) *machine {
	m := &machine{packages: map[string]bool{}, installed: map[string]bool{}}
	for _, pkg := range packages {
		m.packages[pkg] = true
	}
	return m
}

func TestSatisfy(t *testing.T) {
	t.Parallel()
	const install = "install -y --no-install-recommends "
	tests := map[string]struct {
		packages []string
		needs    []*engine.MissingError
		calls    []string
		want     error
	}{
		"nothing missing": {},
		"first choice": {
			packages: []string{"jre-17", "jre-21"},
			needs:    []*engine.MissingError{java},
			calls:    []string{"update", install + "jre-17"},
		},
		"second choice": {
			packages: []string{"jre-21"},
			needs:    []*engine.MissingError{java},
			calls:    []string{"update", install + "jre-17", install + "jre-21"},
		},
		"two programs, one update": {
			packages: []string{"jre-17", "npm"},
			needs:    []*engine.MissingError{java, npm},
			calls:    []string{"update", install + "jre-17", install + "npm"},
		},
		"not to be had": {
			needs: []*engine.MissingError{npm},
			calls: []string{"update", install + "npm"},
			want:  npm,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(test.packages...)
			i := &installer{logf: t.Logf, aptGet: m.aptGet}
			err := i.satisfy(t.Context(), m.needs(test.needs...))
			if test.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, test.want)
			}
			assert.Equal(t, test.calls, m.calls)
		})
	}
}

func TestSatisfyGivesUpWhereInstallingDidNotHelp(t *testing.T) {
	t.Parallel()
	m := newMachine("npm")
	i := &installer{logf: t.Logf, aptGet: m.aptGet}
	calls := 0
	err := i.satisfy(t.Context(), func(context.Context) error { calls++; return npm })
	require.ErrorIs(t, err, engine.ErrMissing)
	assert.Equal(t, 2, calls)
}

func TestSatisfyReturnsTheCheckAloneWhereItMayNotInstall(t *testing.T) {
	t.Parallel()
	i := &installer{logf: t.Logf, aptGet: func(context.Context, ...string) error { return errNotAllowed }}
	err := i.satisfy(t.Context(), func(context.Context) error { return npm })
	assert.Same(t, error(npm), err)
	assert.NotContains(t, err.Error(), "\n")
}

func TestSatisfyReturnsOtherErrors(t *testing.T) {
	t.Parallel()
	m := newMachine()
	i := &installer{logf: t.Logf, aptGet: m.aptGet}
	err := i.satisfy(t.Context(), func(context.Context) error { return engine.ErrFetch })
	require.ErrorIs(t, err, engine.ErrFetch)
	assert.Empty(t, m.calls)
}

func TestSatisfyTellsThatInstallingFailed(t *testing.T) {
	t.Parallel()
	offline := errors.New("offline")
	i := &installer{logf: t.Logf, aptGet: func(context.Context, ...string) error { return offline }}
	err := i.satisfy(t.Context(), func(context.Context) error { return npm })
	require.ErrorIs(t, err, offline)
	assert.ErrorIs(t, err, engine.ErrMissing)
}

func TestQuietly(t *testing.T) {
	t.Parallel()
	require.NoError(t, quietly(t.Context(), "/bin/sh", "-c", `test "$DEBIAN_FRONTEND" = noninteractive`))
	err := quietly(t.Context(), "/bin/sh", "-c", "exit 7")
	assert.EqualError(t, err, "setup: apt-get -c: exit status 7")
}

func TestCompilerNamesItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	missing, ok := errors.AsType[*engine.MissingError](compiler(t.Context()))
	require.True(t, ok)
	assert.Equal(t, []string{"build-essential"}, missing.Packages)
	assert.ErrorIs(t, aptGet(t.Context(), "update"), errNotAllowed)
}

func TestRunFindsAPreparedMachine(t *testing.T) {
	t.Parallel()
	require.NoError(t, run(t.Context(), true))
}
