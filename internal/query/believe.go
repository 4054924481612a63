package query

import (
	"errors"
	"maps"
	"slices"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/place"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// What an answer says that can't be. A read that went on by it would lose items,
// exceed its limits or never end.
var (
	errCounts  = errors.New("the answer's counts are not those of its items and of what was asked for")
	errPlace   = errors.New("the answer's LastEvaluatedKey is no place of this query")
	errCircles = errors.New("the answers go in a circle: a LastEvaluatedKey came a second time")
)

// maxKeyBytes is what a key attribute has at most.
const maxKeyBytes = 2048

// believe refuses an answer whose members contradict each other or the request,
// which began at start and had a limit, or 0 for none. Counts that a client of the
// caller's own leaves out are filled in.
func (p *Prepared) believe(start values.Item, limit int, a *answer, sink *wire.Sink, own bool) error {
	items := len(a.items)
	if sink != nil && sink.Used() {
		items = sink.Told()
	}
	if own {
		a.returned = max(a.returned, items)
		a.evaluated = max(a.evaluated, a.returned)
		a.cost.Evaluated = a.evaluated
	}
	told := p.spec.count && len(p.attrs) == 0 || sink != nil && sink.Used() && sink.Err() != nil
	switch {
	case a.returned < 0 || a.returned > a.evaluated || limit > 0 && a.evaluated > limit, !told && items != a.returned:
		return fault.Because(fault.ErrDecode, errCounts)
	case a.last != nil && !p.placed(a.last):
		return fault.Because(fault.ErrDecode, errPlace)
	case a.last != nil && maps.EqualFunc(a.last, start, values.Equal):
		return fault.Because(fault.ErrDecode, errCircles)
	}
	return nil
}

// placed reports whether a LastEvaluatedKey is a place of the query, and no more.
func (p *Prepared) placed(last values.Item) bool {
	at := p.place(last)
	return len(last) == len(at.Key) && p.fits(at)
}

// fits reports whether a place is one of this query: it has the attributes of its
// places, of values that a key can have, and the partition's.
func (p *Prepared) fits(at place.Place) bool {
	if len(at.Key) == 0 {
		return true
	}
	if len(at.Key) != len(p.position) {
		return false
	}
	start := startKey(at)
	for i, a := range p.position {
		v := at.Key[i]
		if v.Name != a.Name() || string(v.Kind) != string(a.Type()) || len(v.Data) > maxKeyBytes {
			return false
		}
		if _, err := codec.EncodeAny(start[v.Name]); err != nil {
			return false
		}
	}
	if p.plan.Scan {
		return true
	}
	for i, a := range p.keys().Hash.Attributes() {
		if !values.Equal(start[a.Name()], p.plan.Key[i].Values[0]) {
			return false
		}
	}
	return true
}

// samePlace compares the places that pages end at.
func samePlace(a, b place.Place) bool { return slices.Equal(a.Key, b.Key) }
