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

// budgets are the allocations that a run of each work may make: those of a signed
// HTTP request, about 60, and ours. What needs fewer lowers its budget: the test's
// log has the lines.
var budgets = map[string]float64{
	"get":              85,
	"put":              78,
	"query/1":          165,
	"query/100":        284,  // 2.84 an item
	"query/1000":       1371, // 1.37 an item
	"scan/1000":        1322, // 1.32 an item
	"batchget/100":     858,  // 8.58 an item
	"batchwrite/25":    205,  // 8.20 an item
	"update":           141,
	"transact/10":      143,  // 14.30 an item
	"view/1000":        1397, // 1.40 an item
	"poly/1000":        1471, // 1.47 an item
	"put/narrow":       78,
	"query/100/narrow": 166, // 1.66 an item
	"put/wide":         78,
	"query/100/wide":   203, // 2.03 an item
	"put/nested":       138,
	"query/100/nested": 6925, // 69.25 an item
	"put/large":        81,
	"query/100/large":  368, // 3.68 an item
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
