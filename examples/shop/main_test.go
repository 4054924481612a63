package main

import (
	"regexp"
	"testing"

	"github.com/dynarepo/dynarepo/examples/internal/program/programtest"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

var (
	ids    = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	tokens = regexp.MustCompile(`(page=|"next":")[\w-]{20,}`)
)

// TestRun: the program succeeds and prints what it always does, but for ids and
// tokens.
func TestRun(t *testing.T) {
	t.Parallel()
	programtest.Golden(t, config, run, func(text string) string {
		return tokens.ReplaceAllString(ids.ReplaceAllString(text, "ID"), "${1}TOKEN")
	})
}
