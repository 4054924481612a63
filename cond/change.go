package cond

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fields"
)

// A Change is a change of one attribute of an item of T, made by UpdateItem.
// It is immutable. The zero value is no change and refused where one is used
// ([ErrEmpty]). A change of what lies in a map that the item does not have, or has
// as NULL, makes the map, in a second request; see repo.Repo.Update. A NULL that
// another program stored is what a missing attribute is (rule J7).
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
type Change[T any] struct{ edit *expr.Edit }

// Edit returns the change without its owner, for what looks into it; nil for
// the zero value.
func (c Change[T]) Edit() *expr.Edit { return c.edit }

// Err returns what is wrong with the change, or nil.
func (c Change[T]) Err() error {
	if c.edit == nil {
		return ErrEmpty
	}
	return c.edit.Err
}

// Set stores v. An empty set removes the attribute, since DynamoDB stores none,
// and so does nil, but with the tag option nullempty, and within maps and lists,
// which have NULL for it.
func (a Attr[T, V]) Set(v V) Change[T] { return Change[T]{a.of.set(v)} }

// SetIfMissing stores v unless the item has the attribute. An empty set and nil
// are [ErrAttr], since a missing attribute is what stands for them.
func (a Attr[T, V]) SetIfMissing(v V) Change[T] { return Change[T]{a.of.setIfMissing(v)} }

// Add adds v to a number, from 0 if it is missing, or the elements of v to a
// set. It is atomic. A v that is stored as neither, or is an empty set, is
// [ErrAttr].
func (a Attr[T, V]) Add(v V) Change[T] { return Change[T]{a.of.add(v)} }

// Remove removes the attribute; nothing happens if it is missing.
func (a Attr[T, V]) Remove() Change[T] { return Change[T]{a.of.remove()} }

// Append adds the elements of v, a slice, behind those of a list, which is
// made if it is missing. Anything but a list, or nil, is [ErrAttr].
func (a Attr[T, V]) Append(v V) Change[T] { return Change[T]{a.of.list(expr.EditAppend, v)} }

// Prepend adds the elements of v, a slice, before those of a list, which is
// made if it is missing. Anything but a list, or nil, is [ErrAttr].
func (a Attr[T, V]) Prepend(v V) Change[T] { return Change[T]{a.of.list(expr.EditPrepend, v)} }

// DeleteFromSet removes the elements of v from a set, and the attribute with
// the last of them. A v that is not stored as a set, or is empty, is [ErrAttr].
func (a Attr[T, V]) DeleteFromSet(v V) Change[T] { return Change[T]{a.of.deleteFromSet(v)} }

func (a *attr) set(v any) *expr.Edit {
	e := a.edit(expr.EditSet, v)
	if a.noSet(e) || a.nothing(e, v) {
		return a.remove()
	}
	return e
}

func (a *attr) setIfMissing(v any) *expr.Edit {
	e := a.edit(expr.EditSetIfMissing, v)
	switch {
	case a.noSet(e):
		e.Err = a.Fault("an empty set can't be stored", nil)
	case a.nothing(e, v):
		e.Err = a.Fault("nil is stored as a missing attribute", nil)
	}
	return e
}

func (a *attr) add(v any) *expr.Edit {
	e := a.edit(expr.EditAdd, v)
	switch e.Value.(type) {
	case nil, *types.AttributeValueMemberN, *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
	default:
		e.Err = a.Fault("add takes a number or the elements of a set", nil)
	}
	return e
}

func (a *attr) remove() *expr.Edit {
	a = a.or()
	return &expr.Edit{Op: expr.EditRemove, Path: a.at.path, Err: a.err, Of: a}
}

func (a *attr) deleteFromSet(v any) *expr.Edit {
	e := a.edit(expr.EditDelete, v)
	switch e.Value.(type) {
	case nil, *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
	default:
		e.Err = a.Fault("delete takes the elements of a set", nil)
	}
	return e
}

// noSet reports whether a change would store the NULL that an empty set is
// encoded as.
func (a *attr) noSet(e *expr.Edit) bool {
	return isNull(e.Value) && a.at.tag.IsSet()
}

// nothing reports whether a field that holds v is not stored.
func (a *attr) nothing(e *expr.Edit, v any) bool {
	return isNull(e.Value) && a.at.leaf && !a.at.tag.NullEmpty && fields.IsNil(reflect.ValueOf(v))
}

func (a *attr) edit(op expr.EditOp, v any) *expr.Edit {
	a = a.or()
	e := &expr.Edit{Op: op, Path: a.at.path, Err: a.err, Of: a}
	if e.Err != nil {
		return e
	}
	if e.Value, e.Err = a.at.encode(v); e.Err != nil {
		e.Err = a.Fault("a value that the attribute can't hold", e.Err)
	}
	return e
}

// list makes the change of a list, for which nil is the empty list.
func (a *attr) list(op expr.EditOp, v any) *expr.Edit {
	e := a.edit(op, v)
	if isNull(e.Value) && !a.at.tag.IsSet() {
		e.Value = &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	}
	if _, list := e.Value.(*types.AttributeValueMemberL); !list && e.Err == nil {
		e.Err = a.Fault("append and prepend take the elements of a list", nil)
	}
	return e
}
