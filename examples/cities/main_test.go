package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/examples/internal/program/programtest"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

var seconds = regexp.MustCompile(`loaded in [0-9]+\.[0-9] s`)

// TestRun: the demo succeeds on the whole data, and prints what it always does.
func TestRun(t *testing.T) {
	t.Parallel()
	programtest.Golden(t, config, run, func(text string) string { return seconds.ReplaceAllString(text, "loaded in N s") })
}

// TestCompareAll: a table that is not as the file fails the demo.
func TestCompareAll(t *testing.T) {
	t.Parallel()
	cities, err := readCities()
	require.NoError(t, err)
	var out bytes.Buffer
	d := &demo{out: &out, file: cities[:100]}
	d.repo, err = repo.New[City](programtest.Open(t, config), citySpec)
	require.NoError(t, err)
	_, err = table.Create(t.Context(), d.repo, nil)
	require.NoError(t, err)
	require.NoError(t, d.load(t.Context()))
	require.NoError(t, d.compareAll(t.Context()))

	d.file = cities[:101]
	require.Error(t, d.compareAll(t.Context()), "a city is missing")

	d.file = cities[:100]
	changed := cities[7]
	changed.Latitude = -changed.Latitude
	require.NoError(t, d.repo.Put(t.Context(), &changed))
	require.Error(t, d.compareAll(t.Context()), "a city has another latitude")
}

func TestSame(t *testing.T) {
	t.Parallel()
	a, b := City{ID: 1, Name: "A"}, City{ID: 2, Name: "B"}
	require.NoError(t, same("q", nil, nil))
	require.NoError(t, same("q", []City{a, b}, []City{a, b}))
	for _, other := range [][]City{nil, {a}, {b, a}, {a, b, b}} {
		require.Error(t, same("q", other, []City{a, b}))
		require.Error(t, same("q", []City{a, b}, other))
	}
	assert.EqualError(t, same("q", []City{a}, []City{a, b}), "q: the table has 1 cities, the file 2, and they differ from city 2 on")
}

func TestReadCities(t *testing.T) {
	t.Parallel()
	cities, err := readCities()
	require.NoError(t, err)
	assert.Len(t, cities, 24_323)
	assert.Equal(t, City{
		ID: 3041563, Country: "AD", Division: "07", Name: "Andorra la Vella",
		Population: 20430, Feature: "PPLC", Longitude: 1.52109, Latitude: 42.50779,
	}, cities[0])

	_, err = parseCity([]string{"x", "AD", "07", "Andorra la Vella", "20430", "PPLC", "1.5", "42.5"})
	require.Error(t, err)
}

// TestProgress: a bar on a terminal, plain lines elsewhere.
func TestProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := &demo{out: &out}
	for done := 0; done < 12_000; {
		done += batch
		d.progress(done, 12_000)
	}
	assert.Equal(t, "  5,000 of 12,000\n  10,000 of 12,000\n  12,000 of 12,000\n", out.String())

	out.Reset()
	d.terminal = true
	d.progress(500, 1_000)
	d.progress(1_000, 1_000)
	half := strings.Repeat("#", 20)
	assert.Equal(t, "\r  ["+half+strings.Repeat(".", 20)+"] 500 of 1,000\r  ["+half+half+"] 1,000 of 1,000\n", out.String())
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	assert.False(t, isTerminal(&bytes.Buffer{}))
	f, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	assert.False(t, isTerminal(f))
	require.NoError(t, f.Close())
	assert.False(t, isTerminal(f), "closed")
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	t.Cleanup(func() { null.Close() })
	assert.True(t, isTerminal(null), "a device of characters, as a terminal is")
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1_000: "1,000", 24_323: "24,323", 1_234_567: "1,234,567"} {
		assert.Equal(t, want, grouped(n))
	}
}
