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
	"get":              329,
	"put":              320,
	"query/1":          383,
	"query/100":        509,  // 5.09 an item
	"query/1000":       1600, // 1.60 an item
	"scan/1000":        1549, // 1.55 an item
	"batchget/100":     4283, // 42.83 an item
	"batchwrite/25":    1350, // 54.00 an item
	"update":           457,
	"transact/10":      719, // 71.90 an item
	"put/narrow":       316,
	"query/100/narrow": 390, // 3.90 an item
	"put/wide":         324,
	"query/100/wide":   428, // 4.28 an item
	"put/nested":       383,
	"query/100/nested": 7149, // 71.49 an item
	"put/large":        328,
	"query/100/large":  592, // 5.92 an item
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
