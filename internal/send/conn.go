package send

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// A Conn is a client with the settings of those that send through it. It is
// immutable and safe for concurrent use.
type Conn struct {
	Client            // with a line in the log for each request
	Own      bool     // it is one of the caller's own, and not the SDK's
	Standard bool     // items go through the SDK's attribute values
	Batch    int      // items that a request of a query evaluates, if it does not say; 0 for any
	Attempts int      // barren ones, for what is left unprocessed
	Retries  int      // of a transaction that met another write, the first attempt included
	AtOnce   int      // requests of one call under way at once
	Keys     [][]byte // that sign cursors
	Clock    func() time.Time
	Zone     *time.Location
	Log      *slog.Logger
	Scans    Scans
	Make     *fault.Makers
}

// Scans is what happens to a scan that conditions forced.
type Scans uint8

// What can happen to it, in the order of package repo's policies.
const (
	ScansWarn Scans = iota
	ScansRefused
	ScansAllowed
)

// Now is the time of a write: as it will be loaded, without a monotonic clock.
func (c *Conn) Now() time.Time { return c.Clock().In(c.Zone).Round(0) }

// Each calls do for 0 to n-1, up to AtOnce of them at once, and returns when all
// have come back. It starts few goroutines, since the stack of each grows under
// the SDK's, and none for one call.
func (c *Conn) Each(n int, do func(i int)) {
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var wg sync.WaitGroup
	for range min(n, c.AtOnce) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}
