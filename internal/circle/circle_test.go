package circle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/circle"
)

func same(a, b int) bool { return a == b }

// TestCircles: every circle is noticed, soon, wherever it begins; tokens that are
// new each time are none.
func TestCircles(t *testing.T) {
	t.Parallel()
	for before := range 40 {
		for length := 1; length < 40; length++ {
			var w circle.Watch[int]
			pages := 0
			for !w.Closes(min(pages, before)+max(0, pages-before)%length, same) {
				pages++
				if !assert.LessOrEqual(t, pages, 3*(before+length)+2, "%d, then a circle of %d", before, length) {
					return
				}
			}
			assert.Greater(t, pages, before, "nothing came twice")
		}
	}
	var w circle.Watch[int]
	for i := range 10_000 {
		assert.False(t, w.Closes(i, same))
	}
}
