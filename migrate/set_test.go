package migrate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func nothing(context.Context, *migrate.Context) error { return nil }

// TestSet: migrations run by their IDs, however they were added (rule L3).
func TestSet(t *testing.T) {
	t.Parallel()
	var set migrate.Set
	assert.Empty(t, set.All())
	require.NoError(t, set.Validate())
	set.Add(migrate.Migration{ID: second, Name: "b", Up: nothing}, migrate.Migration{ID: third, Name: "c", Up: nothing})
	set.Add(migrate.Migration{ID: first, Name: "a", Up: nothing})
	require.NoError(t, set.Validate())
	var names []string
	for _, m := range set.All() {
		names = append(names, m.Name)
	}
	assert.Equal(t, []string{"a", "b", "c"}, names)
}

// TestSetFaults: every fault is told, each with its migration.
func TestSetFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		migration migrate.Migration
		want      string
	}{
		"short":     {migrate.Migration{ID: "2026", Name: "x", Up: nothing}, "migrate: 2026_x: an ID is a time of 14 digits, such as 20261122093000"},
		"no time":   {migrate.Migration{ID: "20261322093000", Name: "x", Up: nothing}, "migrate: 20261322093000_x: an ID is a time of 14 digits, such as 20261122093000"},
		"fraction":  {migrate.Migration{ID: "20261122093000.5", Name: "x", Up: nothing}, "migrate: 20261122093000.5_x: an ID is a time of 14 digits, such as 20261122093000"},
		"no name":   {migrate.Migration{ID: third, Up: nothing}, "migrate: " + third + ": a name has small letters, digits and '_', a letter first"},
		"name":      {migrate.Migration{ID: third, Name: "Add-it", Up: nothing}, "migrate: " + third + "_Add-it: a name has small letters, digits and '_', a letter first"},
		"no up":     {migrate.Migration{ID: third, Name: "x"}, "migrate: " + third + "_x: it has no Up"},
		"same ID":   {migrate.Migration{ID: first, Name: "x", Up: nothing}, "migrate: " + first + "_x: another migration has this ID"},
		"same name": {migrate.Migration{ID: third, Name: "a", Up: nothing}, "migrate: " + third + "_a: another migration has this name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := migrate.NewSet(migrate.Migration{ID: first, Name: "a", Up: nothing}, tt.migration).Validate()
			require.EqualError(t, err, tt.want)
			require.ErrorIs(t, err, repo.ErrInvalid)
			fault, ok := errors.AsType[*migrate.MigrationError](err)
			require.True(t, ok)
			assert.Equal(t, tt.migration.ID, fault.ID)
		})
	}
}

// TestNewFaults: the faults of set and configuration come together, before any
// request.
func TestNewFaults(t *testing.T) {
	t.Parallel()
	_, err := migrate.New(nil, nil, nil)
	require.ErrorIs(t, err, repo.ErrInvalid)

	db, tr := database(t)
	_, err = migrate.New(db, migrate.NewSet(migrate.Migration{ID: "1", Name: "a", Up: nothing}, migrate.Migration{ID: first, Name: "b"}),
		&migrate.Config{Lease: time.Millisecond, Models: []table.Model{nil}, Table: "no/table"})
	require.ErrorIs(t, err, repo.ErrInvalid)
	for _, text := range []string{"1_a: an ID", "_b: it has no Up", "Config.Lease: want 1s or more", "Config.Models", "no/table"} {
		require.ErrorContains(t, err, text)
	}

	m := migrator(t, db, nil)
	_, err = m.Down(t.Context(), 0)
	require.ErrorIs(t, err, repo.ErrInvalid)
	_, err = m.To(t.Context(), first)
	require.ErrorIs(t, err, migrate.ErrUnknown)
	assert.Zero(t, tr.Total())
	assert.Same(t, db, m.DB())
}
