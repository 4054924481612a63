package repo

import (
	"context"
	"errors"
	"iter"
	"slices"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A run is one range over a query.
type run[T any] struct {
	query  Query[T]
	p      *prepared
	limits dyniter.Limits
	rate   *dyniter.Rate
	places []dyniter.Place // of each segment, behind what was handed out
	stats  dyniter.Stats
}

// A piece is one page of one segment.
type piece[T any] struct {
	segment  int
	items    []T
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

func newRun[T any](q Query[T], p *prepared, places []dyniter.Place) *run[T] {
	limits := q.spec.limits
	limits.Filtered = p.filtered
	return &run[T]{query: q, p: p, limits: limits, rate: dyniter.NewRate(q.spec.rate), places: places}
}

// pages hands out a page for each piece.
func (r *run[T]) pages(ctx context.Context, yield func(dyniter.Page[T], error) bool) {
	for piece := range r.pieces(ctx) {
		if piece.err != nil {
			yield(dyniter.Page[T]{}, piece.err)
			return
		}
		page := dyniter.Page[T]{Items: piece.items, Evaluated: piece.cost.Evaluated, Consumed: piece.cost.Consumed}
		if slices.ContainsFunc(r.places, func(at dyniter.Place) bool { return !at.Done }) {
			page.Cursor = r.p.cursor(r.query.repo.db, r.places)
		}
		if !yield(page, nil) {
			return
		}
	}
}

// pieces reads every segment and keeps places and statistics as they are
// behind the piece handed out. A piece with an error is the last.
func (r *run[T]) pieces(ctx context.Context) iter.Seq[piece[T]] {
	return func(yield func(piece[T]) bool) {
		read := r.sequential
		switch {
		case len(r.places) > 1:
			read = r.parallel
		case r.query.spec.prefetch > 0:
			read = r.ahead
		}
		stop := dyniter.StopCaller
		defer func() {
			r.stats.Stop = stop
			r.report()
		}()
		stopped := read(ctx, func(got piece[T]) bool {
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
func (r *run[T]) account(got piece[T]) {
	r.places[got.segment] = got.end
	r.stats.Add(got.cost)
	r.stats.Returned += got.returned
}

func (r *run[T]) report() {
	if r.query.spec.stats != nil {
		*r.query.spec.stats = r.stats
	}
}

// sequential reads one segment page by page and tells why it ended, StopNone
// if out was false.
func (r *run[T]) sequential(ctx context.Context, out func(piece[T]) bool) dyniter.Stop {
	pager := dyniter.NewPager(r.limits)
	if !r.segment(ctx, 0, r.places[0], &pager, out) {
		return dyniter.StopNone
	}
	return pager.Stop()
}

// segment reads one segment from a place until its sizer stops it, and reports whether out
// let it come to that.
func (r *run[T]) segment(ctx context.Context, n int, at dyniter.Place, size sizer, out func(piece[T]) bool) bool {
	for !at.Done {
		limit, ok := size.Next()
		if !ok {
			return true
		}
		got := r.request(ctx, n, at, limit, size)
		if !out(got) || got.err != nil {
			return false
		}
		at = got.end
	}
	return true
}

// request reads and decodes one page of a segment that stands at a place.
func (r *run[T]) request(ctx context.Context, n int, at dyniter.Place, limit int, size sizer) piece[T] {
	got := piece[T]{segment: n, end: at}
	failed := func(err error) piece[T] {
		size.Take(0, 0, true)
		got.err = err
		return got
	}
	if err := r.rate.Wait(ctx); err != nil {
		return failed(err)
	}
	defer func() { r.rate.Spent(got.cost.Consumed) }()
	req := pageRequest{limit: limit, start: startKey(at), segment: n}
	if len(r.places) > 1 {
		req.segments = len(r.places)
	}
	a, err := r.p.fetch(ctx, r.query.repo.db.client, req)
	got.cost = a.cost
	if err != nil {
		return failed(err)
	}
	if r.query.spec.count {
		n, err := r.p.own(&a)
		if err != nil {
			return failed(err)
		}
		got.returned = size.Take(a.evaluated, n, a.last != nil)
		got.end = r.p.end(a.last)
		return got
	}
	if r.query.spec.hydrate {
		if err := r.hydrate(ctx, &a, &got.cost); err != nil {
			return failed(err)
		}
	}
	items, keys, err := r.decode(&a)
	if err != nil {
		return failed(err)
	}
	keep := size.Take(a.evaluated, len(items), a.last != nil)
	got.items, got.returned = items[:keep], keep
	switch {
	case keep == len(items):
		got.end = r.p.end(a.last)
	case keep > 0:
		got.end = r.p.place(keys[keep-1])
	}
	return got
}

// decode makes items of a page and tells the key of each. Items of other
// models are left out, or refused if the spec says so.
func (r *run[T]) decode(a *answer) (items []T, keys []item, err error) {
	items, keys = make([]T, len(a.items)), make([]item, 0, len(a.items))
	for i, m := range a.items {
		switch err := r.query.repo.decode(m, &items[len(keys)]); {
		case errors.Is(err, ErrForeign) && !r.p.schema.spec.RefuseForeign:
			continue
		case err != nil:
			return nil, nil, err
		}
		keys = append(keys, a.keys[i])
	}
	return items[:len(keys)], keys, nil
}

// own returns how many of the items counted are of this model. Where it has the
// table to itself they were not loaded.
func (p *prepared) own(a *answer) (n int, err error) {
	n = a.returned
	for _, m := range a.items {
		switch err := p.schema.verify(m); {
		case errors.Is(err, ErrForeign) && !p.schema.spec.RefuseForeign:
			n--
		case err != nil:
			return 0, err
		}
	}
	return n, nil
}

// end is the place behind a page.
func (p *prepared) end(last item) dyniter.Place {
	if last == nil {
		return dyniter.Place{Done: true}
	}
	return p.place(last)
}
