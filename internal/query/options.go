package query

import (
	"errors"

	"github.com/dynarepo/dynarepo/internal/planner"
)

// misfits are the options that can't go together, or not with the request that
// was planned. A query with one is refused before any request (rule O7).
var misfits = []struct {
	rule string
	meet func(s *Spec, scan bool) bool
}{
	{"a scan has no order: Descending needs a query of one partition", func(s *Spec, scan bool) bool { return s.descending && scan }},
	{"a query has no segments, a scan has", func(s *Spec, scan bool) bool { return (s.segments > 0 || s.part.of > 0) && !scan }},
	{"Segment reads one segment and Segments all of them: say one of the two", func(s *Spec, _ bool) bool { return s.segments > 0 && s.part.of > 0 }},
	{"a parallel scan starts at a cursor of one of its pages, or of Resume: an item tells the place of one segment", func(s *Spec, _ bool) bool {
		return s.segments > 1 && (s.start.key != nil || s.start.item.IsValid())
	}},
}

// fitting refuses options that don't fit.
func (p *Prepared) fitting() error {
	var errs []error
	for _, m := range misfits {
		if m.meet(p.spec, p.plan.Scan) {
			errs = append(errs, &planner.Error{Index: p.plan.Index, Rule: m.rule})
		}
	}
	return errors.Join(errs...)
}
