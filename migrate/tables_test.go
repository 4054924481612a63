package migrate_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// TestScaleTable: a table and an index get what is said, and what says nothing,
// or two things at once, is refused before any request (rule L4).
func TestScaleTable(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	r := model(t, db, indexed)
	m := migrator(t, db, nil, func(c *migrate.Config) { c.Models = []table.Model{r} })
	_, err := m.CreateTables(t.Context())
	require.NoError(t, err)

	tr.Reset()
	some := index.Throughput{Read: 3}
	for _, s := range []migrate.Scaling{
		{},
		{Table: "others", Throughput: some},
		{Table: "users"},
		{Table: "users", Index: "name_idx"},
		{Table: "users", Throughput: some, OnDemand: true},
		{Table: "users", Index: "name_idx", OnDemand: true},
		{Table: "users", Throughput: index.Throughput{Read: -1}},
	} {
		got, err := m.ScaleTable(t.Context(), s)
		require.ErrorIs(t, err, repo.ErrInvalid, "%+v", s)
		assert.Zero(t, got, "%+v", s)
	}
	assert.Zero(t, tr.Total())

	for _, step := range []struct {
		s    migrate.Scaling
		want migrate.Scaled
	}{
		{migrate.Scaling{Table: "users", Throughput: some}, migrate.Scaled{Table: r.Table(), Changed: true}},
		{migrate.Scaling{Table: r.Table(), Throughput: some}, migrate.Scaled{Table: r.Table()}},
		{migrate.Scaling{Table: "users", Index: "name_idx", Throughput: some}, migrate.Scaled{Table: r.Table(), Index: "name_idx", Changed: true}},
		{migrate.Scaling{Table: "users", OnDemand: true}, migrate.Scaled{Table: r.Table(), Changed: true}},
		{migrate.Scaling{Table: "users", OnDemand: true}, migrate.Scaled{Table: r.Table()}},
		{migrate.Scaling{Table: "users", Throughput: some}, migrate.Scaled{Table: r.Table(), Changed: true}},
	} {
		got, err := m.ScaleTable(t.Context(), step.s)
		require.NoError(t, err, "%+v", step.s)
		assert.Equal(t, step.want, got, "%+v", step.s)
	}
	d, err := table.Describe(t.Context(), r)
	require.NoError(t, err)
	assert.Equal(t, int64(3), d.Throughput.Read)
}

// TestReset: what was deleted is told, and it is told of as it goes.
func TestReset(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	r := model(t, db)
	var out bytes.Buffer
	m := migrator(t, db, nil, func(c *migrate.Config) { c.Models, c.Out = []table.Model{r}, &out })
	created, err := m.CreateTables(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []migrate.TableState{{Table: r.Table(), State: "created"}}, created)
	deleted, err := m.Reset(t.Context(), false)
	require.NoError(t, err)
	assert.Equal(t, []migrate.TableState{{Table: r.Table(), State: "deleted"}}, deleted)
}
