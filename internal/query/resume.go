package query

import (
	"slices"

	"github.com/dynarepo/dynarepo/internal/place"
	"github.com/dynarepo/dynarepo/internal/values"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Cursor returns the cursor behind what was handed out, zero at the end.
func (r *Run) Cursor() dyniter.Cursor {
	if slices.ContainsFunc(r.places, func(at place.Place) bool { return !at.Done }) {
		return r.p.cursor(r.conn, r.places)
	}
	return dyniter.Cursor{}
}

// Give tells that n items of the piece at hand are handed out, one by one.
func (r *Run) Give(n int) { r.given = n }

// TakeBack tells that the last of them was not handed out after all.
func (r *Run) TakeBack() { r.given-- }

// keep tells who resumes the query where the run stands, behind what was handed
// out.
func (r *Run) keep() {
	if !r.spec.start.kept {
		return
	}
	switch {
	case r.given == 0:
		r.places[r.open.segment] = r.before
	case r.given > 0 && r.given < r.open.Returned:
		last, err := r.keyOf(&r.open, r.given-1)
		if err != nil {
			return // which is none of an item that was read
		}
		r.places[r.open.segment] = r.p.place(last)
	}
	*r.spec.start.cursor = r.Cursor()
}

// keyOf returns of an item of a piece what the place behind it takes.
func (r *Run) keyOf(p *Piece, i int) (values.Item, error) {
	if p.keys != nil {
		return p.keys[i], nil
	}
	return r.p.table.Attrs(p.Items.Index(i), r.p.position)
}
