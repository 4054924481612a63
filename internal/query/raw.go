package query

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/internal/circle"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/place"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A Walk reads a table page by page as it is stored: all attributes, markers
// and items of other models included.
type Walk struct {
	conn *send.Conn
	p    Prepared
	size int
	at   place.Place

	seen    circle.Watch[place.Place]
	circles bool
}

// Walk begins a walk from where the query, a scan, starts.
func (q Query) Walk() (*Walk, error) {
	p, places, err := q.Begin()
	if err != nil {
		return nil, err
	}
	w := &Walk{conn: q.Conn, p: *p, size: q.Spec.limits.Batch, at: places[0]}
	if w.size == 0 {
		w.size = q.Conn.Batch
	}
	w.p.expr, w.p.attrs = expression.Expression{}, nil
	return w, nil
}

// Done reports whether there is no more.
func (w *Walk) Done() bool { return w.at.Done }

// A WalkPage is one page of a walk.
type WalkPage struct {
	Items     []values.Item
	Evaluated int
	Consumed  float64 // read capacity units
	end       place.Place
}

// Page reads the page that is next; it stays next until [Walk.Advance].
func (w *Walk) Page(ctx context.Context) (WalkPage, error) {
	if w.circles {
		return WalkPage{}, fault.Because(fault.ErrDecode, errCircles)
	}
	a, err := w.p.fetch(ctx, w.conn, pageRequest{limit: w.size, start: startKey(w.at)}, nil)
	if err != nil {
		return WalkPage{Consumed: a.cost.Consumed}, err
	}
	return WalkPage{Items: a.items, Evaluated: a.evaluated, Consumed: a.cost.Consumed, end: w.p.end(a.last)}, nil
}

// Advance goes on behind a page and returns the cursor there, zero at the end.
func (w *Walk) Advance(page WalkPage) dyniter.Cursor {
	if w.at = page.end; w.at.Done {
		return dyniter.Cursor{}
	}
	w.circles = w.seen.Closes(w.at, samePlace)
	return w.p.cursor(w.conn, []place.Place{w.at})
}

// KeyOf returns the table's key of a stored item.
func (w *Walk) KeyOf(m values.Item) values.Item { return startKey(w.p.place(m)) }
