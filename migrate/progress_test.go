package migrate_test

import (
	"bytes"
	"context"
	"strings"
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
	var out bytes.Buffer
	cfg := migrate.Config{Out: &out, Now: func() time.Time { return now }}
	p := cfg.NewProgress("backfill users", 1000)
	for range 12 {
		now = now.Add(time.Second)
		p.Add(100)
	}
	p.End()
	assert.Equal(t, "  backfill users: 500 of 1000 items, 100/s, 5s left\n"+
		"  backfill users: 1000 of 1000 items, 100/s\n"+
		"  backfill users: 1200 items, 100/s\n", out.String(), "the count of the table was old")

	out.Reset()
	p = cfg.NewProgress("backfill users", -3)
	p.Add(7)
	p.End()
	assert.Equal(t, "  backfill users: 7 items\n", out.String())
}

// A counter is progress that notes what it is told.
type counter struct {
	label       string
	total, done int
	ended       bool
}

func (c *counter) Add(n int) { c.done += n }

func (c *counter) End() { c.ended = true }

// TestProgressOfTheProgram: what the program shows progress by is told all, and
// what makes none leaves it to lines.
func TestProgressOfTheProgram(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	r := users(t, db, 30)
	var shown counter
	var out bytes.Buffer
	set := migrate.NewSet(migrate.Migration{ID: first, Name: "fill", Up: func(ctx context.Context, c *migrate.Context) error {
		_, err := migrate.Backfill(ctx, c, r, fillSearch, nil)
		return err
	}}, migrate.Migration{ID: second, Name: "again", Up: func(ctx context.Context, c *migrate.Context) error {
		_, err := migrate.Backfill(ctx, c, r, fillSearch, nil)
		return err
	}})
	m := migrator(t, db, set, func(c *migrate.Config) {
		c.Out = &out
		c.Progress = func(label string, total int) migrate.Progress {
			if shown.ended {
				return nil
			}
			shown.label, shown.total = label, total
			return &shown
		}
	})
	_, err := m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, counter{"backfill users", 30, 30, true}, shown)
	assert.Equal(t, 1, strings.Count(out.String(), "  backfill users: 30 of 30 items"), out.String())
}

// TestShowing: what the program's Config names is not taken from it.
func TestShowing(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	set := migrate.NewSet(j.migration(first, "a"))
	var own, other bytes.Buffer
	m := migrator(t, db, set, func(c *migrate.Config) { c.Out = &own })
	_, err := m.Showing(&other, nil).Up(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, own.String())
	assert.Empty(t, other.String())

	m = migrator(t, db, set)
	_, err = m.Showing(&other, nil).Down(t.Context(), 1)
	require.NoError(t, err)
	assert.Contains(t, other.String(), "down 20261101000000_a")
}
