package repo

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A run is one range over a query. It knows the type of the items by
// reflection alone: every type of a user's program would compile it anew.
type run struct {
	db     *DB
	spec   *querySpec
	p      *prepared
	typ    reflect.Type // of the items
	limits dyniter.Limits
	rate   *dyniter.Rate
	places []dyniter.Place    // of each segment, behind what was handed out
	lent   bool               // items are read before the next page is asked for, so their memory can be used again
	spare  chan reflect.Value // memory of pages whose items were read; nil where pages are the caller's
	stats  dyniter.Stats
}

// A piece is one page of one segment.
type piece struct {
	segment  int
	items    reflect.Value // a slice; the zero Value of a count
	returned int           // as many as items, or what was counted
	end      dyniter.Place // behind the items
	cost     dyniter.Stats
	err      error
}

// A sizer decides the Limit of a segment's requests and when it stops:
// dyniter.Pager for one segment.
type sizer interface {
	Next() (limit int, ok bool)
	Take(evaluated, returned int, more bool) (keep int)
}

func (p *prepared) run(db *DB, typ reflect.Type, places []dyniter.Place) *run {
	limits := p.spec.limits
	limits.Filtered = p.filtered
	limits.Batch = cmp.Or(limits.Batch, db.cfg.BatchSize)
	return &run{db: db, spec: p.spec, p: p, typ: typ, limits: limits, rate: dyniter.NewRate(p.spec.rate), places: places}
}

// pieces reads every segment and keeps places and statistics as they are
// behind the piece handed out. A piece with an error is the last.
func (r *run) pieces(ctx context.Context) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		read := r.sequential
		switch {
		case len(r.places) > 1:
			read = r.parallel
		case r.spec.prefetch > 0:
			read = r.ahead
		}
		stop := dyniter.StopCaller
		defer func() {
			r.stats.Stop = stop
			r.report()
		}()
		stopped := read(ctx, func(got piece) bool {
			r.account(got)
			if got.err != nil {
				stop = dyniter.StopError
				if isContext(got.err) || ctx.Err() != nil {
					stop = dyniter.StopContext
				}
				got.err = r.p.fail(got.err)
				r.stats.Stop = stop
			}
			r.report()
			return yield(got) && got.err == nil
		})
		if stopped != dyniter.StopNone {
			stop = stopped
		}
	}
}

// account adds what a piece brought, handed out or not.
func (r *run) account(got piece) {
	r.places[got.segment] = got.end
	r.stats.Add(got.cost)
	r.stats.Returned += got.returned
}

func (r *run) report() {
	if r.spec.stats != nil {
		*r.spec.stats = r.stats
	}
}

// sequential reads one segment page by page and tells why it ended, StopNone
// if out was false.
func (r *run) sequential(ctx context.Context, out func(piece) bool) dyniter.Stop {
	pager := dyniter.NewPager(r.limits)
	if !r.segment(ctx, 0, r.places[0], &pager, out) {
		return dyniter.StopNone
	}
	return pager.Stop()
}

// segment reads one segment from a place until its sizer stops it, and reports
// whether out let it come to that.
func (r *run) segment(ctx context.Context, n int, at dyniter.Place, size sizer, out func(piece) bool) bool {
	sink := r.sink()
	if sink != nil {
		defer sink.Release()
	}
	for !at.Done {
		limit, ok := size.Next()
		if !ok {
			return true
		}
		req := pageRequest{limit: limit, start: startKey(at), segment: n}
		if len(r.places) > 1 {
			req.segments = len(r.places)
		}
		got := piece{segment: n, end: at}
		if got.err = r.request(ctx, req, sink, size, &got); got.err != nil {
			size.Take(0, 0, true)
		}
		if !out(got) || got.err != nil {
			return false
		}
		at = got.end
	}
	return true
}

// sink returns what takes the items out of the answers; nil for the standard
// path.
func (r *run) sink() *wire.Sink {
	if r.spec.count || r.spec.hydrate {
		return nil // there are no items, or their keys alone are wanted
	}
	if r.db.cfg.StandardCodec {
		return nil
	}
	return wire.NewSink(r.p.schema.codec)
}

// request reads and decodes one page into got.
func (r *run) request(ctx context.Context, req pageRequest, sink *wire.Sink, size sizer, got *piece) error {
	if err := r.rate.Wait(ctx); err != nil {
		return err
	}
	if sink != nil {
		select {
		case read := <-r.spare:
			sink.Reuse(read)
		default:
		}
	}
	a, err := r.p.fetch(ctx, r.db.client, req, sink)
	got.cost = a.cost
	defer func() { r.rate.Spent(got.cost.Consumed) }()
	if err != nil {
		return err
	}
	more := a.last != nil
	switch {
	case r.spec.count:
		n := a.returned
		if r.p.attrs != nil { // the keys tell which are of this model
			items, _, err := r.decode(a.items)
			if err != nil {
				return err
			}
			n = items.Len()
			got.cost.Skipped = a.returned - n
		}
		got.returned = size.Take(a.evaluated, n, more)
		got.end = r.p.end(a.last)
		return nil
	case sink != nil && sink.Used():
		got.cost.Bytes = int64(sink.Bytes())
		if err := sink.Err(); err != nil {
			return decodeError(err)
		}
		items := sink.Items()
		if !r.lent {
			items = sink.Take()
		}
		got.items = items
		got.cost.Skipped = a.returned - items.Len()
		if err := r.p.schema.foundAll(ctx, items); err != nil {
			return err
		}
		keep := size.Take(a.evaluated, items.Len(), more)
		return r.cut(got, keep, a.last, func(i int) (item, error) {
			return r.p.schema.itemAttrs(items.Index(i), r.p.position)
		})
	}
	var keys []item
	if r.spec.hydrate {
		got.items, keys, err = r.hydrate(ctx, &a, &got.cost)
	} else if got.items, keys, err = r.decode(a.items); err == nil {
		got.cost.Skipped = a.returned - got.items.Len()
		err = r.p.schema.foundAll(ctx, got.items)
	}
	if err != nil {
		return err
	}
	keep := size.Take(a.evaluated, got.items.Len(), more)
	return r.cut(got, keep, a.last, func(i int) (item, error) { return keys[i], nil })
}

// cut leaves the first keep items of a page and sets the place behind them.
func (r *run) cut(got *piece, keep int, last item, keyOf func(i int) (item, error)) error {
	switch all := got.items.Len(); {
	case keep == all:
		got.end = r.p.end(last)
		got.returned = keep
		return nil
	case keep > 0:
		m, err := keyOf(keep - 1)
		if err != nil {
			return err
		}
		got.end = r.p.place(m)
	}
	got.items, got.returned = got.items.Slice(0, keep), keep
	return nil
}

// decode makes items of a page and tells the key of each. Items of other
// models are left out, or refused if the spec says so.
func (r *run) decode(raw []item) (items reflect.Value, keys []item, err error) {
	items, keys = reflect.MakeSlice(reflect.SliceOf(r.typ), len(raw), len(raw)), make([]item, 0, len(raw))
	for _, m := range raw {
		switch err := r.p.schema.decode(m, items.Index(len(keys))); {
		case errors.Is(err, codec.ErrSkip):
		case err != nil:
			return reflect.Value{}, nil, err
		default:
			keys = append(keys, m)
		}
	}
	return items.Slice(0, len(keys)), keys, nil
}

// end is the place behind a page.
func (p *prepared) end(last item) dyniter.Place {
	if last == nil {
		return dyniter.Place{Done: true}
	}
	return p.place(last)
}
