package assoc

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A verb is what happens to an item.
type verb uint8

const (
	update verb = iota
	create
	destroy
	remove // by key
	stands // is there, and is left as it is
)

// A change is what happens to one item, as one operation of a [batch]: ids are
// put into what it keeps and taken out, or it is created or removed.
type change[T any] struct {
	side    *side[T]
	key     key.Value
	items   []*T // the callers' items that it is about; nil if only the id is known
	verb    verb
	off     uint // the bits of the edits of single ids that are not due
	lenient bool // quiet if the item is gone, is there already, or is linked elsewhere
	edits   []*edit[T]
}

// An edit is a change of the ids in one attribute. The attribute is the one of
// its own side, since an item has one for each relation it is in.
type edit[T any] struct {
	side      *side[T]
	add, drop []string
	guard     bool     // what is kept must be what was loaded
	loaded    []string // by the caller
}

// edit returns the edit of the attribute that side s keeps ids in.
func (c *change[T]) edit(s *side[T]) (*edit[T], error) {
	for _, e := range c.edits {
		if e.side.kept.Name == s.kept.Name {
			return e, nil
		}
	}
	e := &edit[T]{side: s}
	if len(c.items) > 0 {
		var err error
		if e.loaded, err = s.ids(c.items[0]); err != nil {
			return nil, err
		}
	}
	c.edits = append(c.edits, e)
	return e, nil
}

// attr is the attribute that is edited.
func (e *edit[T]) attr() cond.Attr[T, any] { return cond.Name[T](e.side.kept.Name) }

// after returns the ids kept behind the edit by an item that keeps ids.
func (e *edit[T]) after(ids []string) []string {
	if e.side.one && len(e.add) > 0 {
		return e.add
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(e.drop, id) })
	for _, id := range e.add {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// compile returns the change of the attribute, and the conditions under which
// it may be made. Sets are added to and deleted from, so that concurrent adders
// lose no links; only where ids go in and out at once is the set replaced, on
// the condition that it is as loaded.
func (e *edit[T]) compile() (cond.Change[T], []cond.Cond[T]) {
	a := e.attr()
	switch {
	case e.side.one && len(e.add) > 0:
		if !e.guard {
			return a.Set(e.side.value(e.add)), nil
		}
		return a.Set(e.side.value(e.add)), []cond.Cond[T]{e.asLoaded()}
	case e.side.one:
		return a.Remove(), []cond.Cond[T]{a.Eq(e.side.value(e.drop))}
	case len(e.drop) == 0:
		return a.Add(e.side.value(e.add)), nil
	case len(e.add) == 0:
		return a.DeleteFromSet(e.side.value(e.drop)), nil
	}
	return a.Set(e.side.value(e.after(e.loaded))), []cond.Cond[T]{e.asLoaded()}
}

// asLoaded is the condition that the stored ids are those that were loaded. An
// item that keeps one may keep none, or the new one, as well: no third item
// keeps an id of it then.
func (e *edit[T]) asLoaded() cond.Cond[T] {
	a := e.attr()
	if !e.side.one {
		return a.Eq(e.side.value(e.loaded))
	}
	free := []cond.Cond[T]{a.NotExists(), a.Null(), a.Eq(e.side.value(e.add))}
	if len(e.loaded) > 0 {
		free = append(free, a.Eq(e.side.value(e.loaded)))
	}
	if t := e.side.kept.Type; !e.side.isSet() && t.Kind() != reflect.Pointer {
		free = append(free, a.Eq(reflect.Zero(t).Interface()))
	}
	return cond.Or(free...)
}

// apply makes the edit in an item in memory.
func (e *edit[T]) apply(it *T) error {
	ids, err := e.side.ids(it)
	if err != nil {
		return err
	}
	return e.side.keepIn(it, e.after(ids))
}

// A made is an operation ready to send, and what follows in memory.
type made struct {
	op    repo.Op
	alone func(context.Context) error // the same as a request of its own
	done  func() error                // it was written
	undo  func()                      // it was not
}

// make makes the operation.
func (c *change[T]) make() (made, error) {
	r := c.side.repo
	switch c.verb {
	case stands:
		return made{op: r.Ops().Check(c.key)}, nil
	case create:
		return c.makeCreate()
	case destroy:
		it := c.items[0]
		return made{op: r.Ops().Destroy(it), alone: func(ctx context.Context) error { return r.Destroy(ctx, it) }}, nil
	case remove:
		return made{op: r.Ops().Delete(c.key), alone: func(ctx context.Context) error { return r.Delete(ctx, c.key) }}, nil
	}
	due := c.due()
	var changes []cond.Change[T]
	var conds []cond.Cond[T]
	for i, e := range c.edits {
		if !due[i] {
			conds = append(conds, cond.Or(e.attr().NotExists(), cond.Not(e.attr().Eq(e.side.value(e.drop)))))
			continue
		}
		ch, cs := e.compile()
		changes, conds = append(changes, ch), append(conds, cs...)
	}
	if len(changes) == 0 {
		return made{op: r.Ops().Check(c.key, conds...)}, nil
	}
	var now reflect.Value
	if f := c.side.updated; f != nil {
		// Given, and not left to the repository, so that memory has the same.
		cfg := r.DB().Config()
		now = reflect.ValueOf(cfg.Now().In(cfg.Zone).Round(0))
		changes = append(changes, cond.Name[T](f.Name).Set(now.Interface()))
	}
	w := r.If(conds...)
	return made{
		op: w.Ops().Update(c.key, changes...),
		alone: func(ctx context.Context) error {
			_, err := w.Update(ctx, c.key, changes...)
			return err
		},
		done: func() error {
			var errs []error
			for _, it := range c.items {
				errs = append(errs, c.follow(it, now))
			}
			return errors.Join(errs...)
		},
	}, nil
}

// follow makes in memory what an update has made: ids, version, time. The
// version rises from the loaded one, so that a Save succeeds only if nobody
// else wrote in between.
func (c *change[T]) follow(it *T, now reflect.Value) error {
	var errs []error
	due := c.due()
	for i, e := range c.edits {
		if due[i] {
			errs = append(errs, e.apply(it))
		}
	}
	v := reflect.ValueOf(it).Elem()
	if f := c.side.version; f != nil {
		n := f.Alloc(v)
		next := n.Convert(reflect.TypeFor[int64]()).Int() + 1
		n.Set(reflect.ValueOf(next).Convert(n.Type()))
	}
	if f := c.side.updated; f != nil {
		f.Alloc(v).Set(now)
	}
	return errors.Join(errs...)
}

// makeCreate makes the creation of the caller's item, which keeps its ids from
// then on and loses them again if it is not created.
func (c *change[T]) makeCreate() (made, error) {
	r, it := c.side.repo, c.items[0]
	var undo []func()
	m := made{
		op:    r.Ops().Create(it),
		alone: func(ctx context.Context) error { return r.Create(ctx, it) },
		undo: func() {
			for _, f := range undo {
				f()
			}
		},
	}
	for _, e := range c.edits {
		f := e.side.kept.Alloc(reflect.ValueOf(it).Elem())
		before := reflect.New(f.Type()).Elem()
		before.Set(f)
		undo = append(undo, func() { f.Set(before) })
		if err := e.apply(it); err != nil {
			m.undo()
			return made{}, err
		}
	}
	return m, nil
}

// tolerates reports whether the operation may be left out since it failed with
// err.
func (c *change[T]) tolerates(err error) bool { return c.lenient && met(err) }

// met reports whether a write failed for what it met in the store.
func met(err error) bool {
	return errors.Is(err, repo.ErrNotFound) || errors.Is(err, repo.ErrExists) || errors.Is(err, repo.ErrConditionFailed)
}

// tolerate returns what takes the place of the operation that failed with err: a
// check that it need not be done. An update whose condition does not hold is
// tried in every way of which edits are due and which are not.
func (c *change[T]) tolerate(err error) (step, bool) {
	r := c.side.repo
	next := *c
	switch {
	case errors.Is(err, repo.ErrExists):
		next.verb = stands
	case errors.Is(err, repo.ErrNotFound):
		// A check is of an item that is there: the removal of none does nothing.
		gone := cond.Name[T](c.side.key[0].Name).NotExists()
		next.off = 0
		return &absence{op: r.If(gone).Ops().Delete(c.key), due: &next}, true
	default:
		n := 0
		for _, e := range c.edits {
			if e.side.one {
				n++
			}
		}
		next.off = (c.off + 1) % (1 << n)
	}
	return &next, true
}

// writes reports whether anything happens to the item.
func (c *change[T]) writes() bool {
	return c.verb != stands && (c.verb != update || slices.ContainsFunc(c.due(), func(d bool) bool { return d }))
}

// due tells which of the edits are to be made: the others are checks that the
// item does not keep the id.
func (c *change[T]) due() []bool {
	due := make([]bool, len(c.edits))
	n := 0
	for i, e := range c.edits {
		due[i] = true
		if e.side.one {
			due[i] = c.off&(1<<n) == 0
			n++
		}
	}
	return due
}
