package write

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/upkeep"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// saveChanges builds the write of SaveChanges: a check if nothing differs.
func (w *Writer) saveChanges(ctx context.Context, o *Order, bulk bool) (*Write, error) {
	op := o.Verb.String()
	it, callers, err := w.table.ItemOf(o.Item)
	_, old, oldErr := w.table.ItemOf(o.Before)
	if err = errors.Join(err, oldErr); err == nil && old.Type() != callers.Type() {
		err = errTwoTypes
	}
	if err != nil {
		return nil, w.table.Refuse(op, err)
	}
	v, err := it.Next(ctx, o.Verb, callers, w.conn.Now(), !bulk, !w.unchecked)
	if err != nil {
		return nil, err
	}
	one := &Write{
		table: it.Table, verb: o.Verb, key: values.Item{}, does: check{},
		memory: memory{item: it, value: v, callers: callers, mine: o.Item.Interface(), end: it.EndOf(v), bulk: bulk},
	}
	one.guard.loaded = it.Raise(o.Verb, v)
	from, err := it.Encode(old)
	to, toErr := it.Encode(v)
	if err = errors.Join(err, toErr); err == nil && it.Stamps.Version != nil && it.Stamps.Stored(from) != one.guard.loaded {
		err = errTwoVersions
	}
	if err != nil {
		return nil, it.Refuse(op, err)
	}
	edits, differs := upkeep.Diff(it.Table, from, to)
	for _, name := range it.Keys.Names {
		if one.key[name] = to[name]; upkeep.Changes(edits, name) {
			err = errors.Join(err, &key.Error{Attr: name, Rule: "a key can't change"})
		}
	}
	if one.present(w.conn.Now()); it.Stamps.Version != nil && !w.overwrite {
		one.lock(w.conn.Now())
		one.guard.means = goneOrFailed
	}
	if it.Kind != nil && !it.IsView() {
		one.guard.on(it.Kind.Guard) // what differs is no change of an item of another kind
	}
	if differs {
		it.Show(v, to)
		err = errors.Join(err, one.differ(from, edits))
	}
	if err = errors.Join(err, w.guarded(ctx, one)); err != nil {
		return nil, it.Refuse(op, err)
	}
	return one, nil
}

// differ makes the write an update of what differs from the stored form that
// was loaded.
func (w *Write) differ(from values.Item, edits []*expr.Edit) error {
	builder, err := expr.Compile(edits)
	w.does = &update{builder: builder, edits: edits, returns: types.ReturnValueNone}
	m, uniqueErr := updateMarks(w.table, w.key, edits, upkeep.Updated{})
	if w.mark(m); m != nil {
		m.assume(m.only(from))
		m.decided = func(stored values.Item) bool { return stored == nil || w.isStale(stored) }
	}
	return errors.Join(err, uniqueErr)
}

var (
	errTwoTypes    = errors.New("the two items are of different types")
	errTwoVersions = errors.New("the two items are of different versions")
)
