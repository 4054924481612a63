package dynarepo_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/dynarepo/dynarepo/internal/engine"
)

// endpoint is where the engine of these tests answers: a flag or a setting in
// a user's program.
var endpoint string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	e, err := engine.Start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	endpoint = e.Endpoint()
	// What the tour opens from the environment must be named there.
	if err := os.Setenv("AWS_REGION", engine.Region); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := e.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
