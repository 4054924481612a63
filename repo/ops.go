package repo

import (
	"reflect"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// An Op is one write of a batch or a transaction, over any repository. It is
// made by [Repo.Ops] and may be used once more if what it was part of failed.
type Op struct{ op *write.Op }

// Ops makes the writes of one repository for [DB.Batch] and [DB.Transact]. What
// each does, and what it sets in the caller's item once all have succeeded, is
// what the method of [Repo] of the same name does.
type Ops[T any] struct{ of *write.Writer }

// Ops returns what makes writes for batches and transactions.
func (r *Repo[T]) Ops() Ops[T] { return Ops[T]{r.writes()} }

// Ops returns what makes writes under the writer's conditions, for
// transactions: a batch has no conditions.
func (w Writer[T]) Ops() Ops[T] { return Ops[T](w) }

// Create is the creation of item, which must not be there.
func (o Ops[T]) Create(item *T) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Create, Item: reflect.ValueOf(item)})}
}

// Put stores item whatever was there.
func (o Ops[T]) Put(item *T) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Put, Item: reflect.ValueOf(item)})}
}

// Save stores item, guarded by its version.
func (o Ops[T]) Save(item *T) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Save, Item: reflect.ValueOf(item)})}
}

// SaveChanges stores what differs between before and item, guarded by the
// version. If nothing does, the guard alone is checked.
func (o Ops[T]) SaveChanges(before, item *T) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.SaveChanges, Before: reflect.ValueOf(before), Item: reflect.ValueOf(item)})}
}

// Update makes changes to the item with the key, which must be there.
func (o Ops[T]) Update(k key.Value, changes ...cond.Change[T]) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Update, Key: k, Edits: edits(changes)})}
}

// Upsert makes changes to the item with the key, and the item if there is none.
func (o Ops[T]) Upsert(k key.Value, changes ...cond.Change[T]) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Upsert, Key: k, Edits: edits(changes)})}
}

// Touch sets the update time and the named attributes of the item with the key,
// which must be there.
func (o Ops[T]) Touch(k key.Value, times ...cond.Attr[T, time.Time]) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Touch, Key: k, Times: setting(times)})}
}

// Delete removes the item with the key.
func (o Ops[T]) Delete(k key.Value) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Delete, Key: k})}
}

// Destroy removes item, guarded by its version.
func (o Ops[T]) Destroy(item *T) Op {
	return Op{o.of.Ordered(write.Order{Verb: life.Destroy, Item: reflect.ValueOf(item)})}
}

// Check writes nothing: the item with the key must be there, and conds and the
// writer's conditions must hold for it.
func (o Ops[T]) Check(k key.Value, conds ...cond.Cond[T]) Op {
	return Op{o.of.Under(nodes(conds)).Ordered(write.Order{Verb: life.Check, Key: k})}
}

// made returns operations as they are sent.
func made(ops []Op) []*write.Op {
	all := make([]*write.Op, len(ops))
	for i, o := range ops {
		all[i] = o.op
	}
	return all
}
