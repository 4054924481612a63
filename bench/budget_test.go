//go:build !race

package bench_test

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/peer"
	"github.com/dynarepo/dynarepo/bench/internal/work"
)

// budgets are the allocations that a run of each work may make: the SDK's own
// for a call, about 300, and ours. What needs fewer lowers its budget.
var budgets = map[string]float64{
	"get":              329,
	"put":              320,
	"query/1":          381,
	"query/100":        507,  // 5.07 an item
	"query/1000":       1598, // 1.60 an item
	"scan/1000":        1548, // 1.55 an item
	"batchget/100":     4283, // 42.83 an item
	"batchwrite/25":    1250, // 50.00 an item
	"update":           457,
	"transact/10":      689, // 68.90 an item
	"put/narrow":       316,
	"query/100/narrow": 388, // 3.88 an item
	"put/wide":         324,
	"query/100/wide":   426, // 4.26 an item
	"put/nested":       383,
	"query/100/nested": 7147, // 71.47 an item
	"put/large":        328,
	"query/100/large":  591, // 5.91 an item
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
			allocs := testing.AllocsPerRun(10, func() {
				if err := task.Run(t.Context()); err != nil {
					failed = err
				}
			})
			require.NoError(t, failed, w.Name)
			require.NoError(t, task.Finish(true), w.Name)
			t.Logf("%s: %.0f, %.2f an item", w.Name, allocs, allocs/float64(w.Items))
			budget, ok := budgets[w.Name]
			assert.True(t, ok, "no budget for %s", w.Name)
			assert.LessOrEqual(t, allocs, budget, w.Name)
		}
		require.NoError(t, closeAll())
	}
}
