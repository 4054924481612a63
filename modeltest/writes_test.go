package modeltest

import (
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWrites: whatever is written, by whichever verb, alone, in a batch, in a
// transaction or to all that a query finds, with trouble on the way or without,
// what is stored is what the model has, and every error is one that it allows.
func TestWrites(t *testing.T) {
	var programs atomic.Int64
	t.Cleanup(func() {
		if programs.Load() >= 500 && !t.Failed() {
			requireCovered(t)
		}
	})
	run(t, 2000, func(t *rapid.T, l *lab) {
		p := begun(t, l, "notes", "lines", "desks", "beasts", "hounds")
		t.Repeat(map[string]func(*rapid.T){
			"one":      p.step(p.one),
			"another":  p.step(p.one),
			"more":     p.step(p.one),
			"together": p.step(p.together),
			"batch":    p.step(p.batch),
			"bulk":     p.step(p.bulk),
			"look":     p.step(p.look),
			"wait":     p.step(p.wait),
		})
		p.T = t
		p.world.agree(t, l, p.state)
		programs.Add(1)
	})
}

// wait lets time pass.
func (p *program) wait() func() {
	d := some(p.T, "for", time.Minute, 2*time.Hour)
	return func() { p.lab.now.Add(int64(d)) }
}
