package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// A Writer is how an item is to be written: a condition, or a lock to be
// overridden. It is a value: every method returns a new one.
type Writer[T any] struct {
	repo      *Repo[T]
	conds     []*cond.Node
	overwrite bool
	loaded    *T // what the stored item must be as; nil for whatever it is
	units     *float64
	unchecked bool // without validation
	returns   Returns
	bulk      bool // part of a batch, without callbacks
}

// If makes a write conditional on the stored item, beside what the write is
// guarded by itself (rule F3). A condition that fails is [ErrConditionFailed],
// a [*ConditionError] that carries the stored item. Where the write's own guard
// fails, its error is returned instead.
func (r *Repo[T]) If(conds ...cond.Cond[T]) Writer[T] { return Writer[T]{repo: r}.If(conds...) }

// Overwrite makes Save and Destroy override the lock on purpose: the version
// still rises from the caller's, but is not checked, so that it may meet the one
// that another holder has loaded.
func (r *Repo[T]) Overwrite() Writer[T] { return Writer[T]{repo: r}.Overwrite() }

// If adds conditions; see [Repo.If].
func (w Writer[T]) If(conds ...cond.Cond[T]) Writer[T] {
	w.conds = append([]*cond.Node(nil), w.conds...)
	for _, c := range conds {
		w.conds = append(w.conds, c.Node())
	}
	return w
}

// Overwrite overrides the lock; see [Repo.Overwrite].
func (w Writer[T]) Overwrite() Writer[T] {
	w.overwrite = true
	return w
}

// Consumed adds to units the write capacity units that each write of the writer
// takes; one that fails, and one of a batch or a transaction, adds none. Writes
// must then not be made at once.
func (w Writer[T]) Consumed(units *float64) Writer[T] {
	w.units = units
	return w
}

// SkipValidation writes an item without validating it; the other callbacks run.
func (r *Repo[T]) SkipValidation() Writer[T] { return Writer[T]{repo: r}.SkipValidation() }

// SkipValidation skips the validation; see [Repo.SkipValidation].
func (w Writer[T]) SkipValidation() Writer[T] {
	w.unchecked = true
	return w
}

// Create is [Repo.Create] under the writer's conditions, which see no item.
func (w Writer[T]) Create(ctx context.Context, item *T) error {
	return w.send(ctx)(w.put(ctx, "Create", item))
}

// Put is [Repo.Put] under the writer's conditions.
func (w Writer[T]) Put(ctx context.Context, item *T) error {
	return w.send(ctx)(w.put(ctx, "Put", item))
}

// Save is [Repo.Save] under the writer's conditions.
func (w Writer[T]) Save(ctx context.Context, item *T) error {
	return w.send(ctx)(w.put(ctx, "Save", item))
}

// Destroy is [Repo.Destroy] under the writer's conditions.
func (w Writer[T]) Destroy(ctx context.Context, item *T) error {
	return w.send(ctx)(w.destroy(ctx, item))
}

// Delete is [Repo.Delete] under the writer's conditions.
func (w Writer[T]) Delete(ctx context.Context, k key.Value) error { return w.send(ctx)(w.delete(k)) }

// send sends what a builder made, unless it failed.
func (w Writer[T]) send(ctx context.Context) func(*write, error) error {
	return func(one *write, err error) error {
		if err != nil || one.check { // a check alone is nothing to send
			return err
		}
		one.tally = w.units
		return one.send(ctx, w.repo.db.client)
	}
}

// condition adds the writer's conditions to a write.
func (w Writer[T]) condition(one *write) error {
	conds, err := w.conditions()
	one.also(conds)
	return err
}

// also adds conditions of the caller's to a write.
func (w *write) also(conds []expression.ConditionBuilder) {
	if len(conds) > 0 {
		w.guard, w.tell = append(w.guard, conds...), true
	}
}

// conditions compiles the writer's conditions.
func (w Writer[T]) conditions() ([]expression.ConditionBuilder, error) {
	conds, err := w.repo.schema.conditions(w.conds)
	if err != nil || w.loaded == nil {
		return conds, err
	}
	unchanged, err := w.repo.schema.unchanged(reflect.ValueOf(w.loaded).Elem())
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
