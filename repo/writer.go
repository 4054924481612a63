package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// A Writer is how an item is to be written: a condition, or a lock to be
// overridden. It is a value: every method returns a new one.
type Writer[T any] struct{ of *writer }

// writer is a Writer apart from T. It never changes: its methods return
// another, and hold the code that Writer would have once for each T.
type writer struct {
	db        *DB
	schema    *schema
	conds     []*cond.Node
	overwrite bool
	loaded    reflect.Value // what the stored item must be as, a *T; the zero Value for whatever it is
	units     *float64
	unchecked bool // without validation
	returns   Returns
}

// clone returns a copy to change.
//
//go:noinline // or every option of Writer[T] holds a copy of it
func (w *writer) clone() *writer {
	if w == nil { // of the zero Writer
		return &writer{}
	}
	c := *w
	return &c
}

// If makes a write conditional on the stored item, beside what the write is
// guarded by itself (rule F3). A condition that fails is [ErrConditionFailed],
// a [*ConditionError] that carries the stored item. Where the write's own guard
// fails, its error is returned instead.
func (r *Repo[T]) If(conds ...cond.Cond[T]) Writer[T] { return Writer[T]{r.writer}.If(conds...) }

// Overwrite makes Save and Destroy override the lock on purpose: the version
// still rises from the caller's, but is not checked, so that it may meet the one
// that another holder has loaded.
func (r *Repo[T]) Overwrite() Writer[T] { return Writer[T]{r.writer.overwriting()} }

// If adds conditions; see [Repo.If].
func (w Writer[T]) If(conds ...cond.Cond[T]) Writer[T] { return Writer[T]{w.of.under(nodes(conds))} }

// Overwrite overrides the lock; see [Repo.Overwrite].
func (w Writer[T]) Overwrite() Writer[T] { return Writer[T]{w.of.overwriting()} }

// Consumed adds to units the write capacity units that each write of the writer
// takes; one that fails, and one of a batch or a transaction, adds none. Writes
// must then not be made at once.
func (w Writer[T]) Consumed(units *float64) Writer[T] { return Writer[T]{w.of.counting(units)} }

// SkipValidation writes an item without validating it; the other callbacks run.
func (r *Repo[T]) SkipValidation() Writer[T] { return Writer[T]{r.writer.unchecking()} }

// SkipValidation skips the validation; see [Repo.SkipValidation].
func (w Writer[T]) SkipValidation() Writer[T] { return Writer[T]{w.of.unchecking()} }

// Create is [Repo.Create] under the writer's conditions, which see no item.
func (w Writer[T]) Create(ctx context.Context, item *T) error {
	return w.of.do(ctx, order{op: "Create", item: reflect.ValueOf(item)})
}

// Put is [Repo.Put] under the writer's conditions.
func (w Writer[T]) Put(ctx context.Context, item *T) error {
	return w.of.do(ctx, order{op: "Put", item: reflect.ValueOf(item)})
}

// Save is [Repo.Save] under the writer's conditions.
func (w Writer[T]) Save(ctx context.Context, item *T) error {
	return w.of.do(ctx, order{op: "Save", item: reflect.ValueOf(item)})
}

// Destroy is [Repo.Destroy] under the writer's conditions.
func (w Writer[T]) Destroy(ctx context.Context, item *T) error {
	return w.of.do(ctx, order{op: "Destroy", item: reflect.ValueOf(item)})
}

// Delete is [Repo.Delete] under the writer's conditions.
func (w Writer[T]) Delete(ctx context.Context, k key.Value) error {
	return w.of.do(ctx, order{op: "Delete", key: k})
}

// nodes returns conditions without their owner.
func nodes[T any](conds []cond.Cond[T]) []*cond.Node {
	all := make([]*cond.Node, len(conds))
	for i, c := range conds {
		all[i] = c.Node()
	}
	return all
}

func (w *writer) under(conds []*cond.Node) *writer {
	w = w.clone()
	w.conds = append(slices.Clip(w.conds), conds...)
	return w
}

func (w *writer) overwriting() *writer {
	w = w.clone()
	w.overwrite = true
	return w
}

func (w *writer) counting(units *float64) *writer {
	w = w.clone()
	w.units = units
	return w
}

func (w *writer) unchecking() *writer {
	w = w.clone()
	w.unchecked = true
	return w
}

func (w *writer) returning(what Returns) *writer {
	w = w.clone()
	w.returns = what
	return w
}

func (w *writer) unchanged(item reflect.Value) *writer {
	w = w.clone()
	w.loaded = item
	return w
}

var errZeroWriter = errors.New("the zero Writer writes nothing: a repository makes writers")

// An order is a write that is asked for: of an item, or of the item with a key.
type order struct {
	op     string        // the method that is asked
	item   reflect.Value // a *T
	before reflect.Value // of SaveChanges, a *T
	key    key.Value
	edits  []*cond.Edit
	times  func(now time.Time) []*cond.Edit // of Touch
}

// build makes the write of an order. bulk says that it is part of a batch,
// which runs no callbacks.
func (w *writer) build(ctx context.Context, o *order, bulk bool) (*write, error) {
	if w == nil || w.schema == nil {
		return nil, &Error{Op: o.op, Table: "of no repository", Err: because(ErrInvalid, errZeroWriter)}
	}
	switch o.op {
	case "SaveChanges":
		return w.saveChanges(ctx, o.before, o.item, bulk)
	case "Destroy":
		return w.destroy(ctx, o.item, bulk)
	case "Delete":
		return w.delete(o.key)
	case "Check":
		return w.check(o.key)
	case "Upsert":
		return w.upsert(o.key, o.edits)
	case "Touch":
		return w.touch(o.key, o.times)
	case "Update", "Increment":
		return w.update(o.op, o.key, o.edits)
	default:
		return w.put(ctx, o.op, o.item, bulk)
	}
}

// do makes the write of an order and sends it.
func (w *writer) do(ctx context.Context, o order) error {
	one, err := w.build(ctx, &o, false)
	if err != nil || one.check { // a check alone is nothing to send
		return err
	}
	_, err = w.send(ctx, one)
	return err
}

// send sends a write and returns the item as an update leaves it.
func (w *writer) send(ctx context.Context, one *write) (returned item, err error) {
	one.tally = w.units
	return one.send(ctx, w.db.client)
}

// guarded adds the writer's conditions to a write.
func (w *writer) guarded(one *write) error {
	conds, err := w.conditions()
	one.also(conds)
	return err
}

// also adds conditions of the caller's to a write.
func (w *write) also(conds []expression.ConditionBuilder) {
	if len(conds) > 0 {
		w.guard, w.asked, w.tell = append(w.guard, conds...), true, true
	}
}

// conditions compiles the writer's conditions.
func (w *writer) conditions() ([]expression.ConditionBuilder, error) {
	conds, err := w.schema.conditions(w.conds)
	if err != nil || !w.loaded.IsValid() || w.loaded.IsNil() {
		return conds, err
	}
	unchanged, err := w.schema.unchanged(w.loaded.Elem())
	return append(conds, unchanged...), err
}

// conditions compiles conditions and checks that the model has what they name.
func (s *schema) conditions(nodes []*cond.Node) ([]expression.ConditionBuilder, error) {
	if len(nodes) == 0 {
		return nil, nil
	}
	_, nodes, err := s.terms(&querySpec{conds: nodes})
	if err != nil {
		return nil, err
	}
	all := make([]expression.ConditionBuilder, len(nodes))
	for i, n := range nodes {
		if all[i], err = n.Compile(); err != nil {
			return nil, err
		}
	}
	return all, nil
}
