package write

import (
	"context"
	"errors"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// Increment makes the update of an order of one edit, sends it and sets into to
// what the counter is then.
func (w *Writer) Increment(ctx context.Context, o Order, into reflect.Value) error {
	one, err := w.Build(ctx, &o, false)
	if err != nil {
		return err
	}
	one.does.(*update).returns = types.ReturnValueUpdatedNew
	attrs, err := one.Send(ctx, w.conn)
	if err == nil {
		err = fault.Decode(parseNumber(o.Edits[0].Path.In(attrs), into))
	}
	return w.table.Fail(o.Verb.String(), "", w.table.Keys.Names, err)
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
