package measure_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/measure"
)

var kept []byte

func TestRounds(t *testing.T) {
	compared := map[string]int{}
	task := func(name string, size int, pause time.Duration) measure.Task {
		return measure.Task{
			Name: name,
			Run: func(context.Context) error {
				kept = make([]byte, size)
				time.Sleep(pause)
				return nil
			},
			Finish: func(compare bool) error {
				if compare {
					compared[name]++
				}
				return nil
			},
		}
	}
	figures, err := measure.Rounds(t.Context(), []measure.Task{
		task("fast", 1<<10, time.Millisecond),
		task("slow", 1<<12, 4*time.Millisecond),
	}, measure.Options{Rounds: 5, Batch: 8 * time.Millisecond, Procs: 1})
	require.NoError(t, err)
	require.Len(t, figures, 2)
	fast, slow := &figures[0], &figures[1]
	assert.Equal(t, "fast", fast.Name)
	assert.Len(t, slow.Times, 5)
	assert.GreaterOrEqual(t, fast.Time(), float64(time.Millisecond))
	ratio := fast.Over(slow)
	assert.Less(t, ratio.Time, 0.9)
	assert.LessOrEqual(t, ratio.Low, ratio.High)
	assert.InDelta(t, 0.25, ratio.Bytes, 0.2)
	assert.Equal(t, map[string]int{"fast": 2, "slow": 2}, compared, "the first run and the last batch")
}

func TestRoundsErrors(t *testing.T) {
	wrong := errors.New("wrong")
	for name, task := range map[string]measure.Task{
		"run":    {Run: func(context.Context) error { return wrong }},
		"result": {Run: func(context.Context) error { return nil }, Finish: func(bool) error { return wrong }},
	} {
		_, err := measure.Rounds(t.Context(), []measure.Task{task}, measure.Options{Rounds: 1})
		assert.ErrorIs(t, err, wrong, name)
	}
}

func TestClocks(t *testing.T) {
	t.Parallel()
	wall, cpu := measure.Wall(), measure.CPU()
	time.Sleep(2 * time.Millisecond)
	for cpu == measure.CPU() { // until some was used
	}
	assert.Greater(t, measure.Wall()-wall, 2*time.Millisecond)
}

func TestRatio(t *testing.T) {
	t.Parallel()
	a := &measure.Figure{Times: []float64{1, 2, 9}, Allocs: 3, Bytes: 10}
	b := &measure.Figure{Times: []float64{4, 4, 4}}
	r := a.Over(b)
	assert.InDelta(t, 0.5, r.Time, 1e-9)
	assert.InDelta(t, 0.375, r.Low, 1e-9)
	assert.InDelta(t, 1.375, r.High, 1e-9)
	assert.True(t, math.IsNaN(r.Allocs), "nothing to compare with")
	assert.InDelta(t, 1, a.Over(a).Bytes, 1e-9)
	assert.True(t, math.IsNaN(measure.Median(nil)))
}

func TestPeakLive(t *testing.T) {
	const size = 8 << 20
	wrong := errors.New("wrong")
	peak, err := measure.PeakLive(func() error {
		for range 4 {
			kept = make([]byte, size) // one alive, the others garbage
			for range 2000 {
				_ = append([]byte(nil), make([]byte, 1<<10)...)
			}
		}
		kept = nil
		return wrong
	})
	assert.ErrorIs(t, err, wrong)
	assert.GreaterOrEqual(t, peak, int64(size))
	assert.Less(t, peak, int64(3*size))
}
