package repo

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// An Op is one write of a batch or a transaction, over any repository. It is
// made by [Repo.Ops] and may be used once more if what it was part of failed.
type Op struct{ *op }

// An op is an order with the write that was made of it for a token: what is
// sent again with it must not differ in an id or a timestamp.
type op struct {
	order

	w       *writer
	mu      sync.Mutex
	kept    *write
	keptFor string
}

// ordered returns the Op of an order; the zero Op, which is refused, of no
// repository.
func (w *writer) ordered(o order) Op {
	if w == nil || w.schema == nil {
		return Op{}
	}
	return Op{&op{order: o, w: w}}
}

func (o *op) make(ctx context.Context, bulk bool, token string) (*write, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept != nil && token != "" && token == o.keptFor {
		return o.kept, nil
	}
	w, err := o.w.build(ctx, &o.order, bulk)
	o.kept, o.keptFor = w, token
	return w, err
}

// Ops makes the writes of one repository for [DB.Batch] and [DB.Transact]. What
// each does, and what it sets in the caller's item once all have succeeded, is
// what the method of [Repo] of the same name does.
type Ops[T any] struct{ of *writer }

// Ops returns what makes writes for batches and transactions.
func (r *Repo[T]) Ops() Ops[T] { return Ops[T]{r.writer} }

// Ops returns what makes writes under the writer's conditions, for
// transactions: a batch has no conditions.
func (w Writer[T]) Ops() Ops[T] { return Ops[T](w) }

// Create is the creation of item, which must not be there.
func (o Ops[T]) Create(item *T) Op {
	return o.of.ordered(order{op: "Create", item: reflect.ValueOf(item)})
}

// Put stores item whatever was there.
func (o Ops[T]) Put(item *T) Op {
	return o.of.ordered(order{op: "Put", item: reflect.ValueOf(item)})
}

// Save stores item, guarded by its version.
func (o Ops[T]) Save(item *T) Op {
	return o.of.ordered(order{op: "Save", item: reflect.ValueOf(item)})
}

// SaveChanges stores what differs between before and item, guarded by the
// version. If nothing does, the guard alone is checked.
func (o Ops[T]) SaveChanges(before, item *T) Op {
	return o.of.ordered(order{op: opSaveChanges, before: reflect.ValueOf(before), item: reflect.ValueOf(item)})
}

// Update makes changes to the item with the key, which must be there.
func (o Ops[T]) Update(k key.Value, changes ...cond.Change[T]) Op {
	return o.of.ordered(order{op: "Update", key: k, edits: edits(changes)})
}

// Upsert makes changes to the item with the key, and the item if there is none.
func (o Ops[T]) Upsert(k key.Value, changes ...cond.Change[T]) Op {
	return o.of.ordered(order{op: "Upsert", key: k, edits: edits(changes)})
}

// Touch sets the update time and the named attributes of the item with the key,
// which must be there.
func (o Ops[T]) Touch(k key.Value, times ...cond.Attr[T, time.Time]) Op {
	return o.of.ordered(order{op: "Touch", key: k, times: setting(times)})
}

// Delete removes the item with the key.
func (o Ops[T]) Delete(k key.Value) Op { return o.of.ordered(order{op: "Delete", key: k}) }

// Destroy removes item, guarded by its version.
func (o Ops[T]) Destroy(item *T) Op {
	return o.of.ordered(order{op: "Destroy", item: reflect.ValueOf(item)})
}

// Check writes nothing: the item with the key must be there, and conds and the
// writer's conditions must hold for it.
func (o Ops[T]) Check(k key.Value, conds ...cond.Cond[T]) Op {
	return o.of.under(nodes(conds)).ordered(order{op: "Check", key: k})
}

// appendID appends the id of the item that an op is on, and returns its table;
// nil if that is not known before the write is made, since a callback or Spec.ID
// may yet set a part of the key.
func (o *op) appendID(dst []byte) (table string, id []byte) {
	s := o.w.schema
	if !o.item.IsValid() {
		attrs, err := s.keyOf(o.key)
		if err != nil {
			return "", nil
		}
		return s.table, s.appendKeyID(dst, attrs)
	}
	if o.item.IsNil() {
		return "", nil
	}
	s, v, err := s.of(o.item.Elem())
	if err != nil || s.zeroKey(v) {
		return "", nil
	}
	if id, err = s.appendItemID(dst, v); err != nil {
		return "", nil
	}
	return s.table, id
}

// zeroKey reports whether a part of an item's key is missing or zero.
func (s *schema) zeroKey(v reflect.Value) bool {
	zero := func(f keyField) bool {
		if s.made(f.field.Name) {
			return false
		}
		fv, ok := f.field.Value(v)
		return !ok || fv.IsZero()
	}
	return slices.ContainsFunc(s.hash.fields, zero) || slices.ContainsFunc(s.sort.fields, zero)
}
