package assoc_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type node struct {
	ID    string   `dynamodbav:"id"`
	Outs  []string `dynamodbav:"outs,stringset,omitempty"`
	Ins   []string `dynamodbav:"ins,stringset,omitempty"`
	Above string   `dynamodbav:"above,omitempty"`
	Below []string `dynamodbav:"below,stringset,omitempty"`
}

// TestRandom: whatever is done in whatever order, both ends of a has many and
// of a many to many, of a type to itself, agree with a model of them (rule M1).
func TestRandom(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	db, _ := open(t)
	nodes := create[node](t, db, repo.Spec{Table: "nodes", Key: key.Spec{Hash: key.String("id")}})
	ctx := t.Context()
	edges, err := assoc.ManyToMany(
		assoc.Keep(nodes, cond.Field(func(n *node) *[]string { return &n.Outs })), assoc.Keep(nodes, cond.Field(func(n *node) *[]string { return &n.Ins })))
	require.NoError(t, err)
	tree, err := assoc.HasMany(
		assoc.Keep(nodes, cond.Field(func(n *node) *[]string { return &n.Below })), assoc.Keep(nodes, cond.Field(func(n *node) *string { return &n.Above })))
	require.NoError(t, err)

	alive, out, above := map[string]bool{}, map[[2]string]bool{}, map[string]string{}
	pick := func() *node {
		n, err := nodes.Get(ctx, key.Of(slices.Sorted(maps.Keys(alive))[rnd.IntN(len(alive))]))
		require.NoError(t, err)
		return &n
	}
	for step := range 120 {
		if len(alive) < 3 || rnd.IntN(12) == 0 {
			n := node{ID: fmt.Sprint("n", step)}
			if len(alive) > 0 && rnd.IntN(2) == 0 {
				p := pick()
				require.NoError(t, tree.Create(ctx, p, &n))
				above[n.ID] = p.ID
			} else {
				require.NoError(t, nodes.Create(ctx, &n))
			}
			alive[n.ID] = true
			continue
		}
		a, some := pick(), []*node{}
		for range rnd.IntN(4) {
			b := pick()
			if b.ID != a.ID && !slices.ContainsFunc(some, func(n *node) bool { return n.ID == b.ID }) {
				some = append(some, b)
			}
		}
		all := func(set func(*node)) {
			for _, b := range some {
				set(b)
			}
		}
		cut := func(gone func(from, to string) bool) {
			maps.DeleteFunc(out, func(e [2]string, _ bool) bool { return gone(e[0], e[1]) })
		}
		orphan := func(gone func(child, parent string) bool) { maps.DeleteFunc(above, gone) }
		switch rnd.IntN(9) {
		case 0:
			require.NoError(t, edges.Add(ctx, a, some...))
			all(func(b *node) { out[[2]string{a.ID, b.ID}] = true })
		case 1:
			require.NoError(t, edges.Remove(ctx, a, some...))
			all(func(b *node) { delete(out, [2]string{a.ID, b.ID}) })
		case 2:
			require.NoError(t, edges.Replace(ctx, a, some...))
			cut(func(from, _ string) bool { return from == a.ID })
			all(func(b *node) { out[[2]string{a.ID, b.ID}] = true })
		case 3:
			require.NoError(t, edges.Clear(ctx, a))
			cut(func(from, _ string) bool { return from == a.ID })
		case 4, 5:
			require.NoError(t, tree.Add(ctx, a, some...))
			all(func(b *node) { above[b.ID] = a.ID })
		case 6:
			require.NoError(t, tree.Replace(ctx, a, some...))
			orphan(func(_, parent string) bool { return parent == a.ID })
			all(func(b *node) { above[b.ID] = a.ID })
		case 7:
			require.NoError(t, tree.Remove(ctx, a, some...))
			all(func(b *node) {
				if above[b.ID] == a.ID {
					delete(above, b.ID)
				}
			})
		case 8:
			back, err := edges.Inverse()
			require.NoError(t, err)
			up, err := tree.Inverse()
			require.NoError(t, err)
			require.NoError(t, assoc.Destroy(ctx, nodes, a, edges, back, tree, up))
			delete(alive, a.ID)
			cut(func(from, to string) bool { return from == a.ID || to == a.ID })
			orphan(func(child, parent string) bool { return child == a.ID || parent == a.ID })
		}
	}
	for n, err := range nodes.Scan().All(ctx) {
		require.NoError(t, err)
		want := node{ID: n.ID, Above: above[n.ID]}
		for e := range out {
			if e[0] == n.ID {
				want.Outs = append(want.Outs, e[1])
			}
			if e[1] == n.ID {
				want.Ins = append(want.Ins, e[0])
			}
		}
		for child, parent := range above {
			if parent == n.ID {
				want.Below = append(want.Below, child)
			}
		}
		for _, ids := range [][]string{n.Outs, n.Ins, n.Below, want.Outs, want.Ins, want.Below} {
			slices.Sort(ids)
		}
		require.Equal(t, want, n)
		delete(alive, n.ID)
	}
	require.Empty(t, alive)
}
