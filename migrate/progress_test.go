package migrate_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/migrate"
)

// TestProgressLines: a line now and then, with rate and time left.
func TestProgressLines(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	clock := func() time.Time { return now }
	var out bytes.Buffer
	p := migrate.NewProgress(&out, false, clock, "backfill users", 1000)
	for range 12 {
		now = now.Add(time.Second)
		p.Add(100)
	}
	p.End()
	assert.Equal(t, "  backfill users: 500 of 1000 items, 100/s, 5s left\n"+
		"  backfill users: 1000 of 1000 items, 100/s\n"+
		"  backfill users: 1200 items, 100/s\n", out.String(), "the count of the table was old")

	out.Reset()
	p = migrate.NewProgress(&out, false, clock, "backfill users", -3)
	p.Add(7)
	p.End()
	assert.Equal(t, "  backfill users: 7 items\n", out.String())
}

// TestProgressBar: a bar on a terminal.
func TestProgressBar(t *testing.T) {
	t.Parallel()
	for total, want := range map[int]string{0: "60/-", 100: "120/120"} {
		var out bytes.Buffer
		p := migrate.NewProgress(&out, true, time.Now, "backfill users", total)
		p.Add(60)
		p.Add(60)
		p.End()
		assert.Contains(t, out.String(), "backfill users")
		assert.Contains(t, out.String(), want, "the count of the table was old")
		assert.Equal(t, byte('\n'), out.Bytes()[out.Len()-1])
	}
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	assert.False(t, migrate.IsTerminal(&bytes.Buffer{}))
	f, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	assert.False(t, migrate.IsTerminal(f))
}
