//go:build !race

package bench_test

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/peer"
	"github.com/dynarepo/dynarepo/bench/internal/work"
)

// budgets are the allocations that a run of each work may make: the SDK's own
// for a call, about 300, and ours. What needs fewer lowers its budget: the test's
// log has the lines.
var budgets = map[string]float64{
	"get":              307,
	"put":              298,
	"query/1":          377,
	"query/100":        496,  // 4.96 an item
	"query/1000":       1583, // 1.58 an item
	"scan/1000":        1534, // 1.53 an item
	"batchget/100":     1077, // 10.77 an item
	"batchwrite/25":    420,  // 16.80 an item
	"update":           362,
	"transact/10":      385,  // 38.50 an item
	"view/1000":        1609, // 1.61 an item
	"poly/1000":        1683, // 1.68 an item
	"put/narrow":       297,
	"query/100/narrow": 378, // 3.78 an item
	"put/wide":         298,
	"query/100/wide":   415, // 4.15 an item
	"put/nested":       358,
	"query/100/nested": 7137, // 71.37 an item
	"put/large":        301,
	"query/100/large":  580, // 5.80 an item
}

// TestBudgets: the allocations of no work grow.
func TestBudgets(t *testing.T) {
	// Without a collection in between, pools keep what they have.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, w := range work.Canned() {
		tasks, closeAll, err := w.Open()
		require.NoError(t, err)
		for _, task := range tasks {
			if task.Name != peer.Dynarepo {
				continue
			}
			var failed error
			allocs := math.Inf(1)
			for range 3 { // what else goes on in the process only adds to it
				allocs = min(allocs, testing.AllocsPerRun(5, func() {
					if err := task.Run(t.Context()); err != nil {
						failed = err
					}
				}))
			}
			require.NoError(t, failed, w.Name)
			require.NoError(t, task.Finish(true), w.Name)
			t.Logf("\t%q: %.0f, // %.2f an item", w.Name, allocs, allocs/float64(w.Items))
			budget, ok := budgets[w.Name]
			assert.True(t, ok, "no budget for %s", w.Name)
			const slack = 2 // in the SDK's own
			assert.LessOrEqual(t, allocs, budget+slack, w.Name)
		}
		require.NoError(t, closeAll())
	}
}
