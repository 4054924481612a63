package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRun: what was asked for is measured, printed and written.
func TestRun(t *testing.T) {
	out, page := filepath.Join(t.TempDir(), "out"), t.TempDir()
	s := &settings{only: *regexp.MustCompile("^(get|decode/1000)$"), rounds: 2, batch: time.Millisecond}
	var table strings.Builder
	require.NoError(t, run(t.Context(), s, &table, out, page))
	assert.Contains(t, table.String(), "sdk+attributevalue")

	ratios, err := os.ReadFile(filepath.Join(out, "ratios.tsv"))
	require.NoError(t, err)
	var rows []string
	for line := range strings.Lines(string(ratios)) {
		columns := strings.Split(line, "\t")
		require.Len(t, columns, 5)
		rows = append(rows, columns[0]+" "+columns[1])
	}
	assert.Equal(t, []string{
		"benchmark peer",
		"get sdk", "get sdk+attributevalue", "get hand", "get guregu", "standard/get sdk+attributevalue",
		"decode/1000 encoding/json.Valid",
	}, rows)
	for _, path := range []string{filepath.Join(out, "memory.tsv"), filepath.Join(page, "RESULTS.md"), filepath.Join(page, "results.svg")} {
		assert.FileExists(t, path)
	}

	s.only = *regexp.MustCompile("^none$")
	assert.Error(t, run(t.Context(), s, &table, out, page), "there is nothing to plot")
}
