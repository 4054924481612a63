package repo

import (
	"context"
	"errors"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// A Number is what a counter can be.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Increment adds by, which may be negative, to a counter of the item with the
// key and returns what it is then, in one UpdateItem request. It is atomic: of
// many at once each counts (rule F3). A counter that is missing starts from 0;
// an item that is missing is [ErrNotFound], as by [Repo.Update], which Increment
// is for one attribute whose new value alone comes back. It is a function since
// a method has no type parameters; in a transaction, under a condition, or for
// an item that may be missing, a.Add(by) is the change to use.
//
// A counter that V can't hold is [ErrDecode], though the item is changed.
func Increment[T any, V Number](ctx context.Context, r *Repo[T], k key.Value, a cond.Attr[T, V], by V) (V, error) {
	var count V
	edit := a.Add(by).Edit()
	err := r.writer.increment(ctx, order{op: "Increment", key: k, edits: []*cond.Edit{edit}}, reflect.ValueOf(&count).Elem())
	return count, err
}

// increment makes the update of an order of one edit, sends it and sets into to
// what the counter is then.
func (w *writer) increment(ctx context.Context, o order, into reflect.Value) error {
	one, err := w.build(ctx, &o, false)
	if err != nil {
		return err
	}
	one.returns = types.ReturnValueUpdatedNew
	attrs, err := w.send(ctx, one)
	if err == nil {
		err = decodeError(parseNumber(valueAt(attrs, o.edits[0].Path), into))
	}
	return w.schema.fail(one.op, "", w.schema.keyNames, err)
}

// valueAt returns what lies at a path of names, or nil.
func valueAt(m item, path cond.Path) types.AttributeValue {
	var av types.AttributeValue = &types.AttributeValueMemberM{Value: m}
	for _, step := range path {
		within, ok := av.(*types.AttributeValueMemberM)
		if !ok {
			return nil
		}
		av = within.Value[step.Name]
	}
	return av
}

var errNumber = errors.New("the counter is no number that the type holds")

// parseNumber sets a field of a numeric kind.
func parseNumber(av types.AttributeValue, into reflect.Value) error {
	n, ok := av.(*types.AttributeValueMemberN)
	if !ok {
		return errNumber
	}
	var err error
	v := reflect.New(into.Type()).Elem()
	switch bits := v.Type().Bits(); {
	case v.CanInt():
		var i int64
		i, err = strconv.ParseInt(n.Value, 10, bits)
		v.SetInt(i)
	case v.CanUint():
		var u uint64
		u, err = strconv.ParseUint(n.Value, 10, bits)
		v.SetUint(u)
	default:
		var f float64
		f, err = strconv.ParseFloat(n.Value, bits)
		v.SetFloat(f)
	}
	if err != nil {
		return errNumber // strconv's quotes the value
	}
	into.Set(v)
	return nil
}
