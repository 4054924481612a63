//go:build !race

// The race detector makes pools drop what they are given.

package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Budgets of allocations, against the SDK in the same run.
func TestAllocations(t *testing.T) {
	allocs := func(op operation, by string) float64 {
		return testing.AllocsPerRun(10, func() { op.paths[by](t) })
	}
	for _, op := range operations(t) {
		wire, standard := allocs(op, "wire"), allocs(op, "sdk+attributevalue")
		switch op.name {
		case "query/1000":
			require.Less(t, wire, 2000.0, "2 an item")
			require.Less(t, wire, 0.03*standard)
			require.Less(t, allocs(op, "sdk+codec"), 0.95*standard)
		case "get":
			require.Less(t, wire, 0.84*standard)
			require.Less(t, wire, allocs(op, "sdk")-45)
		case "put":
			require.Less(t, wire, 0.87*standard)
			require.Less(t, wire, allocs(op, "sdk")+16)
		case "batchwrite/25":
			require.Less(t, wire, 0.25*standard)
		}
	}
}
