package query

import (
	"cmp"
	"context"
	"iter"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/circle"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/pager"
	"github.com/dynarepo/dynarepo/internal/place"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A Run is one range over a query. It knows the type of the items by
// reflection alone: every type of a user's program would compile it anew.
type Run struct {
	conn   *send.Conn
	spec   *Spec
	p      *Prepared
	typ    reflect.Type // of the items
	limits pager.Limits
	rate   *send.Rate
	places []place.Place      // of each segment, behind what was handed out
	lent   bool               // items are read before the next page is asked for, so their memory can be used again
	spare  chan reflect.Value // memory of pages whose items were read; nil where pages are the caller's
	open   Piece              // that was handed out last
	given  int                // of its items, one by one; -1 for all
	before place.Place        // where its segment stood
}

// A Piece is one page of one segment.
type Piece struct {
	segment  int
	Items    reflect.Value // a slice; the zero Value of a count
	Returned int           // as many as items, or what was counted
	end      place.Place   // behind the items
	keys     []values.Item // of the items, as an index had them; nil where the items tell
	Cost     dyniter.Stats
	Err      error
}

// A sizer decides the Limit of a segment's requests and when it stops:
// dyniter.Pager for one segment.
type sizer interface {
	Next() (limit int, ok bool)
	Take(evaluated, returned int, more bool) (keep int)
}

func (p *Prepared) run(c *send.Conn, typ reflect.Type, places []place.Place) *Run {
	limits := p.spec.limits
	limits.Filtered = p.filtered
	limits.Batch = cmp.Or(limits.Batch, c.Batch)
	return &Run{conn: c, spec: p.spec, p: p, typ: typ, limits: limits, rate: send.NewRate(p.spec.rate), places: places}
}

// Pieces reads every segment and keeps places as they are
// behind the piece handed out. A piece with an error is the last.
func (r *Run) Pieces(ctx context.Context) iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		if ctx == nil {
			yield(Piece{Err: r.p.fail(send.ErrContext)})
			return
		}
		pieces := r.sequential
		switch {
		case len(r.places) > 1:
			pieces = r.parallel
		case r.spec.prefetch > 0:
			pieces = r.ahead
		}
		meter, stop := send.MeterOf(ctx), dyniter.StopCaller
		defer func() {
			meter.Add(dyniter.Stats{Stop: stop})
			r.keep()
		}()
		stopped := pieces(ctx, func(got Piece) bool {
			r.account(meter, got)
			if got.Err != nil {
				stop = dyniter.StopError
				if fault.IsContext(got.Err) || ctx.Err() != nil {
					stop = dyniter.StopContext
				}
				got.Err = r.p.fail(got.Err)
				meter.Add(dyniter.Stats{Stop: stop}) // to be read within the loop
			}
			return yield(got) && got.Err == nil
		})
		if stopped != dyniter.StopNone {
			stop = stopped
		}
	}
}

// account adds what a piece brought, handed out or not.
func (r *Run) account(meter *dyniter.Meter, got Piece) {
	// The requests themselves are measured where they are sent.
	meter.Add(dyniter.Stats{Returned: got.Returned, Skipped: got.Cost.Skipped, Gone: got.Cost.Gone})
	r.open, r.given, r.before = got, -1, r.places[got.segment]
	r.places[got.segment] = got.end
}

// sequential reads one segment page by page and tells why it ended, StopNone
// if out was false.
func (r *Run) sequential(ctx context.Context, out func(Piece) bool) dyniter.Stop {
	sizing := pager.NewPager(r.limits)
	if !r.segment(ctx, 0, r.places[0], &sizing, out) {
		return dyniter.StopNone
	}
	return sizing.Stop()
}

// segment reads one segment from a place until its sizer stops it, and reports
// whether out let it come to that.
func (r *Run) segment(ctx context.Context, n int, at place.Place, size sizer, out func(Piece) bool) bool {
	sink := r.sink()
	if sink != nil {
		defer sink.Release()
	}
	var seen circle.Watch[place.Place]
	for !at.Done {
		limit, ok := size.Next()
		if !ok {
			return true
		}
		req := pageRequest{limit: limit, start: startKey(at), segment: n}
		if len(r.places) > 1 {
			req.segments = len(r.places)
		} else if alone := r.spec.part; alone.of > 0 {
			req.segment, req.segments = alone.segment, alone.of
		}
		got := Piece{segment: n, end: at}
		if got.Err = r.request(ctx, req, sink, size, &got); got.Err != nil {
			size.Take(0, 0, true)
		} else if !got.end.Done && !samePlace(at, got.end) && seen.Closes(got.end, samePlace) { // it stands where nothing was kept
			got.Err = fault.Because(fault.ErrDecode, errCircles)
		}
		if !out(got) || got.Err != nil {
			return false
		}
		at = got.end
	}
	return true
}

// sink returns what takes the items out of the answers; nil for the standard
// path.
func (r *Run) sink() *wire.Sink {
	if r.spec.count || r.spec.hydrate {
		return nil // there are no items, or their keys alone are wanted
	}
	if r.conn.Standard {
		return nil
	}
	return wire.NewSink(r.p.table.Codec)
}

// request reads and decodes one page into got.
func (r *Run) request(ctx context.Context, req pageRequest, sink *wire.Sink, size sizer, got *Piece) error {
	if err := r.rate.Wait(ctx); err != nil {
		return err
	}
	if sink != nil {
		select {
		case memory := <-r.spare:
			sink.Reuse(memory)
		default:
		}
	}
	a, err := r.p.fetch(ctx, r.conn, req, sink)
	got.Cost = a.cost
	defer func() { r.rate.Spent(got.Cost.Consumed) }()
	if err != nil {
		return err
	}
	more := a.last != nil
	switch {
	case r.spec.count:
		n := a.returned
		if r.p.attrs != nil { // the keys tell which are of this model
			items, _, err := read.Decode(r.p.table, r.typ, a.items)
			if err != nil {
				return err
			}
			n = items.Len()
			got.Cost.Skipped = a.returned - n
		}
		got.Returned = size.Take(a.evaluated, n, more)
		got.end = r.p.end(a.last)
		return nil
	case sink != nil && sink.Used():
		if err := sink.Err(); err != nil {
			return fault.Decode(err)
		}
		items := sink.Items()
		if !r.lent {
			items = sink.Take()
		}
		got.Items = items
		got.Cost.Skipped = a.returned - items.Len()
		if err := r.p.table.FoundAll(ctx, items); err != nil {
			return err
		}
		keep := size.Take(a.evaluated, items.Len(), more)
		return r.cut(got, keep, a.last)
	}
	if r.spec.hydrate {
		got.Items, got.keys, err = r.hydrate(ctx, &a, &got.Cost)
	} else if got.Items, got.keys, err = read.Decode(r.p.table, r.typ, a.items); err == nil {
		got.Cost.Skipped = a.returned - got.Items.Len()
		err = r.p.table.FoundAll(ctx, got.Items)
	}
	if err != nil {
		return err
	}
	keep := size.Take(a.evaluated, got.Items.Len(), more)
	return r.cut(got, keep, a.last)
}

// cut leaves the first keep items of a page and sets the place behind them.
func (r *Run) cut(got *Piece, keep int, last values.Item) error {
	switch all := got.Items.Len(); {
	case keep == all:
		got.end = r.p.end(last)
		got.Returned = keep
		return nil
	case keep > 0:
		m, err := r.keyOf(got, keep-1)
		if err != nil {
			return err
		}
		got.end = r.p.place(m)
	}
	got.Items, got.Returned = got.Items.Slice(0, keep), keep
	return nil
}

// end is the place behind a page.
func (p *Prepared) end(last values.Item) place.Place {
	if last == nil {
		return place.Place{Done: true}
	}
	return p.place(last)
}

// Read keeps the memory of a page whose items were read for another. A page that
// was cut is the last.
func (r *Run) Read(items reflect.Value) {
	if !items.CanAddr() {
		return
	}
	select {
	case r.spare <- items:
	default:
	}
}
