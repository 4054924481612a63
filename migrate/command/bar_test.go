package command

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBar: a bar, which bears that the count of the table was old or is not
// known.
func TestBar(t *testing.T) {
	t.Parallel()
	for total, want := range map[int]string{0: "60/-", 100: "120/120"} {
		var out bytes.Buffer
		b := newBar(&out, "backfill users", total)
		b.Add(60)
		b.Add(60)
		b.End()
		assert.Contains(t, out.String(), "backfill users")
		assert.Contains(t, out.String(), want)
		assert.Equal(t, byte('\n'), out.Bytes()[out.Len()-1])
	}
}

// TestBars: only a terminal shows bars.
func TestBars(t *testing.T) {
	t.Parallel()
	assert.Nil(t, Bars(&bytes.Buffer{}))
	f, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	assert.Nil(t, Bars(f))
}
