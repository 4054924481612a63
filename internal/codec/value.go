package codec

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// EncodeField returns value exactly as field f stores it, so that a condition
// or a key compares like with like (rule D4). value is of the field's type, or
// converts to it without loss; an AttributeValue is taken as it is. What
// DynamoDB can't store, such as NaN or a set that holds an element twice, is an
// [*Error].
func EncodeField(f *fields.Field, value any) (types.AttributeValue, error) {
	return encodeAs(f.Type, f.Tag, value)
}

// EncodeElem returns value as an element of list or set field f stores it.
func EncodeElem(f *fields.Field, value any) (types.AttributeValue, error) {
	t := f.Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
		return EncodeAny(value)
	}
	return encodeAs(t.Elem(), f.Tag.OfElem(t.Elem()), value)
}

// EncodeAny returns value as a field of its own type without tag options
// stores it.
func EncodeAny(value any) (types.AttributeValue, error) {
	if av, ok := value.(types.AttributeValue); ok {
		return stored(av)
	}
	if value == nil {
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
	return encodeValue(reflect.ValueOf(value), fields.Tag{})
}

func encodeAs(t reflect.Type, tag fields.Tag, value any) (types.AttributeValue, error) {
	if text, ok := value.(string); ok && t == stringType && tag == (fields.Tag{}) {
		return &types.AttributeValueMemberS{Value: text}, checkText(text) // as most keys are
	}
	if av, ok := value.(types.AttributeValue); ok {
		return stored(av)
	}
	v, err := convert(reflect.ValueOf(value), t)
	if err != nil {
		return nil, err
	}
	return encodeValue(v, tag)
}

func stored(av types.AttributeValue) (types.AttributeValue, error) {
	if err := checkStored(av, maxDepth); err != nil {
		return nil, err
	}
	return av, nil
}

// encodeValue encodes v as there, also where the tag would leave a zero value
// out or store NULL for it: who compares with zero means zero.
func encodeValue(v reflect.Value, tag fields.Tag) (types.AttributeValue, error) {
	tag.OmitEmpty, tag.NullEmpty = false, false
	n := nodeOf(v.Type(), tag)
	if !n.scalar {
		v = addressable(v)
	}
	var e encoder
	return e.encode(n, v)
}

// convert returns v as type t if nothing is lost on the way.
func convert(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	wrong := func() (reflect.Value, error) {
		return reflect.Value{}, fmt.Errorf("%w: want %v", ErrKind, t)
	}
	if !v.IsValid() {
		if k := t.Kind(); k == reflect.Pointer || k == reflect.Interface || k == reflect.Slice || k == reflect.Map {
			return reflect.Zero(t), nil
		}
		return wrong()
	}
	if v.Type().AssignableTo(t) {
		return v.Convert(t), nil
	}
	if t.Kind() == reflect.Pointer {
		e, err := convert(v, t.Elem())
		if err != nil {
			return e, err
		}
		p := reflect.New(t.Elem())
		p.Elem().Set(e)
		return p, nil
	}
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		return convert(v.Elem(), t)
	}
	if !v.Type().ConvertibleTo(t) || v.Kind() != t.Kind() && (!isNumber(v.Kind()) || !isNumber(t.Kind())) {
		return wrong()
	}
	c := v.Convert(t)
	if isNumber(t.Kind()) {
		// Overflow and lost fractions show on the way back; a sign that
		// wraps shows in the comparison with zero.
		if back := c.Convert(v.Type()); !back.Equal(v) || negative(c) != negative(v) {
			return wrong()
		}
	}
	return c, nil
}

func isNumber(k reflect.Kind) bool {
	return k >= reflect.Int && k <= reflect.Float64 && k != reflect.Uintptr
}

func negative(v reflect.Value) bool {
	switch {
	case v.CanInt():
		return v.Int() < 0
	case v.CanFloat():
		return v.Float() < 0
	}
	return false
}

// Ordered reports whether the stored form of f keeps the order of its values,
// and has one text for one instant: an ordered comparison of the field, or a key
// of it, is right. It is false for times in the SDK's form, for numbers that are
// stored as text, and for what has no order. What says itself how it is stored
// is taken at its word, but for the numbers of math/big, whose text is not in
// order.
func Ordered(f *fields.Field) bool {
	t := f.Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == "math/big" || f.Tag.IsSet() {
		return false
	}
	n := nodeOf(t, f.Tag)
	switch {
	case n.marshal != 0, n.kind == kAny, n.kind == kRaw, n.kind == kBytes:
		return true
	case n.kind == kTime:
		return n.unix || !n.tag.SDKTime
	case n.kind == kString:
		return !n.number || !n.tag.AsString
	case n.kind == kInt, n.kind == kUint, n.kind == kFloat:
		return !n.tag.AsString
	}
	return false
}

// KeyType returns the type of key that field f can be: S, N or B, or "" if it
// is stored as what DynamoDB can't index. certain is false where that can't be
// told before there is a value.
func KeyType(f *fields.Field) (t types.ScalarAttributeType, certain bool) {
	ft := f.Type
	for ft.Kind() == reflect.Pointer {
		ft = ft.Elem()
	}
	zero := reflect.New(ft).Elem()
	switch {
	case f.Tag.IsSet():
	case ft.Kind() == reflect.Slice:
		zero = reflect.MakeSlice(ft, 0, 0)
	case ft.Kind() == reflect.Map:
		zero = reflect.MakeMap(ft)
	}
	av, err := encodeValue(zero, f.Tag)
	if err != nil {
		return "", false
	}
	switch av.(type) {
	case *types.AttributeValueMemberS:
		return types.ScalarAttributeTypeS, true
	case *types.AttributeValueMemberN:
		return types.ScalarAttributeTypeN, true
	case *types.AttributeValueMemberB:
		return types.ScalarAttributeTypeB, true
	case nil, *types.AttributeValueMemberNULL:
		return "", f.Tag.IsSet()
	}
	return "", true
}
