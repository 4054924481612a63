package iter

import "sync"

// Meter adds up the statistics of calls. It is safe for concurrent use, and the
// zero Meter is ready for it.
type Meter struct {
	mu    sync.Mutex
	stats Stats
}

// Add adds s to what was measured, and takes its Stop, if it has one. A nil Meter is
// nobody's.
func (m *Meter) Add(s Stats) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.add(s)
	if s.Stop != StopNone {
		m.stats.Stop = s.Stop
	}
}

// Stats returns what was measured so far; the zero Stats of a nil Meter.
func (m *Meter) Stats() Stats {
	if m == nil {
		return Stats{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}
