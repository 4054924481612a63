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
	return Writer[T]{repo: r}.Delete(ctx, k)
}

// Destroy removes an item that was loaded, in one DeleteItem request. If the
// model has a lock, the request is guarded by the item's version: the stored
// item is of another version or gone: the error is lock.ErrStale and the store
// is unchanged (rule G2). Without a lock it is quiet if there is none. item
// itself is left as it is. A model with unique values sends what [Unique] says.
func (r *Repo[T]) Destroy(ctx context.Context, item *T) error {
	return Writer[T]{repo: r}.Destroy(ctx, item)
}

func (w Writer[T]) delete(k key.Value) (*write, error) {
	s := w.repo.schema
	attrs, err := s.keyOf(k)
	one := &write{schema: s, op: "Delete", key: attrs, tell: s.isView()}
	if s.isView() {
		one.guard = append(one.guard, expression.Or(s.absent(), s.kind.guard))
	}
	one.mark(s.newMarks(attrs))
	if err == nil {
		err = w.condition(one)
	}
	if err != nil {
		return nil, s.refuse("Delete", err)
	}
	one.refused = func(stored item, cause error) error {
		if stored != nil {
			return s.missingOrFailed(stored, cause)
		}
		return conditionFailed(nil, cause)
	}
	return one, nil
}

func (w Writer[T]) destroy(ctx context.Context, loadedItem *T) (*write, error) {
	s := w.repo.schema
	if loadedItem == nil {
		return nil, s.refuse("Destroy", errNilItem)
	}
	s, v, err := s.of(reflect.ValueOf(loadedItem).Elem())
	if err != nil {
		return nil, w.repo.schema.refuse("Destroy", err)
	}
	if !w.bulk {
		if err := s.hooks.run(ctx, v.Addr().Interface(), BeforeDelete); err != nil {
			return nil, s.fail("Destroy", "", nil, err)
		}
	}
	attrs, err := s.itemAttrs(v, s.keyAttrs)
	one := &write{schema: s, op: "Destroy", key: attrs}
	var loaded int64
	if s.version != nil && !w.overwrite {
		if f, ok := s.version.Value(v); ok {
			loaded = f.Convert(int64Type).Int()
		}
		one.guard, one.tell = append(one.guard, s.spec.Lock.Guard(loaded)), true
	}
	if err == nil {
		err = w.condition(one)
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
		marks.decided = func(stored item) bool {
			return s.version != nil && !w.overwrite && s.storedVersion(stored) != loaded
		}
		one.mark(marks)
	}
	one.refused = func(stored item, cause error) error { return w.failed(s, "Destroy", loaded, stored, cause) }
	if !w.bulk {
		one.done = func(ctx context.Context, _ item) error { return s.hooks.run(ctx, v.Addr().Interface(), AfterDelete) }
	}
	return one, nil
}

// check builds the write that changes nothing: the item must be there and the
// writer's conditions hold.
func (w Writer[T]) check(k key.Value) (*write, error) {
	s := w.repo.schema
	attrs, err := s.keyOf(k)
	one := &write{schema: s, op: "Check", key: attrs, check: true, guard: []expression.ConditionBuilder{s.present()}}
	if err == nil {
		err = w.condition(one)
	}
	if err != nil {
		return nil, s.refuse("Check", err)
	}
	one.refused, one.tell = s.missingOrFailed, one.tell || s.isView()
	return one, nil
}

// conditionFailed is what it means that a condition of the caller's failed.
func conditionFailed(stored item, cause error) error {
	return &ConditionError{Stored: stored, Err: cause}
}
