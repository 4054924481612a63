package write

import (
	"context"
	"errors"

	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/upkeep"
	"github.com/dynarepo/dynarepo/internal/values"
)

// remove builds the write of Delete, by key, and of DeleteAll, of an item that
// was found.
func (w *Writer) remove(ctx context.Context, o *Order, _ bool) (*Write, error) {
	t, attrs, err := w.target(o)
	if err != nil {
		return nil, w.table.Refuse(o.Verb.String(), err)
	}
	one := &Write{table: t, verb: o.Verb, key: attrs, does: remove{}}
	one.guard.means = foreignOrFailed
	if o.Verb == life.Delete { // what was found is of the view, and a batch has no conditions
		one.seen()
	}
	one.mark(newMarks(t, attrs))
	if err := w.guarded(ctx, one); err != nil {
		return nil, t.Refuse(o.Verb.String(), err)
	}
	return one, nil
}

// target returns the key of what an order is about, and its table.
func (w *Writer) target(o *Order) (*model.Table, values.Item, error) {
	if !o.Item.IsValid() {
		attrs, err := w.table.Keys.Of(o.Key)
		if err == nil && len(w.table.Unkept) > 0 {
			err = upkeep.ErrUnkept
		}
		return w.table, attrs, err
	}
	it, v, err := w.table.ItemOf(o.Item)
	if err != nil {
		return nil, nil, err
	}
	attrs, err := it.Key(v)
	return it.Table, attrs, err
}

// destroy builds the write of Destroy.
func (w *Writer) destroy(ctx context.Context, o *Order, bulk bool) (*Write, error) {
	op := o.Verb.String()
	it, callers, err := w.table.ItemOf(o.Item)
	if err != nil {
		return nil, w.table.Refuse(op, err)
	}
	v := it.Copy(callers)
	if !bulk {
		if err := it.Hooks.Before(ctx, o.Verb, v.Addr().Interface()); err != nil {
			return nil, it.Fail(op, "", nil, err)
		}
	}
	attrs, err := it.Key(v)
	if len(it.Unkept) > 0 {
		err = errors.Join(err, it.Kind.Sign(v)) // a special case has values that are not known here
	}
	one := &Write{table: it.Table, verb: o.Verb, key: attrs, does: remove{}, memory: memory{item: it, callers: callers, bulk: bulk}}
	one.guard.means = staleOrFailed
	if it.Stamps.Version != nil && !w.overwrite {
		one.guard.loaded = it.Stamps.Loaded(v)
		one.lock(w.conn.Now())
	}
	if err == nil {
		err = w.guarded(ctx, one)
	}
	if err != nil {
		return nil, it.Refuse(op, err)
	}
	if m := newMarks(it.Table, attrs); m != nil {
		stored, err := it.UniqueValues(v)
		if err != nil {
			return nil, it.Refuse(op, err)
		}
		m.assume(stored)
		m.decided = one.isStale
		one.mark(m)
	}
	return one, nil
}

// check builds the write that changes nothing: the item must be there and the
// writer's conditions hold.
func (w *Writer) check(ctx context.Context, o *Order, _ bool) (*Write, error) {
	attrs, err := w.table.Keys.Of(o.Key)
	one := &Write{table: w.table, verb: o.Verb, key: attrs, does: check{}}
	one.present(w.conn.Now())
	if err == nil {
		err = w.guarded(ctx, one)
	}
	if err != nil {
		return nil, w.table.Refuse(o.Verb.String(), err)
	}
	return one, nil
}
