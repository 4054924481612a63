package main

import (
	"os"
	"testing"

	"github.com/dynarepo/dynarepo/examples/internal/program/programtest"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(segmentVariable) != "" { // this binary is the worker too
		os.Exit(worker())
	}
	enginetest.Main(m)
}

// TestRun: the program succeeds and prints what it always does.
func TestRun(t *testing.T) {
	t.Parallel()
	programtest.Golden(t, config, run, func(text string) string { return text })
}
