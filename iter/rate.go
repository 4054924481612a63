package iter

import (
	"context"
	"sync"
	"time"
)

// Rate holds the requests of long reads to a number of read capacity units per
// second, by what DynamoDB reports that they cost. A page is paid for after it
// was read, so a page dearer than a second's units is possible: the next request
// then waits until it is paid for.
//
// A Rate may be shared by any number of goroutines. A nil Rate limits nothing.
type Rate struct {
	perUnit float64 // seconds that a unit takes

	mu     sync.Mutex
	free   time.Time     // when all that was spent is paid for
	guess  time.Duration // what a request will cost: what the last one did
	held   time.Duration // charged by Wait for requests that have not come back
	flying int           // how many those are
}

const (
	// burst is how much unused time may be saved up for later requests.
	burst = time.Second / 2
	// dearest bounds the cost of one request, so that no sum overflows.
	dearest = 24 * time.Hour
)

// NewRate returns a limiter to unitsPerSecond read capacity units a second, with
// at most half a second's worth saved up while idle. It returns nil, which
// limits nothing, if unitsPerSecond is not above 0.
func NewRate(unitsPerSecond float64) *Rate {
	if !(unitsPerSecond > 0) {
		return nil
	}
	return &Rate{perUnit: 1 / unitsPerSecond, free: time.Now(), guess: time.Second}
}

// Wait returns nil once the next request may be sent, at once unless what was
// spent before is still to be paid for, or the context's error when ctx ends
// first. Requests under way are reckoned with at the cost of the last one that
// came back. Each Wait that returns nil is followed by one [Rate.Spent].
func (r *Rate) Wait(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		debt := r.admit()
		if debt <= 0 {
			return nil
		}
		timer := time.NewTimer(debt)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// Spent charges the units that the request after a [Rate.Wait] consumed, 0 if it
// failed.
func (r *Rate) Spent(units float64) {
	if r == nil {
		return
	}
	cost := time.Duration(min(max(0, units)*r.perUnit*float64(time.Second), float64(dearest)))

	r.mu.Lock()
	defer r.mu.Unlock()
	var charged time.Duration
	if r.flying > 0 {
		charged = r.held / time.Duration(r.flying)
		r.held -= charged
		r.flying--
	}
	r.free = r.free.Add(cost - charged)
	if cost > 0 {
		r.guess = cost
	}
}

// admit charges a request at its guess and returns 0, or returns how long the
// debt takes to be paid.
func (r *Rate) admit() time.Duration {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if debt := r.free.Sub(now); debt > 0 {
		return debt
	}
	if oldest := now.Add(-burst); r.free.Before(oldest) {
		r.free = oldest
	}
	r.free = r.free.Add(r.guess)
	r.held += r.guess
	r.flying++
	return 0
}
