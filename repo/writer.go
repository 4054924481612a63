package repo

import (
	"context"
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// A Writer is how an item is to be written: a condition, or a lock to be
// overridden. It is a value: every method returns a new one.
type Writer[T any] struct{ of *write.Writer }

// If makes a write conditional on the stored item, beside what the write is
// guarded by itself (rule F3). A condition that fails is [ErrConditionFailed],
// a [*ConditionError] that carries the stored item. Where the write's own guard
// fails, its error is returned instead.
func (r *Repo[T]) If(conds ...cond.Cond[T]) Writer[T] { return Writer[T]{r.writes()}.If(conds...) }

// Overwrite makes Save and Destroy override the lock on purpose: the version
// still rises from the caller's, but is not checked, so that it may meet the one
// that another holder has loaded. Put and Delete check no version anyway, and a
// batch wants it for a Put of a model with a lock. What has no lock to override
// (Create, Update, Upsert, Touch, Check) refuses it as [ErrInvalid].
func (r *Repo[T]) Overwrite() Writer[T] { return Writer[T]{r.writes().Overwriting()} }

// If adds conditions; see [Repo.If].
func (w Writer[T]) If(conds ...cond.Cond[T]) Writer[T] { return Writer[T]{w.of.Under(nodes(conds))} }

// Overwrite overrides the lock; see [Repo.Overwrite].
func (w Writer[T]) Overwrite() Writer[T] { return Writer[T]{w.of.Overwriting()} }

// SkipValidation writes an item without validating it; the other callbacks run.
func (r *Repo[T]) SkipValidation() Writer[T] { return Writer[T]{r.writes().Unchecking()} }

// SkipValidation skips the validation; see [Repo.SkipValidation].
func (w Writer[T]) SkipValidation() Writer[T] { return Writer[T]{w.of.Unchecking()} }

// Create is [Repo.Create] under the writer's conditions, which see no item.
func (w Writer[T]) Create(ctx context.Context, item *T) error {
	return w.do(ctx, write.Order{Verb: life.Create, Item: reflect.ValueOf(item)})
}

// Put is [Repo.Put] under the writer's conditions.
func (w Writer[T]) Put(ctx context.Context, item *T) error {
	return w.do(ctx, write.Order{Verb: life.Put, Item: reflect.ValueOf(item)})
}

// Save is [Repo.Save] under the writer's conditions.
func (w Writer[T]) Save(ctx context.Context, item *T) error {
	return w.do(ctx, write.Order{Verb: life.Save, Item: reflect.ValueOf(item)})
}

// Destroy is [Repo.Destroy] under the writer's conditions.
func (w Writer[T]) Destroy(ctx context.Context, item *T) error {
	return w.do(ctx, write.Order{Verb: life.Destroy, Item: reflect.ValueOf(item)})
}

// Delete is [Repo.Delete] under the writer's conditions.
func (w Writer[T]) Delete(ctx context.Context, k key.Value) error {
	return w.do(ctx, write.Order{Verb: life.Delete, Key: k})
}

// nodes returns conditions without their owner.
func nodes[T any](conds []cond.Cond[T]) []*expr.Node {
	all := make([]*expr.Node, len(conds))
	for i, c := range conds {
		all[i] = c.Node()
	}
	return all
}

var errZeroWriter = errors.New("the zero Writer writes nothing: a repository makes writers")

// ready refuses the zero Writer.
func (w Writer[T]) ready(verb life.Verb) error {
	if w.of.Table() != nil {
		return nil
	}
	return &Error{Op: verb.String(), Table: noRepository, Err: fault.Because(ErrInvalid, errZeroWriter)}
}

// do makes the write of an order and sends it.
func (w Writer[T]) do(ctx context.Context, o write.Order) error {
	if err := w.ready(o.Verb); err != nil {
		return err
	}
	return w.of.Do(ctx, o)
}

// change makes the update of an order, sends it and returns what the writer
// chose.
func (w Writer[T]) change(ctx context.Context, o write.Order) (T, error) {
	var returned T
	err := w.ready(o.Verb)
	if err == nil {
		err = w.of.Change(ctx, o, reflect.ValueOf(&returned).Elem())
	}
	return returned, err
}
