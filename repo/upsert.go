package repo

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// Upsert is [Repo.Update] of an item that need not be there: it is the one
// write by key that may bring one into being (rule F1), in the same single
// UpdateItem request. It does not return [ErrNotFound].
//
// An item that it makes has what the changes set, the fields of its key, the
// composite keys that follow from both, both timestamps, version 1, the end
// that Spec.TTL gives and the defaults. These fill in what the item lacks, so
// of an item that was there before an attribute that is missing is filled in
// too. What would be part of an index's composite key is not: that index gets
// the item with its first write that sets all parts. No callbacks run and
// nothing is validated. Through a repository of several types, of which none is
// told, it is [ErrInvalid]; an item of a type that a view does not see is
// [ErrExists].
func (r *Repo[T]) Upsert(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	return Writer[T]{r.writer}.Upsert(ctx, k, changes...)
}

// Upsert is [Repo.Upsert] under the writer's conditions, which an item that is
// not there must meet too.
func (w Writer[T]) Upsert(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	var returned T
	err := w.of.change(ctx, order{op: "Upsert", key: k, edits: edits(changes)}, reflect.ValueOf(&returned).Elem())
	return returned, err
}

// upsert builds the write of Upsert.
func (w *writer) upsert(k key.Value, edits []*cond.Edit) (*write, error) {
	s := w.schema
	attrs, keyErr := s.keyOf(k)
	of := updated{known: s.keyFieldsOf(k), creates: true}
	one := &write{schema: s, op: "Upsert", key: attrs, tell: s.isView(), failure: (*write).kindOrFailed}
	err := one.change(edits, of, w.db.cfg.now())
	if s.kind != nil && s.kind.name == "" {
		err = errors.Join(err, errKindless)
	}
	if s.isView() {
		one.guard = append(one.guard, expression.Or(s.absent, s.kind.guard))
	}
	if err := errors.Join(keyErr, err, w.guarded(one)); err != nil {
		return nil, s.refuse(one.op, err)
	}
	return one, nil
}

// kindOrFailed tells an item of a type that a view does not see from a condition
// of the caller's that does not hold.
func (w *write) kindOrFailed(stored item, cause error) error {
	if stored != nil && w.schema.foreign(stored) {
		return because(ErrExists, cause)
	}
	return &ConditionError{Stored: stored, Err: cause}
}

var errKindless = errors.New("which type of item to make is not told: upsert through a repository of it")

// creation returns the edits that give an item, if there is none, what Create
// would have given it beside what edits change.
func (s *schema) creation(edits []*cond.Edit, known item, now time.Time) []*cond.Edit {
	var all []*cond.Edit
	fill := func(e *cond.Edit) {
		name := e.Path.Attribute()
		if !changes(edits, name) && !s.inTableKey(name) && !s.inComposite(name) &&
			!isNull(e.Value) && (!isEmpty(e.Value) || !slices.Contains(s.sparse, name)) {
			all = append(all, e)
		}
	}
	if s.created != nil {
		fill(setField(cond.EditSetIfMissing, s.created, now))
	}
	if s.ends != nil && s.spec.TTL.After > 0 {
		fill(setField(cond.EditSetIfMissing, s.ends, s.end(now).Interface()))
	}
	for i, f := range s.defaulted {
		fill(setField(cond.EditSetIfMissing, f, s.spec.Defaults[i].make().Interface()))
	}
	if s.kind != nil && !s.inTableKey(s.kind.attr) {
		all = append(all, &cond.Edit{Op: cond.EditSetIfMissing, Path: cond.Path{{Name: s.kind.attr}}, Value: &types.AttributeValueMemberS{Value: s.kind.name}})
	}
	for _, a := range s.keyAttrs {
		if !a.IsComposite() {
			continue // it is in the request's key
		}
		for _, name := range partNames(a) {
			all = append(all, &cond.Edit{Op: cond.EditSetIfMissing, Path: cond.Path{{Name: name}}, Value: known[name]})
		}
	}
	return all
}
