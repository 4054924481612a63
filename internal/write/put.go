package write

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/values"
)

// put builds the write of Create, Put and Save.
func (w *Writer) put(ctx context.Context, o *Order, bulk bool) (*Write, error) {
	op := o.Verb.String()
	conds, like, err := w.conditions()
	if err != nil {
		return nil, w.table.Refuse(op, err)
	}
	it, callers, err := w.table.ItemOf(o.Item)
	if err != nil {
		return nil, w.table.Refuse(op, err)
	}
	v, err := it.Next(ctx, o.Verb, callers, w.conn.Now(), !bulk, !w.unchecked)
	if err != nil {
		return nil, err
	}
	both := &struct { // in one piece of memory
		Write
		put
	}{Write: Write{
		table: it.Table, verb: o.Verb,
		memory: memory{item: it, value: v, callers: callers, mine: o.Item.Interface(), end: it.EndOf(v), bulk: bulk},
	}}
	one := &both.Write
	one.does = &both.put
	one.guard.loaded, one.guard.blind, one.guard.means = it.Raise(o.Verb, v), w.overwrite, staleOrFailed
	if err := w.encode(&both.put, it, v); err != nil {
		return nil, it.Refuse(op, err)
	}
	switch {
	case o.Verb == life.Create:
		one.begins(it.Keys.Absent, w.conn.Now())
		one.guard.means = existsOrFailed
	case o.Verb == life.Save && it.Stamps.Version != nil && !w.overwrite:
		one.lock(w.conn.Now())
	}
	m, err := putMarks(it, v, o.Verb == life.Create || one.guard.locked && one.guard.loaded == 0)
	if err != nil {
		return nil, it.Refuse(op, err)
	}
	if one.mark(m); m != nil && len(one.guard.conds) > 0 {
		m.decided = func(stored values.Item) bool {
			return o.Verb == life.Create && !one.gone(stored) || one.isStale(stored)
		}
	}
	one.guard.also(w.hiding(conds))
	one.guard.alike(ctx, like)
	return one, nil
}

// encode makes the item that is put, as JSON where that is right for certain.
func (w *Writer) encode(p *put, it *model.Item, v reflect.Value) error {
	p.item, p.value = it, v
	if !w.conn.Standard {
		if json, ok := it.AppendItem(v); ok {
			p.json = json
			return nil
		}
	}
	if err := p.standard(); err != nil {
		return err
	}
	it.Show(v, p.attrs)
	return nil
}
