package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/key"
)

// Delete removes the item with the key, in one unconditional DeleteItem
// request, and is quiet if there is none (rule F4). A key that is none is
// [ErrInvalid] and key.ErrKey before any request. A model with unique values
// sends what [Unique] says.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (r *Repo[T]) Delete(ctx context.Context, k key.Value) error {
	return Writer[T]{r.writer}.Delete(ctx, k)
}

// Destroy removes an item that was loaded, in one DeleteItem request. If the
// model has a lock, the request is guarded by the item's version: the stored
// item is of another version or gone: the error is lock.ErrStale and the store
// is unchanged (rule G2). Without a lock it is quiet if there is none. item
// itself is left as it is. A model with unique values sends what [Unique] says.
func (r *Repo[T]) Destroy(ctx context.Context, item *T) error {
	return Writer[T]{r.writer}.Destroy(ctx, item)
}

// delete builds the write of Delete.
func (w *writer) delete(k key.Value) (*write, error) {
	s := w.schema
	attrs, err := s.keyOf(k)
	one := &write{schema: s, op: "Delete", key: attrs, tell: s.isView(), failure: (*write).undeleted}
	if s.isView() {
		one.guard = append(one.guard, expression.Or(s.absent, s.kind.guard))
	}
	one.mark(s.newMarks(attrs))
	if err == nil {
		err = w.guarded(one)
	}
	if err != nil {
		return nil, s.refuse("Delete", err)
	}
	return one, nil
}

// undeleted is what it means that the condition of a delete failed.
func (w *write) undeleted(stored item, cause error) error {
	if stored != nil && w.schema.foreign(stored) {
		return because(ErrNotFound, cause)
	}
	return &ConditionError{Stored: stored, Err: cause}
}

// destroy builds the write of Destroy.
func (w *writer) destroy(ctx context.Context, item reflect.Value, bulk bool) (*write, error) {
	if item.IsNil() {
		return nil, w.schema.refuse("Destroy", errNilItem)
	}
	s, v, err := w.schema.of(item.Elem())
	if err != nil {
		return nil, w.schema.refuse("Destroy", err)
	}
	if !bulk {
		if err := s.hooks.run(ctx, v.Addr().Interface(), BeforeDelete); err != nil {
			return nil, s.fail("Destroy", "", nil, err)
		}
	}
	attrs, err := s.itemAttrs(v, s.keyAttrs)
	one := &write{schema: s, op: "Destroy", key: attrs, callers: v, bulk: bulk, failure: (*write).staleOrFailed}
	if s.version != nil && !w.overwrite {
		if f, ok := s.version.Value(v); ok {
			one.loaded = f.Convert(int64Type).Int()
		}
		one.lock()
	}
	if err == nil {
		err = w.guarded(one)
	}
	if err != nil {
		return nil, s.refuse("Destroy", err)
	}
	if marks := s.newMarks(attrs); marks != nil {
		values, err := s.values(v)
		if err != nil {
			return nil, s.refuse("Destroy", err)
		}
		marks.assume(values)
		marks.decided = one.isStale
		one.mark(marks)
	}
	return one, nil
}

// check builds the write that changes nothing: the item must be there and the
// writer's conditions hold.
func (w *writer) check(k key.Value) (*write, error) {
	s := w.schema
	attrs, err := s.keyOf(k)
	one := &write{schema: s, op: "Check", key: attrs, check: true}
	one.present()
	if err == nil {
		err = w.guarded(one)
	}
	if err != nil {
		return nil, s.refuse("Check", err)
	}
	return one, nil
}
