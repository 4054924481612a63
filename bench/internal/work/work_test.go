package work_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/work"
)

// TestWorks: every way does every work, and what comes of it is right.
func TestWorks(t *testing.T) {
	t.Parallel()
	works := append(work.Canned(), work.Loopback()...)
	works = append(works, work.Waits()...)
	for _, w := range append(works, work.Decode(), work.Stream(3)) {
		t.Run(w.Name, func(t *testing.T) {
			t.Parallel()
			tasks, closeAll, err := w.Open()
			require.NoError(t, err)
			names := map[string]bool{}
			for _, task := range tasks {
				names[task.Name] = true
				require.NoError(t, task.Run(t.Context()), task.Name)
				assert.NoError(t, task.Finish(true), task.Name)
				assert.Error(t, task.Finish(true), "%s: the result was dropped", task.Name)
			}
			for _, c := range w.Compare {
				assert.True(t, names[c.Ours] && names[c.Peer], "%+v", c)
			}
			assert.NoError(t, closeAll())
		})
	}
}
