package repo

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

const opSaveChanges = "SaveChanges"

// SaveChanges stores what differs between before, an item as it was loaded, and
// item, a changed copy of it, in one UpdateItem request. It sets the attributes
// whose stored form differs, each as a whole, nested ones too, removes those
// that are gone, and makes the composite keys of indexes anew. Attributes that
// the type does not have stay, unlike with [Repo.Save]. Nothing differs but the
// update time: no request, and item stays as it is. What was changed in place,
// in a map, a slice or behind a pointer that both items share, does not differ.
//
// Like Save it runs callbacks and validation, sets the update time, and is
// guarded by the version, which rises by 1: the stored item is of another
// version or gone: lock.ErrStale. Without a lock the item must only be there,
// else [ErrNotFound] (rule F1); [Repo.IfUnchanged] with before guards more.
// Refused as [ErrInvalid] before any request are two items of different keys or
// versions, and differences of more attributes than an expression has room for.
func (r *Repo[T]) SaveChanges(ctx context.Context, before, item *T) error {
	return Writer[T]{repo: r}.SaveChanges(ctx, before, item)
}

// SaveChanges is [Repo.SaveChanges] under the writer's conditions, which are not
// looked at if nothing differs.
func (w Writer[T]) SaveChanges(ctx context.Context, before, item *T) error {
	return w.send(ctx)(w.saveChanges(ctx, before, item))
}

// saveChanges builds the write of SaveChanges: a check if nothing differs.
func (w Writer[T]) saveChanges(ctx context.Context, before, into *T) (*write, error) {
	if before == nil || into == nil {
		return nil, w.repo.schema.refuse(opSaveChanges, errNilItem)
	}
	s, callers, err := w.repo.schema.of(reflect.ValueOf(into).Elem())
	_, old, oldErr := w.repo.schema.of(reflect.ValueOf(before).Elem())
	if err = errors.Join(err, oldErr); err == nil && old.Type() != callers.Type() {
		err = errTwoTypes
	}
	if err != nil {
		return nil, w.repo.schema.refuse(opSaveChanges, err)
	}
	v, err := w.next(ctx, s, opSaveChanges, callers)
	if err != nil {
		return nil, err
	}
	loaded := s.raise(opSaveChanges, v)
	from, err := s.encode(old)
	to, toErr := s.encode(v)
	if err = errors.Join(err, toErr); err == nil && s.version != nil && s.storedVersion(from) != loaded {
		err = errTwoVersions
	}
	if err != nil {
		return nil, s.refuse(opSaveChanges, err)
	}
	edits, differs := s.diff(from, to)
	one := &write{schema: s, op: opSaveChanges, key: item{}, mine: into, end: s.endOf(v), guard: []expression.ConditionBuilder{s.present()}, tell: s.isView()}
	for _, a := range s.keyAttrs {
		if one.key[a.Name()] = to[a.Name()]; changes(edits, a.Name()) {
			err = errors.Join(err, &key.Error{Attr: a.Name(), Rule: "a key can't change"})
		}
	}
	if one.check = !differs; differs {
		update, updateErr := cond.Compile(edits)
		one.update, one.returns = &update, types.ReturnValueNone
		m, uniqueErr := s.updateMarks(one.key, edits, updated{})
		if one.mark(m); m != nil {
			m.assume(m.only(from))
			m.decided = func(stored item) bool {
				return stored == nil || s.version != nil && !w.overwrite && s.storedVersion(stored) != loaded
			}
		}
		err = errors.Join(err, updateErr, uniqueErr)
		one.done = func(ctx context.Context, _ item) error {
			s.show(v, to)
			callers.Set(v)
			return s.hooks.after(ctx, opSaveChanges, callers.Addr().Interface())
		}
	}
	locked := s.version != nil && !w.overwrite
	if locked {
		one.guard = append(one.guard, s.spec.Lock.Guard(loaded))
	}
	if err = errors.Join(err, w.condition(one)); err != nil {
		return nil, s.refuse(opSaveChanges, err)
	}
	one.refused = func(stored item, cause error) error {
		switch {
		case !locked:
			return s.missingOrFailed(stored, cause)
		case stored == nil:
			return s.spec.Lock.Stale(s.table, loaded, nil, cause)
		}
		return w.failed(s, opSaveChanges, loaded, stored, cause)
	}
	return one, nil
}

var (
	errTwoTypes    = errors.New("the two items are of different types")
	errTwoVersions = errors.New("the two items are of different versions")
)

// diff returns the edits that make one stored form the other, and whether they
// are about more than the version and the update time.
func (s *schema) diff(from, to item) (edits []*cond.Edit, differs bool) {
	edit := func(op cond.EditOp, name string) {
		e := &cond.Edit{Op: op, Path: cond.Path{{Name: name}}, Value: to[name]}
		if strings.ContainsAny(name, "[]") {
			e.Err = &cond.AttrError{Attr: name, Rule: "a name with brackets can't be in an expression: use Save"}
		}
		edits = append(edits, e)
		own := s.version != nil && s.version.Name == name || s.updated != nil && s.updated.Name == name
		differs = differs || !own
	}
	for _, name := range slices.Sorted(maps.Keys(to)) {
		if !sameStored(from[name], to[name]) {
			edit(cond.EditSet, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if to[name] == nil {
			edit(cond.EditRemove, name)
		}
	}
	return edits, differs
}

// sameStored reports whether two values are stored alike: sets have no order.
func sameStored(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberSS:
		b, ok := b.(*types.AttributeValueMemberSS)
		return ok && slices.Equal(slices.Sorted(slices.Values(a.Value)), slices.Sorted(slices.Values(b.Value)))
	case *types.AttributeValueMemberNS:
		b, ok := b.(*types.AttributeValueMemberNS)
		return ok && slices.Equal(slices.Sorted(slices.Values(a.Value)), slices.Sorted(slices.Values(b.Value)))
	case *types.AttributeValueMemberL:
		b, ok := b.(*types.AttributeValueMemberL)
		return ok && slices.EqualFunc(a.Value, b.Value, sameStored)
	case *types.AttributeValueMemberM:
		b, ok := b.(*types.AttributeValueMemberM)
		return ok && maps.EqualFunc(a.Value, b.Value, sameStored)
	}
	return reflect.DeepEqual(a, b)
}
