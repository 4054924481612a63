package measure

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// PeakLive returns the most bytes of live heap while run ran, beyond those
// that were live before. The heap is looked at by a collector that runs about
// every 400 KB, wherever run is then; what is allocated while it marks counts
// as live.
func PeakLive(run func() error) (int64, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	for range 3 { // pools give up what they have at the second
		runtime.GC()
	}
	base := live()
	w := &watch{}
	w.arm()
	defer w.stop.Store(true)
	err := run()
	return max(w.peak.Load(), base) - base, err
}

// live returns the bytes that the last collection found alive.
func live() int64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// A watch looks at the live heap after every collection.
type watch struct {
	peak atomic.Int64
	stop atomic.Bool
}

// arm leaves an object to the next collection, which wakes the watch.
func (w *watch) arm() {
	object := new([16]*byte)
	runtime.AddCleanup(object, func(w *watch) {
		if w.stop.Load() {
			return
		}
		w.peak.Store(max(w.peak.Load(), live()))
		w.arm()
	}, w)
}
