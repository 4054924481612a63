package send

import (
	"context"
	"sync"
	"time"
)

// Rate holds the requests of long reads, or of large batches of writes, to a
// number of capacity units per second, by what DynamoDB reports that they cost.
// What a page costs is known only after it was read: it is reckoned with at the
// cost of the one before, and settled afterwards. It may be spent half a second
// ahead; a dearer page waits until the rest of it has been saved, so a second's
// units may be less than a page. Even pages thus never exceed the rate by more
// than half a second's units, and by those saved up while idle: half a second's
// too, or a dearer page. The cost of the first page nobody can foresee: until it
// is known, requests go one at a time.
//
// A Rate may be shared by any number of goroutines. A nil Rate limits nothing.
type Rate struct {
	perUnit float64 // seconds that a unit takes

	mu     sync.Mutex
	free   time.Time     // when all that was spent is paid for
	guess  time.Duration // what a request will cost: what the last one did, 0 before any
	held   time.Duration // charged for the requests under way
	flying int           // how many those are
}

const (
	// burst is how much unused time may be saved up for later requests, and how
	// far ahead they may spend: together 10 % of ten seconds.
	burst = time.Second / 2
	// dearest bounds the cost of one request, so that no sum overflows.
	dearest = 24 * time.Hour
	// glance is how often to look whether the first cost is known.
	glance = 20 * time.Millisecond
)

// NewRate returns a limiter to unitsPerSecond capacity units a second, with
// none saved up, or nil, which limits nothing, if unitsPerSecond is not above 0.
func NewRate(unitsPerSecond float64) *Rate {
	if !(unitsPerSecond > 0) {
		return nil
	}
	return &Rate{perUnit: 1 / unitsPerSecond, free: time.Now()}
}

// Wait returns nil once the next request may be sent, or the context's error when
// ctx ends first. Each Wait that returns nil must be followed by one
// [Rate.Spent]: others may be waiting for it.
func (r *Rate) Wait(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		pause := r.admit()
		if pause <= 0 {
			return nil
		}
		timer := time.NewTimer(pause)
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
	if !(units > 0) { // nor is it a number
		units = 0
	}
	cost := time.Duration(min(units*r.perUnit*float64(time.Second), float64(dearest)))

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

// admit charges a request at its guess and returns 0, or returns how long to
// wait before asking again.
func (r *Rate) admit() time.Duration {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.guess == 0 && r.flying > 0 {
		return glance
	}
	now := time.Now()
	ahead := max(0, r.guess-burst) // to be saved before
	if oldest := now.Add(-max(burst, ahead)); r.free.Before(oldest) {
		r.free = oldest
	}
	if lack := r.free.Sub(now) + ahead; lack > 0 {
		return lack
	}
	r.free = r.free.Add(r.guess)
	r.held += r.guess
	r.flying++
	return 0
}
