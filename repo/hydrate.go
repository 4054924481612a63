package repo

import (
	"context"
	"errors"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Hydrate reads the items of a query by key, as a whole: for an index that
// projects them in part (rule C3). Each page costs BatchGetItem requests of at
// most 100 keys more, several at once; the order is kept. An item that is gone
// by then is left out and counted in Stats.Gone; one that is left unprocessed
// ends the query with [ErrUnprocessed].
func (q Query[T]) Hydrate() Query[T] {
	q.spec.hydrate = true
	return q
}

// Stats keeps into up to date while the query is ranged over: it tells what
// the items handed out so far have cost, and, behind the loop, the whole. It
// is written by the goroutine that ranges. A query that is ranged over more
// than once at a time needs one each.
func (q Query[T]) Stats(into *dyniter.Stats) Query[T] {
	q.spec.stats = into
	return q
}

// Rate holds the query to so many read capacity units a second, by what
// DynamoDB reports that each page consumed; more than 0. A page that costs more
// than a second's units is waited for afterwards.
func (q Query[T]) Rate(unitsPerSecond float64) Query[T] {
	q.spec.rate = unitsPerSecond
	if !(unitsPerSecond > 0) {
		return q.fault(errRate)
	}
	return q
}

var errRate = errors.New("Rate takes more than 0 units per second")

// hydrate reads the items of an answer as the table holds them, and tells the
// key of each as the index had it.
func (r *run[T]) hydrate(ctx context.Context, a *answer, cost *dyniter.Stats) (items []T, keys []item, err error) {
	s := r.p.schema
	b := &batchGet[T]{repo: r.query.repo, attrs: make(map[string]item, len(a.items))}
	b.opts = getOptions{consistent: r.query.spec.consistent, attrs: r.query.spec.project}
	ids := make([]string, len(a.items))
	for i, m := range a.items {
		ids[i] = s.keyID(m)
		b.attrs[ids[i]] = s.onlyKey(m)
	}
	unfit, err := b.run(ctx, ids)
	cost.Add(b.cost)
	if err == nil && len(b.left) > 0 {
		err = ErrUnprocessed
	}
	if err = errors.Join(unfit, err); err != nil {
		return nil, nil, err
	}
	for i, id := range ids {
		if one, ok := b.found[id]; ok {
			items, keys = append(items, *one), append(keys, a.items[i])
		}
	}
	cost.Gone += len(ids) - len(items)
	return items, keys, nil
}

// onlyKey returns the key of the table out of an item.
func (s *schema) onlyKey(m item) item {
	k := make(item, len(s.keyAttrs))
	for _, a := range s.keyAttrs {
		k[a.Name()] = m[a.Name()]
	}
	return k
}
