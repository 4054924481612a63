package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/codec"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Hydrate reads the items of a query by key, as a whole: for an index that
// projects them in part (rule C3). Each page costs BatchGetItem requests of at
// most 100 keys more, several at once; the order is kept. An item that is gone
// by then is left out and counted in Stats.Gone; one that is left unprocessed
// ends the query with [ErrUnprocessed].
func (q Query[T]) Hydrate() Query[T] { return Query[T]{q.repo, q.spec.hydrated()} }

// Stats keeps into up to date while the query is ranged over: it tells what
// the items handed out so far have cost, and, behind the loop, the whole. It
// is written by the goroutine that ranges. A query that is ranged over more
// than once at a time needs one each.
func (q Query[T]) Stats(into *dyniter.Stats) Query[T] {
	return Query[T]{q.repo, q.spec.reporting(into)}
}

// Rate holds the query to so many read capacity units a second, by what
// DynamoDB reports that each page consumed; more than 0. A page that costs more
// than a second's units is waited for afterwards.
func (q Query[T]) Rate(unitsPerSecond float64) Query[T] {
	return Query[T]{q.repo, q.spec.rated(unitsPerSecond)}
}

var errRate = errors.New("Rate takes more than 0 units per second")

// hydrate reads the items of an answer as the table holds them, and tells the
// key of each as the index had it.
func (r *run) hydrate(ctx context.Context, a *answer, cost *dyniter.Stats) (items reflect.Value, keys []item, err error) {
	s := r.p.schema
	o := getOptions{consistent: r.spec.consistent, attrs: r.spec.project}
	b := newBatchGet(r.db, s, r.typ, o, len(a.items))
	places := make([]int, len(a.items))
	for i, m := range a.items {
		var room [2]codec.Attribute
		attrs := room[:0]
		for _, k := range s.keyAttrs {
			attrs = append(attrs, codec.Attribute{Name: k.Name(), Value: m[k.Name()]})
		}
		places[i] = b.want(attrs)
	}
	unfit, err := b.run(ctx)
	cost.Add(b.cost)
	left := slices.ContainsFunc(b.wanted, func(w wanted) bool { return w.left })
	if err == nil && left {
		err = ErrUnprocessed
	}
	if err = errors.Join(unfit, err); err != nil {
		return items, nil, err
	}
	items = reflect.MakeSlice(reflect.SliceOf(r.typ), 0, len(places))
	for i, place := range places {
		if one := b.wanted[place].found; one.IsValid() {
			items, keys = reflect.Append(items, one), append(keys, a.items[i])
		}
	}
	cost.Gone += len(places) - items.Len()
	return items, keys, nil
}
