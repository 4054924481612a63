// Package pager decides the Limit of each request of a read, and when to stop.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package pager

import (
	"math"
	"math/bits"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Limits bounds a query or a scan. A bound of 0 is not set; the zero Limits
// reads everything in pages as large as the server makes them.
type Limits struct {
	Records  int  // the most items to return
	Scan     int  // the most items to evaluate
	Batch    int  // the most items to evaluate in one request
	Filtered bool // a filter stands between evaluated and returned items
}

// Pager decides the Limit of each request and when to stop (rules A1 to A5). It
// is a value: a copy goes on by itself. The zero Pager has no limits. It sends
// nothing, and is not for several goroutines at once.
//
// The loop is: ask [Pager.Next], send, tell [Pager.Take] what came back, hand
// out as many items as it says.
type Pager struct {
	limits    Limits
	limit     int // of the next request
	evaluated int
	returned  int
	requests  int
	stop      dyniter.Stop
}

// NewPager returns the Pager of l, before its first request. A
// negative record or scan limit stops it before any request, a negative batch
// size counts as none.
func NewPager(l Limits) Pager {
	p := Pager{limits: l}
	p.settle(true, false)
	return p
}

// Next returns the Limit of the next request, 0 for a request without one; ok
// is false when nothing more is to be sent. It changes nothing: asked again
// before [Pager.Take], it says the same. A Limit always fits an int32, as the
// API's does.
func (p *Pager) Next() (limit int, ok bool) {
	if p.stop != dyniter.StopNone {
		return 0, false
	}
	return p.limit, true
}

// Take records a page: how many items it evaluated, how many of them it
// returned, and whether there is more (a LastEvaluatedKey came back). It returns
// how many of the returned items, counted from the first, may be handed out.
func (p *Pager) Take(evaluated, returned int, more bool) (keep int) {
	keep = returned
	if p.limits.Records != 0 {
		keep = min(keep, max(0, p.limits.Records-p.returned))
	}
	p.requests++
	p.evaluated += evaluated
	p.returned += keep
	p.settle(more || keep < returned, returned == 0)
	return keep
}

// Evaluated returns how many items the pages taken had evaluated.
func (p *Pager) Evaluated() int { return p.evaluated }

// Returned returns how many items were handed out, never more than the record
// limit.
func (p *Pager) Returned() int { return p.returned }

// Requests returns how many pages were taken.
func (p *Pager) Requests() int { return p.requests }

// Stop returns why [Pager.Next] says false: [StopExhausted] (also when a limit
// was met exactly at the end of the data), else [StopRecordLimit], else
// [StopScanLimit]. It is [StopNone] while there is more to send.
func (p *Pager) Stop() dyniter.Stop { return p.stop }

// unset stands for a bound that is not there.
const unset = math.MaxInt

// settle sets the stop or, without one, the Limit of the next request. A page
// is barren when nothing of it passed the filter.
func (p *Pager) settle(more, barren bool) {
	l := p.limits
	records, scan, batch := unset, unset, unset
	if l.Records != 0 {
		records = l.Records - p.returned
	}
	if l.Scan != 0 {
		scan = l.Scan - p.evaluated
	}
	if l.Batch > 0 {
		batch = l.Batch
	}

	limit := min(scan, batch)
	switch {
	case !more:
		p.stop = dyniter.StopExhausted
	case records <= 0:
		p.stop = dyniter.StopRecordLimit
	case scan <= 0:
		p.stop = dyniter.StopScanLimit
	case !l.Filtered:
		limit = min(limit, records)
	case batch == unset && records != unset:
		limit = min(limit, p.adapt(records, barren))
	}

	if limit == unset {
		limit = 0
	}
	p.limit = min(limit, math.MaxInt32)
}

// adapt sizes the next page of a filtered read that still wants so many records
// (rule A5). Never asking for more than was evaluated before, unless as many
// records are wanted, keeps the whole within twice the least that could answer.
func (p *Pager) adapt(records int, barren bool) int {
	size := p.evaluated
	if p.returned > records {
		// What it takes if as large a share passes as until now: below evaluated,
		// since the records wanted are fewer than those returned.
		hi, lo := bits.Mul64(uint64(records), uint64(p.evaluated))
		estimate, rest := bits.Div64(hi, lo, uint64(p.returned))
		if rest > 0 {
			estimate++
		}
		if barren {
			estimate = max(estimate, 2*uint64(p.limit))
		}
		size = min(size, int(estimate))
	}
	return max(records, size)
}
