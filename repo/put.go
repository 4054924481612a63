package repo

import (
	"context"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Create stores item, which must not be there: in one PutItem request, guarded
// by "no such key" (rule F1). There is one: [ErrExists]. The version, if the
// model has a lock, is 1 then, and both timestamps are now, but a creation time
// that the caller has set is kept. A key that can't be stored is [ErrInvalid]
// and key.ErrKey before any request; a unique value that is taken is [ErrUnique].
// A model with unique values sends what [Unique] says.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (r *Repo[T]) Create(ctx context.Context, item *T) error {
	return Writer[T]{r.writer}.Create(ctx, item)
}

// Put stores item whatever was there, in one unconditional PutItem request. If
// the model has a lock, the version rises by 1 unchecked; timestamps are set as
// by [Repo.Create]. Errors are those of Create but ErrExists. A model with unique
// values sends what [Unique] says.
func (r *Repo[T]) Put(ctx context.Context, item *T) error {
	return Writer[T]{r.writer}.Put(ctx, item)
}

// Save stores an item that was loaded, in one PutItem request guarded by its
// version, which rises by 1 (rule G1). The stored item is of another version
// or gone: the error is lock.ErrStale and the store is unchanged (rules G2,
// G3). An item of version 0 was never stored under the lock and must not be
// there with a version. Without a lock Save is [Repo.Put], but never sets the
// creation time. Errors are those of Create but ErrExists. A model with unique
// values sends what [Unique] says.
func (r *Repo[T]) Save(ctx context.Context, item *T) error {
	return Writer[T]{r.writer}.Save(ctx, item)
}

// put builds the write of Create, Put and Save.
func (w *writer) put(ctx context.Context, op string, into reflect.Value, bulk bool) (*write, error) {
	if into.IsNil() {
		return nil, w.schema.refuse(op, errNilItem)
	}
	conds, err := w.conditions()
	if err != nil {
		return nil, w.schema.refuse(op, err)
	}
	s, callers, err := w.schema.of(into.Elem())
	if err != nil {
		return nil, w.schema.refuse(op, err)
	}
	v, err := w.next(ctx, s, op, callers, bulk)
	if err != nil {
		return nil, err
	}
	one := &write{
		schema: s, op: op, put: true, value: v, callers: callers, mine: into.Interface(), end: s.endOf(v),
		loaded: s.raise(op, v), blind: w.overwrite, bulk: bulk, failure: (*write).unsaved,
	}
	direct := w.db.direct
	if direct {
		one.json, direct = s.appendItem(v)
	}
	if !direct {
		if err := one.standard(); err != nil {
			return nil, s.refuse(op, err)
		}
		s.show(v, one.item)
	}
	switch {
	case op == "Create":
		one.guard = append(one.guard, s.absent)
	case op == "Save" && s.version != nil && !w.overwrite:
		one.lock()
	}
	marks, err := s.putMarks(v, op == "Create" || one.locked && one.loaded == 0)
	if err != nil {
		return nil, s.refuse(op, err)
	}
	if one.mark(marks); marks != nil && len(one.guard) > 0 {
		marks.decided = func(stored item) bool {
			return op == "Create" && stored != nil || one.isStale(stored)
		}
	}
	one.also(conds)
	return one, nil
}

// unsaved is what it means that the condition of a put failed.
func (w *write) unsaved(stored item, cause error) error {
	if w.op == "Create" && (stored != nil || !w.asked) {
		return because(ErrExists, cause)
	}
	return w.staleOrFailed(stored, cause)
}

// next returns a copy of the caller's item that is stamped and valid: the
// caller's changes only once the write has succeeded.
func (w *writer) next(ctx context.Context, s *schema, op string, callers reflect.Value, bulk bool) (reflect.Value, error) {
	next := reflect.New(callers.Type())
	v := next.Elem()
	v.Set(callers)
	s.detach(v)
	s.stamp(op, v, w.db.cfg.now())
	err := s.sign(v)
	if err == nil && !bulk {
		if err := s.hooks.before(ctx, op, next.Interface(), w.unchecked); err != nil {
			return v, s.fail(op, "", nil, err)
		}
		err = s.sign(v) // a callback may have changed it
	}
	if err != nil {
		err = s.refuse(op, err)
	}
	return v, err
}

// encode returns all the attributes that an item is stored as.
func (s *schema) encode(v reflect.Value) (item, error) {
	attrs, err := s.codec.Encode(v)
	if err == nil {
		err = s.compose(s.signed(attrs))
	}
	return attrs, err
}

// lock guards the write by the version that its item was loaded with.
func (w *write) lock() {
	w.guard, w.locked, w.tell = append(w.guard, w.schema.spec.Lock.Guard(w.loaded)), true, true
}

// staleOrFailed tells a stale item from a condition of the caller's that does
// not hold.
func (w *write) staleOrFailed(stored item, cause error) error {
	if w.locked && !w.asked || w.isStale(stored) {
		return w.stale(stored, cause)
	}
	return &ConditionError{Stored: stored, Err: cause}
}

// isStale reports whether the lock keeps the write from what is stored.
func (w *write) isStale(stored item) bool {
	return w.locked && w.schema.storedVersion(stored) != w.loaded
}

func (w *write) stale(stored item, cause error) error {
	s := w.schema
	return s.spec.Lock.Stale(s.table, w.loaded, stored, cause)
}

// storedVersion returns the version of a stored item, 0 if it has none.
func (s *schema) storedVersion(stored item) int64 {
	av, ok := stored[s.version.Name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, _ := strconv.ParseInt(av.Value, 10, 64)
	return n
}

// raise sets the next version and returns the one the item was loaded with.
func (s *schema) raise(op string, v reflect.Value) (loaded int64) {
	if s.version == nil {
		return 0
	}
	f := s.version.Alloc(v)
	if op != "Create" {
		loaded = f.Convert(int64Type).Int()
	}
	f.Set(reflect.ValueOf(s.spec.Lock.Next(loaded)).Convert(f.Type()))
	return loaded
}

// show sets the fields that hold composite attributes, if T has any.
func (s *schema) show(v reflect.Value, attrs item) {
	for _, c := range s.composites {
		f := s.plan.Field(c.Name())
		av, ok := attrs[c.Name()].(*types.AttributeValueMemberS)
		if f == nil || !ok {
			continue
		}
		if fv := f.Alloc(v); fv.Kind() == reflect.String {
			fv.SetString(av.Value)
		}
	}
}
