package query

import (
	"sync"

	"github.com/dynarepo/dynarepo/internal/pager"
	"github.com/dynarepo/dynarepo/internal/place"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A budget holds the limits of a parallel scan over all its segments: what a
// request may evaluate is reserved before it is sent.
type budget struct {
	limits pager.Limits

	mu        sync.Mutex
	freed     *sync.Cond // a reservation ended
	active    int        // segments that are not at their end
	reserved  int        // items that requests under way may evaluate
	evaluated int
	returned  int
	dropped   bool // items beyond the record limit came
}

// newBudget returns the budget of the segments that places tells of.
func newBudget(l pager.Limits, places []place.Place) *budget {
	b := &budget{limits: l}
	for _, at := range places {
		if !at.Done {
			b.active++
		}
	}
	b.freed = sync.NewCond(&b.mu)
	return b
}

// A share sizes the pages of one segment within the budget.
type share struct {
	*budget
	own  pager.Pager // page sizes as if the segment were alone
	held int
}

func (b *budget) share() *share {
	return &share{budget: b, own: pager.NewPager(b.limits)}
}

// Next reserves what the next request of the segment may evaluate: a fair
// share of what is left, or a wait for requests under way to free theirs.
func (s *share) Next() (limit int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit, ok = s.own.Next(); !ok {
		return 0, false
	}
	for {
		left, bounded := s.left()
		switch {
		case s.spent():
			return 0, false
		case !bounded:
			return limit, true
		case left > 0:
			part := (left + s.active - 1) / s.active
			if limit == 0 || limit > part {
				limit = part
			}
			s.held = limit
			s.reserved += limit
			return limit, true
		}
		s.freed.Wait()
	}
}

// Take frees the reservation of a request and returns how many of the items
// that it returned are within the record limit.
func (s *share) Take(evaluated, returned int, more bool) (keep int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own.Take(evaluated, returned, more)
	s.reserved -= s.held
	s.held = 0
	s.evaluated += evaluated
	keep = returned
	if s.limits.Records > 0 {
		keep = min(keep, s.limits.Records-s.returned)
	}
	s.returned += keep
	s.dropped = s.dropped || keep < returned
	if !more {
		s.active--
	}
	s.freed.Broadcast()
	return keep
}

// left returns how many more items requests may be sent for.
func (b *budget) left() (n int, bounded bool) {
	if b.limits.Scan > 0 {
		n, bounded = b.limits.Scan-b.evaluated-b.reserved, true
	}
	if b.limits.Records > 0 && !b.limits.Filtered {
		records := b.limits.Records - b.returned - b.reserved
		if !bounded || records < n {
			n, bounded = records, true
		}
	}
	return n, bounded
}

// spent reports whether a limit is met for good.
func (b *budget) spent() bool {
	return b.limits.Records > 0 && b.returned >= b.limits.Records ||
		b.limits.Scan > 0 && b.evaluated >= b.limits.Scan
}

// stop tells why a scan ended whose segments all came to an end, as a
// dyniter.Pager would.
func (b *budget) stop() dyniter.Stop {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.active == 0 && !b.dropped:
		return dyniter.StopExhausted
	case b.limits.Records > 0 && b.returned >= b.limits.Records:
		return dyniter.StopRecordLimit
	default:
		return dyniter.StopScanLimit
	}
}
