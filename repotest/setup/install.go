package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/dynarepo/dynarepo/internal/engine"
)

// check returns an [*engine.MissingError] as long as a program is missing.
type check func(context.Context) error

// errNotAllowed says that this user or system can't install with apt-get.
var errNotAllowed = errors.New("setup: not root, or no apt-get")

// installer installs what checks miss.
type installer struct {
	logf    func(format string, args ...any)
	aptGet  func(ctx context.Context, args ...string) error
	updated bool // whether the package lists are fresh
}

// satisfy runs the check and installs what it misses until it passes. It
// returns the check's own error when that is of another kind, when nothing can
// be installed here, or when installing did not help.
func (i *installer) satisfy(ctx context.Context, c check) error {
	installed := map[string]bool{}
	for {
		err := c(ctx)
		missing, ok := errors.AsType[*engine.MissingError](err)
		if !ok || installed[missing.Program] {
			return err
		}
		installed[missing.Program] = true
		switch installErr := i.install(ctx, missing); {
		case errors.Is(installErr, errNotAllowed):
			return err
		case installErr != nil:
			return errors.Join(err, installErr)
		}
	}
}

// install installs the first package that can be had.
func (i *installer) install(ctx context.Context, missing *engine.MissingError) error {
	if !i.updated {
		if err := i.aptGet(ctx, "update"); err != nil {
			return err
		}
		i.updated = true
	}
	var errs []error
	for _, pkg := range missing.Packages {
		i.logf("setup: installing %s for %s", pkg, missing.Program)
		err := i.aptGet(ctx, "install", "-y", "--no-install-recommends", pkg)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// aptGet runs apt-get without questions, where it may.
func aptGet(ctx context.Context, args ...string) error {
	path, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return errNotAllowed
	}
	return quietly(ctx, path, args...)
}

// quietly runs a command of apt-get's. What it prints is dropped, since it
// names the machine's package sources.
func quietly(ctx context.Context, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("setup: apt-get %s: %w", args[0], err)
	}
	return nil
}
