package assoc_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// between runs f in front of the nth of the named requests.
func between(tr *faults.Transport, n int, f func(), operations ...string) {
	var once sync.Once
	tr.On(operations...).Nth(n).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		once.Do(f)
		return send(req)
	})
}

// TestToleratedStaysTrue: what a call tolerated is related by another call
// before the rest is sent. Both ends agree (rule O5).
func TestToleratedStaysTrue(t *testing.T) {
	t.Parallel()
	t.Run("has many", func(t *testing.T) {
		t.Parallel()
		s, ctx := newShop(t), t.Context()
		c, orders := s.customer(t, "c", 1)
		o := orders[0]
		require.NoError(t, s.ordersOf.Remove(ctx, &c, &o))
		s.tr.Reset()
		between(s.tr, 2, func() {
			c2, o2 := customer{ID: "c"}, order{ID: o.ID}
			assert.NoError(t, s.ordersOf.Add(ctx, &c2, &o2))
		}, "TransactWriteItems")
		require.NoError(t, s.ordersOf.Remove(ctx, &c, &o))
		assert.Empty(t, s.load(t, "c").OrderIDs)
		assert.Empty(t, s.owner(t, o.ID))
	})
	t.Run("has one", func(t *testing.T) {
		t.Parallel()
		s, ctx := newShop(t), t.Context()
		c, _ := s.customer(t, "c", 0)
		k0, k1 := card{ID: "k0"}, card{ID: "k1"}
		put(t, s.cards, k0, k1)
		require.NoError(t, s.cardOf.Add(ctx, &c, &k0))
		s.tr.Reset()
		between(s.tr, 1, func() {
			c2, k2 := s.load(t, "c"), k0
			assert.NoError(t, s.cardOf.Remove(ctx, &c2, &k2))
		}, "TransactWriteItems")
		between(s.tr, 3, func() { // the second is that of the removal
			c2, k2 := s.load(t, "c"), card{ID: "k0"}
			assert.NoError(t, s.cardOf.Add(ctx, &c2, &k2))
		}, "TransactWriteItems")
		require.NoError(t, s.cardOf.Add(ctx, &c, &k1))
		assert.Equal(t, "k1", *s.load(t, "c").CardID)
		for id, want := range map[string][]string{"k0": nil, "k1": {"c"}} {
			got, err := s.cards.Get(ctx, key.Of(id))
			require.NoError(t, err)
			assert.Equal(t, want, got.CustomerIDs, id)
		}
	})
}

// TestToleratedAbsence: an item that was not there is created, related, before
// the rest is sent.
func TestToleratedAbsence(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, orders := s.customer(t, "c", 1)
	o := orders[0]
	require.NoError(t, s.orders.Delete(ctx, key.Of(o.ID)))
	s.tr.Reset()
	between(s.tr, 2, func() {
		c2 := s.load(t, "c")
		assert.NoError(t, s.ordersOf.Create(ctx, &c2, &order{ID: o.ID}))
	}, "TransactWriteItems")
	require.NoError(t, s.ordersOf.Remove(ctx, &c, &o))
	assert.Empty(t, s.load(t, "c").OrderIDs)
	assert.Empty(t, s.owner(t, o.ID))
}

// end is an item of one end of a relation.
type end struct {
	ID      string   `dynamodbav:"id"`
	One     string   `dynamodbav:"one,omitempty"`
	Many    []string `dynamodbav:"many,stringset,omitempty"`
	Version int64    `dynamodbav:"version"`
}

// kept returns the ids that an item keeps.
func (e end) kept() []string {
	if e.One != "" {
		return append([]string{e.One}, e.Many...)
	}
	return e.Many
}

// TestConcurrent: 32 goroutines relate and unrelate the items of each kind of
// relation from both sides, with a lock and without, by what they have loaded.
// In the end both ends agree (rule O5).
func TestConcurrent(t *testing.T) {
	t.Parallel()
	one := cond.Field(func(e *end) *string { return &e.One })
	many := cond.Field(func(e *end) *[]string { return &e.Many })
	type pair = assoc.Relation[end, end]
	type table = *repo.Repo[end]
	kinds := map[string]func(a, b table) (*pair, error){
		"has many":        func(a, b table) (*pair, error) { return assoc.HasMany(assoc.Keep(a, many), assoc.Keep(b, one)) },
		"has one":         func(a, b table) (*pair, error) { return assoc.HasOne(assoc.Keep(a, one), assoc.Keep(b, one)) },
		"has one by sets": func(a, b table) (*pair, error) { return assoc.HasOne(assoc.Keep(a, many), assoc.Keep(b, many)) },
		"belongs to":      func(a, b table) (*pair, error) { return assoc.BelongsTo(assoc.Keep(a, one), assoc.Keep(b, many)) },
		"belongs to one":  func(a, b table) (*pair, error) { return assoc.BelongsTo(assoc.Keep(a, one), assoc.Keep(b, one)) },
		"many to many":    func(a, b table) (*pair, error) { return assoc.ManyToMany(assoc.Keep(a, many), assoc.Keep(b, many)) },
	}
	for name, declare := range kinds {
		for _, locked := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", lock ", locked), func(t *testing.T) {
				t.Parallel()
				seed := uint64(time.Now().UnixNano())
				t.Log("seed", seed)
				db, _ := open(t)
				spec := repo.Spec{Key: key.Spec{Hash: key.String("id")}}
				if locked {
					spec.Lock = lock.Version("version")
				}
				spec.Table = "as"
				as := create[end](t, db, spec)
				spec.Table = "bs"
				bs := create[end](t, db, spec)
				there, err := declare(as, bs)
				require.NoError(t, err)
				back, err := there.Inverse()
				require.NoError(t, err)
				for i := range 4 {
					put(t, as, end{ID: fmt.Sprint("a", i)})
					put(t, bs, end{ID: fmt.Sprint("b", i)})
				}
				var writers sync.WaitGroup
				for g := range uint64(32) {
					writers.Go(func() {
						rnd := rand.New(rand.NewPCG(seed, g))
						for range 5 {
							relate(t, rnd, there, back, as, bs)
						}
					})
				}
				writers.Wait()
				agree(t, as, bs)
			})
		}
	}
}

// relate does one thing from one side.
func relate(t *testing.T, rnd *rand.Rand, there, back *assoc.Relation[end, end], as, bs *repo.Repo[end]) {
	r, prefix, other := there, "a", "b"
	if rnd.IntN(2) == 0 {
		r, prefix, other, as, bs = back, "b", "a", bs, as
	}
	load := func(of *repo.Repo[end], prefix string) *end {
		e, err := of.Get(t.Context(), key.Of(fmt.Sprint(prefix, rnd.IntN(4))))
		assert.NoError(t, err)
		return &e
	}
	a, b := load(as, prefix), load(bs, other)
	if rnd.IntN(3) == 0 { // what the caller has need not be what is stored
		a, b = &end{ID: a.ID}, &end{ID: b.ID}
	}
	var err error
	switch rnd.IntN(5) {
	case 0, 1:
		err = r.Add(t.Context(), a, b)
	case 2, 3:
		err = r.Remove(t.Context(), a, b)
	case 4:
		err = r.Replace(t.Context(), a, b)
	}
	if err != nil && !errors.Is(err, repo.ErrConditionFailed) && !errors.Is(err, repo.ErrConflict) {
		assert.NoError(t, err)
	}
}

// agree checks that each id that an item keeps leads to one that keeps its own.
func agree(t *testing.T, as, bs *repo.Repo[end]) {
	t.Helper()
	pairs := func(of *repo.Repo[end], swap bool) map[[2]string]bool {
		found := map[[2]string]bool{}
		for e, err := range of.Scan().Consistent().All(t.Context()) {
			require.NoError(t, err)
			for _, id := range e.kept() {
				if swap {
					found[[2]string{id, e.ID}] = true
				} else {
					found[[2]string{e.ID, id}] = true
				}
			}
		}
		return found
	}
	assert.Equal(t, pairs(as, false), pairs(bs, true))
}
