package query

import (
	"context"
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/values"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// hydrate reads the items of an answer as the table holds them, and tells the
// key of each as the index had it.
func (r *Run) hydrate(ctx context.Context, a *answer, cost *dyniter.Stats) (items reflect.Value, keys []values.Item, err error) {
	t := r.p.table
	o := read.Options{Consistent: r.spec.consistent, Attrs: r.spec.project}
	b := read.NewBatch(r.conn, t, r.typ, o, len(a.items))
	places := make([]int, len(a.items))
	for i, m := range a.items {
		var room [2]codec.Attribute
		attrs := room[:0]
		for _, name := range t.Keys.Names {
			attrs = append(attrs, codec.Attribute{Name: name, Value: m[name]})
		}
		places[i] = b.Want(attrs)
	}
	unfit, err := b.Run(ctx)
	var all dyniter.Meter
	all.Add(*cost)
	all.Add(b.Cost())
	*cost = all.Stats()
	if err == nil && b.Left() {
		err = fault.ErrUnprocessed
	}
	if err = errors.Join(unfit, err); err != nil {
		return items, nil, err
	}
	items = reflect.MakeSlice(reflect.SliceOf(r.typ), 0, len(places))
	for i, place := range places {
		if one, _ := b.Found(place); one.IsValid() {
			items, keys = reflect.Append(items, one), append(keys, a.items[i])
		}
	}
	cost.Gone += len(places) - items.Len()
	return items, keys, nil
}
