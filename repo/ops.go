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

// An op keeps the write that it made for a token: what is sent again with it
// must not differ in an id or a timestamp.
type op struct {
	ident func() [2]string // the table and the item it is on; zero if that is not known before it is made
	build func(ctx context.Context, bulk bool) (*write, error)

	mu      sync.Mutex
	kept    *write
	keptFor string
}

func newOp(ident func() [2]string, build func(ctx context.Context, bulk bool) (*write, error)) Op {
	return Op{&op{ident: ident, build: build}}
}

func (o *op) make(ctx context.Context, bulk bool, token string) (*write, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept != nil && token != "" && token == o.keptFor {
		return o.kept, nil
	}
	w, err := o.build(ctx, bulk)
	o.kept, o.keptFor = w, token
	return w, err
}

// Ops makes the writes of one repository for [DB.Batch] and [DB.Transact]. What
// each does, and what it sets in the caller's item once all have succeeded, is
// what the method of [Repo] of the same name does.
type Ops[T any] struct{ w Writer[T] }

// Ops returns what makes writes for batches and transactions.
func (r *Repo[T]) Ops() Ops[T] { return Ops[T]{Writer[T]{repo: r}} }

// Ops returns what makes writes under the writer's conditions, for
// transactions: a batch has no conditions.
func (w Writer[T]) Ops() Ops[T] { return Ops[T]{w} }

// Create is the creation of item, which must not be there.
func (o Ops[T]) Create(item *T) Op {
	return newOp(o.of(item), func(ctx context.Context, bulk bool) (*write, error) { return o.w.in(bulk).put(ctx, "Create", item) })
}

// Put stores item whatever was there.
func (o Ops[T]) Put(item *T) Op {
	return newOp(o.of(item), func(ctx context.Context, bulk bool) (*write, error) { return o.w.in(bulk).put(ctx, "Put", item) })
}

// Save stores item, guarded by its version.
func (o Ops[T]) Save(item *T) Op {
	return newOp(o.of(item), func(ctx context.Context, bulk bool) (*write, error) { return o.w.in(bulk).put(ctx, "Save", item) })
}

// SaveChanges stores what differs between before and item, guarded by the
// version. If nothing does, the guard alone is checked.
func (o Ops[T]) SaveChanges(before, item *T) Op {
	return newOp(o.of(item), func(ctx context.Context, bulk bool) (*write, error) {
		return o.w.in(bulk).saveChanges(ctx, before, item)
	})
}

// Update makes changes to the item with the key, which must be there.
func (o Ops[T]) Update(k key.Value, changes ...cond.Change[T]) Op {
	return newOp(o.at(k), func(context.Context, bool) (*write, error) { return o.w.update("Update", k, edits(changes)) })
}

// Upsert makes changes to the item with the key, and the item if there is none.
func (o Ops[T]) Upsert(k key.Value, changes ...cond.Change[T]) Op {
	return newOp(o.at(k), func(context.Context, bool) (*write, error) { return o.w.upsert(k, edits(changes)) })
}

// Touch sets the update time and the named attributes of the item with the key,
// which must be there.
func (o Ops[T]) Touch(k key.Value, times ...cond.Attr[T, time.Time]) Op {
	return newOp(o.at(k), func(context.Context, bool) (*write, error) { return o.w.touch(k, times) })
}

// Delete removes the item with the key.
func (o Ops[T]) Delete(k key.Value) Op {
	return newOp(o.at(k), func(context.Context, bool) (*write, error) { return o.w.delete(k) })
}

// Destroy removes item, guarded by its version.
func (o Ops[T]) Destroy(item *T) Op {
	return newOp(o.of(item), func(ctx context.Context, bulk bool) (*write, error) { return o.w.in(bulk).destroy(ctx, item) })
}

// Check writes nothing: the item with the key must be there, and conds and the
// writer's conditions must hold for it.
func (o Ops[T]) Check(k key.Value, conds ...cond.Cond[T]) Op {
	return newOp(o.at(k), func(context.Context, bool) (*write, error) { return o.w.If(conds...).check(k) })
}

// at tells the item with a key.
func (o Ops[T]) at(k key.Value) func() [2]string {
	s := o.w.repo.schema
	return func() [2]string {
		attrs, err := s.keyOf(k)
		if err != nil {
			return [2]string{}
		}
		return [2]string{s.table, s.keyID(attrs)}
	}
}

// of tells which item of the table an item of the caller's is, unless a part of
// its key is zero, which a callback or Spec.ID may yet set.
func (o Ops[T]) of(item *T) func() [2]string {
	s := o.w.repo.schema
	return func() [2]string {
		if item == nil {
			return [2]string{}
		}
		own, v, err := s.of(reflect.ValueOf(item).Elem())
		if err != nil {
			return [2]string{}
		}
		for _, f := range slices.Concat(own.hash.fields, own.sort.fields) {
			if value, ok := own.valueOf(f.field, v); !ok || reflect.ValueOf(value).IsZero() {
				return [2]string{}
			}
		}
		id, err := own.itemID(v)
		if err != nil {
			return [2]string{}
		}
		return [2]string{own.table, id}
	}
}

func (w Writer[T]) in(bulk bool) Writer[T] {
	w.bulk = bulk
	return w
}
