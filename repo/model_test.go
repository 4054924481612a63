package repo_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// counter is the item of the model test.
type counter struct {
	ID      string `dynamodbav:"id"`
	N       int    `dynamodbav:"n"`
	Note    string `dynamodbav:"note"`
	Version int    `dynamodbav:"v"`
}

var (
	counterN    = cond.Field(func(c *counter) *int { return &c.N })
	counterNote = cond.Field(func(c *counter) *string { return &c.Note })
)

func counters(tb testing.TB, db *repo.DB) *repo.Repo[counter] {
	tb.Helper()
	return create[counter](tb, db, spec("counters", func(s *repo.Spec) { s.Lock = lock.Version("v") }))
}

// A model is a map that is held equal to a repository, and items as they were
// loaded at some time.
type model struct {
	stored map[string]counter
	held   map[string]counter
}

// stale says what comes of a save or a destroy of an item that is held.
func (m *model) stale(c counter) error {
	now, ok := m.stored[c.ID]
	switch {
	case !ok && c.Version == 0, ok && now.Version == c.Version:
		return nil
	default:
		return lock.ErrStale
	}
}

// step does one random operation to both and returns what came of it and what
// should have.
func (m *model) step(t *testing.T, r *repo.Repo[counter], rnd *rand.Rand) (name string, got, want error) {
	ctx := t.Context()
	id := fmt.Sprint(rnd.IntN(12))
	k := key.Of(id)
	now, ok := m.stored[id]
	item := m.held[id]
	item.ID, item.N = id, rnd.IntN(100)
	w := r.If()
	kind := rnd.IntN(8)
	overwrite := rnd.IntN(4) == 0 && kind != 0 && kind != 5 // a create and an update have no lock to override
	if overwrite {
		w = w.Overwrite()
	}
	transact := rnd.IntN(3) == 0
	switch kind {
	case 0, 1, 2:
		name = []string{"create", "put", "save"}[kind]
		switch {
		case kind == 0 && ok:
			want = repo.ErrExists
		case kind == 2 && !overwrite:
			want = m.stale(item)
		}
		next := item
		if next.Version++; kind == 0 {
			next.Version = 1
		}
		switch {
		case transact:
			got = r.DB().Transact(ctx, []repo.Op{w.Ops().Create(&item), w.Ops().Put(&item), w.Ops().Save(&item)}[kind])
		case kind == 0:
			got = w.Create(ctx, &item)
		case kind == 1:
			got = w.Put(ctx, &item)
		default:
			got = w.Save(ctx, &item)
		}
		if want == nil {
			m.stored[id], m.held[id] = next, next
			assert.Equal(t, next, item, name)
		}
	case 3:
		name = "destroy"
		if !overwrite {
			want = m.stale(item)
		}
		if transact {
			got = r.DB().Transact(ctx, w.Ops().Destroy(&item))
		} else {
			got = w.Destroy(ctx, &item)
		}
		if want == nil {
			delete(m.stored, id)
		}
	case 4:
		name = "delete"
		if got = w.Delete(ctx, k); rnd.IntN(2) == 0 {
			delete(m.held, id)
		}
		delete(m.stored, id)
	case 5:
		name = "update"
		limit := rnd.IntN(100)
		switch {
		case !ok:
			want = repo.ErrNotFound
		case now.N > limit:
			want = repo.ErrConditionFailed
		}
		w = w.If(counterN.Lte(limit))
		changes := []cond.Change[counter]{counterN.Add(1), counterNote.Set(fmt.Sprint(limit))}
		next := now
		next.N, next.Note, next.Version = now.N+1, fmt.Sprint(limit), now.Version+1
		if transact {
			got = r.DB().Transact(ctx, w.Ops().Update(k, changes...))
		} else {
			var updated counter
			if updated, got = w.Update(ctx, k, changes...); want == nil {
				assert.Equal(t, next, updated)
			}
		}
		if want == nil {
			m.stored[id] = next
		}
	case 6:
		name = "batch"
		other := fmt.Sprint("b", rnd.IntN(3))
		item.Version = rnd.IntN(3)
		next := item
		next.Version++
		got = r.DB().Batch(ctx, r.Overwrite().Ops().Put(&item), r.Ops().Delete(key.Of(other)))
		m.stored[id] = next
		delete(m.stored, other)
	default:
		name = "get"
		if !ok {
			want = repo.ErrNotFound
		}
		var found counter
		found, got = r.Get(ctx, k)
		assert.Equal(t, now, found)
		if ok {
			m.held[id] = found
		}
	}
	return name, got, want
}

// TestModel holds a repository and a map equal over thousands of random
// operations.
func TestModel(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := counters(t, db)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	m := model{stored: map[string]counter{}, held: map[string]counter{}}
	seen := map[string]int{}
	for n := range 2000 {
		name, got, want := m.step(t, r, rnd)
		require.ErrorIs(t, got, want, "%s: operation %d", name, n)
		seen[fmt.Sprint(name, " ", want)]++
		if n%100 > 0 {
			continue
		}
		all, err := r.Scan().Consistent().Collect(t.Context())
		require.NoError(t, err)
		byID := func(a, b counter) int { return cmp.Compare(a.ID, b.ID) }
		require.Equal(t, slices.SortedFunc(maps.Values(m.stored), byID), slices.SortedFunc(slices.Values(all), byID), "operation %d", n)
	}
	assert.Len(t, seen, 14, "every operation with each outcome: %v", seen)
}
