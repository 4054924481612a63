package repo

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

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
	return Writer[T]{r.writer}.SaveChanges(ctx, before, item)
}

// SaveChanges is [Repo.SaveChanges] under the writer's conditions, which are not
// looked at if nothing differs.
func (w Writer[T]) SaveChanges(ctx context.Context, before, item *T) error {
	return w.of.do(ctx, order{op: opSaveChanges, before: reflect.ValueOf(before), item: reflect.ValueOf(item)})
}

// saveChanges builds the write of SaveChanges: a check if nothing differs.
func (w *writer) saveChanges(ctx context.Context, before, into reflect.Value, bulk bool) (*write, error) {
	if before.IsNil() || into.IsNil() {
		return nil, w.schema.refuse(opSaveChanges, errNilItem)
	}
	s, callers, err := w.schema.of(into.Elem())
	_, old, oldErr := w.schema.of(before.Elem())
	if err = errors.Join(err, oldErr); err == nil && old.Type() != callers.Type() {
		err = errTwoTypes
	}
	if err != nil {
		return nil, w.schema.refuse(opSaveChanges, err)
	}
	v, err := w.next(ctx, s, opSaveChanges, callers, bulk)
	if err != nil {
		return nil, err
	}
	one := &write{
		schema: s, op: opSaveChanges, key: item{}, value: v, callers: callers, mine: into.Interface(), end: s.endOf(v),
		loaded: s.raise(opSaveChanges, v), bulk: bulk,
	}
	from, err := s.encode(old)
	to, toErr := s.encode(v)
	if err = errors.Join(err, toErr); err == nil && s.version != nil && s.storedVersion(from) != one.loaded {
		err = errTwoVersions
	}
	if err != nil {
		return nil, s.refuse(opSaveChanges, err)
	}
	edits, differs := s.diff(from, to)
	for _, a := range s.keyAttrs {
		if one.key[a.Name()] = to[a.Name()]; changes(edits, a.Name()) {
			err = errors.Join(err, &key.Error{Attr: a.Name(), Rule: "a key can't change"})
		}
	}
	if one.present(); s.version != nil && !w.overwrite {
		one.lock()
		one.failure = (*write).goneOrFailed
	}
	if one.check = !differs; differs {
		s.show(v, to)
		update, updateErr := cond.Compile(edits)
		one.update, one.returns = &update, types.ReturnValueNone
		m, uniqueErr := s.updateMarks(one.key, edits, updated{})
		if one.mark(m); m != nil {
			m.assume(m.only(from))
			m.decided = func(stored item) bool { return stored == nil || one.isStale(stored) }
		}
		err = errors.Join(err, updateErr, uniqueErr)
	}
	if err = errors.Join(err, w.guarded(one)); err != nil {
		return nil, s.refuse(opSaveChanges, err)
	}
	return one, nil
}

// goneOrFailed is staleOrFailed of an item that must be there.
func (w *write) goneOrFailed(stored item, cause error) error {
	if stored == nil {
		return w.stale(nil, cause)
	}
	return w.staleOrFailed(stored, cause)
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
