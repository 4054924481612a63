package assoc_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
)

// batchPut stores items in batches.
func batchPut[T any](tb testing.TB, r *repo.Repo[T], items []T) {
	tb.Helper()
	ops := make([]repo.Op, len(items))
	for i := range items {
		ops[i] = r.Overwrite().Ops().Put(&items[i])
	}
	require.NoError(tb, r.DB().Batch(tb.Context(), ops...))
}

// counting notes how many requests are under way, and the most at once.
func counting(now, most *atomic.Int32) faults.Fault {
	return func(req *http.Request, send faults.Send) (*http.Response, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		return send(req)
	}
}
