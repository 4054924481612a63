package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/migrate"
)

// TestUp: each migration runs once, in order, and the history tells when
// (rule L3).
func TestUp(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	var j journal
	set := migrate.NewSet(j.migration(second, "b"), j.migration(first, "a"))
	now := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	var out bytes.Buffer
	m := migrator(t, db, set, func(c *migrate.Config) {
		c.Now = func() time.Time { return now }
		c.Out = &out
	})
	assert.Equal(t, []migrate.Status{migrate.Pending, migrate.Pending}, statuses(t, m))
	assert.Zero(t, tr.Count("CreateTable"), "status creates nothing")

	done, err := m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []migrate.Done{{ID: first, Name: "a"}, {ID: second, Name: "b"}}, done)
	assert.Equal(t, []string{"up a", "up b"}, j.take())
	assert.Equal(t, "up "+first+"_a\nup "+first+"_a: done in 0s\nup "+second+"_b\nup "+second+"_b: done in 0s\n", out.String())
	states, err := m.Status(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []migrate.State{
		{ID: first, Name: "a", Status: migrate.Applied, Undoable: true, StartedAt: &now, AppliedAt: &now},
		{ID: second, Name: "b", Status: migrate.Applied, Undoable: true, StartedAt: &now, AppliedAt: &now},
	}, states)

	tr.Reset()
	done, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Nil(t, done)
	assert.Empty(t, j.take())
	assert.Equal(t, map[string]int{"Query": 1}, tr.Counts(), "nothing to do takes no lease")
}

// TestUpLate: a migration that came behind a newer one is run all the same.
func TestUpLate(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	_, err := migrator(t, db, migrate.NewSet(j.migration(second, "b"))).Up(t.Context())
	require.NoError(t, err)
	done, err := migrator(t, db, migrate.NewSet(j.migration(first, "a"), j.migration(second, "b"))).Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{first}, ids(done))
	assert.Equal(t, []string{"up b", "up a"}, j.take())
}

// TestUpFails: the first failure ends the run, and what failed is run again.
func TestUpFails(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	cause := errors.New("no luck")
	failing := j.migration(second, "b")
	failing.Up = func(context.Context, *migrate.Context) error { j.note("fail"); return cause }
	m := migrator(t, db, migrate.NewSet(j.migration(first, "a"), failing, j.migration(third, "c")))
	done, err := m.Up(t.Context())
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "migrate: "+second+"_b: no luck")
	assert.Equal(t, []string{first}, ids(done))
	assert.Equal(t, []string{"up a", "fail"}, j.take())
	assert.Equal(t, []migrate.Status{migrate.Applied, migrate.Beginning, migrate.Pending}, statuses(t, m))

	m = migrator(t, db, migrate.NewSet(j.migration(first, "a"), j.migration(second, "b"), j.migration(third, "c")))
	_, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"up b", "up c"}, j.take())
}

func TestDown(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	m := migrator(t, db, migrate.NewSet(j.migration(first, "a"), j.migration(second, "b"), j.migration(third, "c")))
	done, err := m.Down(t.Context(), 1)
	require.NoError(t, err)
	assert.Nil(t, done, "nothing is applied")
	_, err = m.Up(t.Context())
	require.NoError(t, err)
	j.take()

	done, err = m.Down(t.Context(), 2)
	require.NoError(t, err)
	assert.Equal(t, []migrate.Done{{ID: third, Name: "c", Undone: true, Took: done[0].Took}, {ID: second, Name: "b", Undone: true, Took: done[1].Took}}, done)
	assert.Equal(t, []string{"down c", "down b"}, j.take())
	assert.Equal(t, []migrate.Status{migrate.Applied, migrate.Pending, migrate.Pending}, statuses(t, m))

	_, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"up b", "up c"}, j.take(), "what was undone can be done again")
}

// TestDownFails: what was half undone can be undone again, or done.
func TestDownFails(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	cause := errors.New("no luck")
	failing := j.migration(first, "a")
	failing.Down = func(context.Context, *migrate.Context) error { return cause }
	m := migrator(t, db, migrate.NewSet(failing))
	_, err := m.Up(t.Context())
	require.NoError(t, err)
	_, err = m.Down(t.Context(), 1)
	require.ErrorIs(t, err, cause)
	assert.Equal(t, []migrate.Status{migrate.Undoing}, statuses(t, m))

	_, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"up a", "up a"}, j.take())
	_, err = m.Down(t.Context(), 1)
	require.ErrorIs(t, err, cause)
	m = migrator(t, db, migrate.NewSet(j.migration(first, "a")))
	_, err = m.Down(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, []migrate.Status{migrate.Pending}, statuses(t, m))
}

// TestDownRefused: nothing is undone if one of them can't be.
func TestDownRefused(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	final := j.migration(second, "b")
	final.Down = nil
	set := migrate.NewSet(j.migration(first, "a"), final, j.migration(third, "c"))
	m := migrator(t, db, set)
	_, err := m.Up(t.Context())
	require.NoError(t, err)
	j.take()
	_, err = m.Down(t.Context(), 2)
	require.ErrorIs(t, err, migrate.ErrNoDown)
	require.EqualError(t, err, "migrate: "+second+"_b: it has no Down")
	_, err = m.To(t.Context(), first)
	require.ErrorIs(t, err, migrate.ErrNoDown)

	m = migrator(t, db, migrate.NewSet(j.migration(first, "a"), j.migration(second, "b")))
	states, err := m.Status(t.Context())
	require.NoError(t, err)
	assert.True(t, states[2].Missing)
	assert.Equal(t, migrate.Applied, states[2].Status)
	_, err = m.Down(t.Context(), 1)
	require.ErrorIs(t, err, migrate.ErrUnknown)
	done, err := m.Up(t.Context())
	require.NoError(t, err, "what the program does not have is left alone")
	assert.Empty(t, done)
	assert.Empty(t, j.take())
}

// TestTo: one migration is made the last, from before it or behind it.
func TestTo(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	m := migrator(t, db, migrate.NewSet(j.migration(first, "a"), j.migration(second, "b"), j.migration(third, "c")))
	for _, tt := range []struct {
		id   string
		want []string
	}{
		{second, []string{"up a", "up b"}},
		{second, nil},
		{third, []string{"up c"}},
		{first, []string{"down c", "down b"}},
	} {
		_, err := m.To(t.Context(), tt.id)
		require.NoError(t, err)
		assert.Equal(t, tt.want, j.take(), tt.id)
	}

	late := migrator(t, db, migrate.NewSet(j.migration("20261031000000", "z"), j.migration(first, "a"), j.migration(second, "b")))
	_, err := migrator(t, db, migrate.NewSet(j.migration(second, "b"))).Up(t.Context())
	require.NoError(t, err)
	j.take()
	_, err = late.To(t.Context(), first)
	require.NoError(t, err)
	assert.Equal(t, []string{"down b", "up z"}, j.take())
}
