package main

import (
	"cmp"
	"context"
	"flag"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/examples/tasks/cities"
	"github.com/dynarepo/dynarepo/examples/tasks/migrations"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
	"github.com/dynarepo/dynarepo/table"
)

// every tells which cities a life begins with: -args -every 1 takes all of them.
var every = flag.Int("every", 12, "load each nth city")

// TestLife: a table is created and filled, gets an index with its backfill while
// writers go on, other capacity, a stream that tells what is written, and time
// to live, and nothing is lost.
func TestLife(t *testing.T) {
	t.Parallel()
	db, err := database(t)(t.Context())
	require.NoError(t, err)
	model, err := repo.New[cities.City](db, cities.Spec())
	require.NoError(t, err)
	m, err := migrate.New(db, &migrations.All, &migrate.Config{Models: []table.Model{model}})
	require.NoError(t, err)
	_, err = m.To(t.Context(), "20261101080000")
	require.NoError(t, err)

	file, err := cities.Read(file)
	require.NoError(t, err)
	var loaded []cities.City
	for i := 0; i < len(file); i += *every {
		loaded = append(loaded, file[i])
	}
	require.NoError(t, put(t.Context(), db, loaded))

	// Writers of the version before, which does not know the search name.
	born := make([]atomic.Int64, len(loaded))
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := w; ctx.Err() == nil; i = (i + 7) % len(loaded) {
				k := key.Of(loaded[i].Country).Range(loaded[i].ID)
				if _, err := model.Update(t.Context(), k, cities.Population.Add(1)); assert.NoError(t, err) {
					born[i].Add(1)
				}
			}
		})
	}
	done, err := m.Up(t.Context())
	stop()
	writers.Wait()
	require.NoError(t, err)
	require.Len(t, done, 2)

	n := 0
	for i, was := range loaded {
		got, err := model.Get(t.Context(), key.Of(was.Country).Range(was.ID))
		require.NoError(t, err)
		was.Population += int(born[i].Load())
		was.Search = cities.SearchName(was.Name)
		assert.Equal(t, was, got)
		n += int(born[i].Load())
	}
	assert.Positive(t, n, "writers went on")
	found, err := model.Scan().Index("search_idx").Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, len(loaded), found, "the index holds every city")
	one, err := model.Query(key.Of(cities.SearchName(loaded[0].Name))).Index("search_idx").First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, loaded[0].Name, one.Name)

	d, err := table.Inspect(t.Context(), model)
	require.NoError(t, err)
	assert.Equal(t, index.Throughput{Read: 20, Write: 10}, d.Throughput)
	assert.Equal(t, index.Throughput{Read: 10, Write: 5}, d.Indexes[0].Throughput)
	assert.Equal(t, "ends", d.TTL.Attr)
	assert.NotEmpty(t, d.StreamARN)
	p, err := m.Plan(t.Context())
	require.NoError(t, err)
	assert.True(t, p.Empty(), p)
	replayed(t, model, loaded)
}

// replayed writes on, and finds in the stream what was written.
func replayed(t *testing.T, model *repo.Repo[cities.City], loaded []cities.City) {
	t.Helper()
	ctx := t.Context()
	want := map[int64]*cities.City{} // by id; nil for those that are gone
	for i, c := range loaded[:60] {
		k, err := model.Key(&c)
		require.NoError(t, err)
		if i%3 == 0 {
			require.NoError(t, model.Delete(ctx, k))
			want[c.ID] = nil
			continue
		}
		stored, err := model.Update(ctx, k, cities.Population.Add(1))
		require.NoError(t, err)
		want[c.ID] = &stored
	}
	s, err := stream.New(model, nil)
	require.NoError(t, err)
	got := map[int64]*cities.City{}
	for change, err := range s.Changes(ctx) {
		require.NoError(t, err)
		city := cmp.Or(change.New, change.Old)
		if _, asked := want[city.ID]; asked {
			got[city.ID] = change.New
		}
	}
	assert.Equal(t, want, got, "the stream tells what was written")
}
