package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// The exit codes of [Run].
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitUsage   = 2 // the command line is not right; nothing was done
	ExitPending = 3 // ErrPending
)

// Run runs the command that the program's arguments, or those set by
// root.SetArgs, name, writes its error, if it fails, to the standard error, and
// returns the code to exit with.
func Run(ctx context.Context, root *cobra.Command) (code int) {
	root.SilenceErrors, root.SilenceUsage = true, true
	began := false
	mark(root, &began)
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitDone
	}
	fmt.Fprintf(root.ErrOrStderr(), "%s: %v\n", root.Name(), err)
	switch {
	case !began:
		fmt.Fprintf(root.ErrOrStderr(), "Run '%s --help' for usage.\n", c.CommandPath())
		return ExitUsage
	case errors.Is(err, ErrPending):
		return ExitPending
	default:
		return ExitFailed
	}
}

// mark makes c and the commands below it note that they began: until then an
// error is one of the command line.
func mark(c *cobra.Command, began *bool) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			*began = true
			return run(c, args)
		}
	}
	for _, below := range c.Commands() {
		mark(below, began)
	}
}
