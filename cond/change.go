package cond

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Change is a change of one attribute of an item of T, made by UpdateItem.
// It is immutable. The zero value is no change and refused where one is used
// ([ErrEmpty]). DynamoDB refuses a change of what lies in a map or list that
// the item does not have.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
type Change[T any] struct{ edit *Edit }

// Edit returns the change without its owner, for what looks into it; nil for
// the zero value.
func (c Change[T]) Edit() *Edit { return c.edit }

// Err returns what is wrong with the change, or nil.
func (c Change[T]) Err() error {
	if c.edit == nil {
		return ErrEmpty
	}
	return c.edit.Err
}

// An EditOp is what an [Edit] does.
type EditOp uint8

// The edits.
const (
	EditSet EditOp = iota + 1
	EditSetIfMissing
	EditAdd
	EditRemove
	EditAppend
	EditPrepend
	EditDelete
)

// An Edit is a change without its owner. It must not be changed.
type Edit struct {
	Op    EditOp
	Path  Path
	Value types.AttributeValue // as stored; nil for remove
	Err   error                // of the attribute or the value; [ErrAttr]
}

// ErrOverlap is the sentinel of two changes of one attribute, or of an
// attribute and something within it, in one update.
var ErrOverlap = errors.New("cond: two changes overlap")

// Set stores v. An empty set removes the attribute, since DynamoDB stores none.
func (a Attr[T, V]) Set(v V) Change[T] { return Change[T]{a.of.set(v)} }

// SetIfMissing stores v unless the item has the attribute. An empty set is
// [ErrAttr].
func (a Attr[T, V]) SetIfMissing(v V) Change[T] { return Change[T]{a.of.setIfMissing(v)} }

// Add adds v to a number, from 0 if it is missing, or the elements of v to a
// set. It is atomic. A v that is stored as neither, or is an empty set, is
// [ErrAttr].
func (a Attr[T, V]) Add(v V) Change[T] { return Change[T]{a.of.add(v)} }

// Remove removes the attribute; nothing happens if it is missing.
func (a Attr[T, V]) Remove() Change[T] { return Change[T]{a.of.remove()} }

// Append adds the elements of v, a slice, behind those of a list, which is
// made if it is missing. Anything but a list, or nil, is [ErrAttr].
func (a Attr[T, V]) Append(v V) Change[T] { return Change[T]{a.of.list(EditAppend, v)} }

// Prepend adds the elements of v, a slice, before those of a list, which is
// made if it is missing. Anything but a list, or nil, is [ErrAttr].
func (a Attr[T, V]) Prepend(v V) Change[T] { return Change[T]{a.of.list(EditPrepend, v)} }

// DeleteFromSet removes the elements of v from a set, and the attribute with
// the last of them. A v that is not stored as a set, or is empty, is [ErrAttr].
func (a Attr[T, V]) DeleteFromSet(v V) Change[T] { return Change[T]{a.of.deleteFromSet(v)} }

func (a *attr) set(v any) *Edit {
	e := a.edit(EditSet, v)
	if a.noSet(e) {
		return a.remove()
	}
	return e
}

func (a *attr) setIfMissing(v any) *Edit {
	e := a.edit(EditSetIfMissing, v)
	if a.noSet(e) {
		e.Err = a.fault("an empty set can't be stored", nil)
	}
	return e
}

func (a *attr) add(v any) *Edit {
	e := a.edit(EditAdd, v)
	switch e.Value.(type) {
	case nil, *types.AttributeValueMemberN, *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
	default:
		e.Err = a.fault("add takes a number or the elements of a set", nil)
	}
	return e
}

func (a *attr) remove() *Edit {
	a = a.or()
	return &Edit{Op: EditRemove, Path: a.at.path, Err: a.err}
}

func (a *attr) deleteFromSet(v any) *Edit {
	e := a.edit(EditDelete, v)
	switch e.Value.(type) {
	case nil, *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
	default:
		e.Err = a.fault("delete takes the elements of a set", nil)
	}
	return e
}

// noSet reports whether a change would store the NULL that an empty set is
// encoded as.
func (a *attr) noSet(e *Edit) bool {
	_, null := e.Value.(*types.AttributeValueMemberNULL)
	return null && a.at.tag.IsSet()
}

func (a *attr) edit(op EditOp, v any) *Edit {
	a = a.or()
	e := &Edit{Op: op, Path: a.at.path, Err: a.err}
	if e.Err != nil {
		return e
	}
	if e.Value, e.Err = a.at.encode(v); e.Err != nil {
		e.Err = a.fault("a value that the attribute can't hold", e.Err)
	}
	return e
}

// list makes the change of a list, for which nil is the empty list.
func (a *attr) list(op EditOp, v any) *Edit {
	e := a.edit(op, v)
	_, null := e.Value.(*types.AttributeValueMemberNULL)
	if null && !a.at.tag.IsSet() {
		e.Value = &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	}
	if _, list := e.Value.(*types.AttributeValueMemberL); !list && e.Err == nil {
		e.Err = a.fault("append and prepend take the elements of a list", nil)
	}
	return e
}

// Compile returns edits, one or more, for the SDK's expression builder, or
// every error in them, joined: [ErrAttr], [ErrEmpty], and [ErrOverlap] where two
// touch one attribute, which DynamoDB would refuse.
func Compile(edits []*Edit) (expression.UpdateBuilder, error) {
	var update expression.UpdateBuilder
	var errs []error
	for i, e := range edits {
		if e == nil || e.Op == 0 {
			errs = append(errs, ErrEmpty)
			continue
		}
		if e.Err != nil {
			errs = append(errs, e.Err)
		}
		for _, o := range edits[:i] {
			if o != nil && (o.Path.covers(e.Path) || e.Path.covers(o.Path)) {
				errs = append(errs, &AttrError{Attr: e.Path.String(), Rule: "changed twice in one update", Err: ErrOverlap})
			}
		}
		update = e.apply(update)
	}
	if len(edits) == 0 {
		errs = append(errs, ErrEmpty)
	}
	return update, errors.Join(errs...)
}

func (e *Edit) apply(u expression.UpdateBuilder) expression.UpdateBuilder {
	name, value := e.Path.builder(), expression.Value(e.Value)
	list := func() expression.SetValueBuilder { // one that is missing can't be appended to; an empty one can
		return expression.IfNotExists(name, expression.Value(&types.AttributeValueMemberL{Value: []types.AttributeValue{}}))
	}
	switch e.Op {
	case EditSet:
		return u.Set(name, value)
	case EditSetIfMissing:
		return u.Set(name, expression.IfNotExists(name, value))
	case EditAdd:
		return u.Add(name, value)
	case EditRemove:
		return u.Remove(name)
	case EditAppend:
		return u.Set(name, expression.ListAppend(list(), value))
	case EditPrepend:
		return u.Set(name, expression.ListAppend(value, list()))
	default:
		return u.Delete(name, value)
	}
}
