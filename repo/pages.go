package repo

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// All returns the items in order, page after page: a sequence that sends
// nothing before it is ranged over, and one request no sooner than its items
// are needed (rule A8). It has at most one error, in its last pair beside the
// zero T. It can be ranged over any number of times, also at once.
func (q Query[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		p, places, err := q.begin()
		if err != nil {
			yield(zero, err)
			return
		}
		r := p.run(q.repo.db, reflect.TypeFor[T](), places)
		if r.lent = len(places) == 1 && q.spec.prefetch == 0; !r.lent {
			r.spare = make(chan reflect.Value, len(places)+q.spec.prefetch)
		}
		for piece := range r.pieces(ctx) {
			if piece.err != nil {
				yield(zero, piece.err)
				return
			}
			for _, item := range itemsOf[T](piece) {
				if !yield(item, nil) {
					return
				}
			}
			r.read(piece.items)
		}
	}
}

// read keeps the memory of a page whose items were read for another. A page that
// was cut is the last.
func (r *run) read(items reflect.Value) {
	if !items.CanAddr() {
		return
	}
	select {
	case r.spare <- items:
	default:
	}
}

// Pages returns a page for each request, also for one that returned nothing:
// its items, the cursor after it (zero after the last), how many items were
// evaluated, and the read capacity units consumed (rule B5). The slices are
// the caller's. Otherwise it is as [Query.All].
func (q Query[T]) Pages(ctx context.Context) iter.Seq2[dyniter.Page[T], error] {
	return func(yield func(dyniter.Page[T], error) bool) {
		r, err := q.of().run()
		if err != nil {
			yield(dyniter.Page[T]{}, err)
			return
		}
		for piece := range r.pieces(ctx) {
			if piece.err != nil {
				yield(dyniter.Page[T]{}, piece.err)
				return
			}
			page := dyniter.Page[T]{Items: itemsOf[T](piece), Evaluated: piece.cost.Evaluated, Consumed: piece.cost.Consumed}
			page.Cursor = r.cursor()
			if !yield(page, nil) {
				return
			}
		}
	}
}

// itemsOf returns the items of a piece; nil of a count and beside an error.
func itemsOf[T any](p piece) []T {
	if !p.items.IsValid() {
		return nil
	}
	return p.items.Interface().([]T)
}

// cursor returns the cursor behind what was handed out, zero at the end.
func (r *run) cursor() dyniter.Cursor {
	if slices.ContainsFunc(r.places, func(at dyniter.Place) bool { return !at.Done }) {
		return r.p.cursor(r.db, r.places)
	}
	return dyniter.Cursor{}
}

// query is a Query apart from T, and holds the code that Query would have once
// for each T.
type query struct {
	db     *DB
	schema *schema // nil of the zero Query
	typ    reflect.Type
	spec   *querySpec
}

func (q Query[T]) of() query {
	if q.repo == nil {
		return query{}
	}
	return query{q.repo.db, q.repo.schema, reflect.TypeFor[T](), q.spec}
}

func (q Query[T]) prepare() (*prepared, error) { return q.of().prepare() }

func (q Query[T]) begin() (*prepared, []dyniter.Place, error) { return q.of().begin() }

// prepare plans the query and compiles its expressions.
func (q query) prepare() (*prepared, error) {
	if q.schema == nil {
		return nil, &Error{Op: "Query", Table: "of no repository", Err: because(ErrInvalid, errZeroQuery)}
	}
	p, err := q.schema.prepare(q.spec, q.db.cfg.Now())
	if err != nil {
		return nil, q.schema.fail("Query", q.spec.index, nil, because(ErrInvalid, err))
	}
	return p, nil
}

// begin is prepare, the scan policy, and where each segment starts.
func (q query) begin() (*prepared, []dyniter.Place, error) {
	p, err := q.prepare()
	if err != nil {
		return nil, nil, err
	}
	places := make([]dyniter.Place, max(1, q.spec.segments))
	if q.spec.start != nil {
		from, err := q.spec.start(p, &q.db.cfg)
		if err == nil && len(from) > 0 && len(from) != len(places) {
			err = errors.New("a parallel scan starts at a cursor of one of its pages")
		}
		if err != nil {
			return nil, nil, p.fail(because(ErrInvalid, err))
		}
		copy(places, from)
	}
	if err := p.admit(&q.db.cfg); err != nil {
		return nil, nil, p.fail(err)
	}
	return p, places, nil
}

// run begins a range over the query.
func (q query) run() (*run, error) {
	p, places, err := q.begin()
	if err != nil {
		return nil, err
	}
	return p.run(q.db, q.typ, places), nil
}

// fail wraps an error of the query.
func (p *prepared) fail(err error) error {
	op := "Query"
	if p.plan.Scan {
		op = "Scan"
	}
	return p.schema.fail(op, p.plan.Index, nil, err)
}
