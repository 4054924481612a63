package codec

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// structure appends the fields of v as a JSON object of attribute values.
func (e *encoder) structure(dst []byte, n *node, v reflect.Value) ([]byte, error) {
	return e.edited(dst, n, v, nil)
}

// edited appends the fields of v that edits has not, and then edits.
func (e *encoder) edited(dst []byte, n *node, v reflect.Value, edits []Attribute) ([]byte, error) {
	if n.err != nil {
		return dst, n.err
	}
	if err := e.enter(); err != nil {
		return dst, err
	}
	defer e.leave()
	dst = append(dst, '{')
	empty := len(dst)
	for i := range n.fields {
		f := &n.fields[i]
		if f.Field == nil || slices.ContainsFunc(edits, func(a Attribute) bool { return a.Name == f.attr }) {
			continue
		}
		fv, ok := f.value(v)
		if !ok || f.leftOut(fv) {
			continue
		}
		start := len(dst)
		if start > empty {
			dst = append(dst, ',')
		}
		dst = append(dst, f.name...)
		var stored bool
		var err error
		if dst, stored, err = e.value(dst, f.node, fv); err != nil {
			return dst, under(f.attr, err)
		}
		if !stored {
			dst = dst[:start]
		}
	}
	dst, err := e.appendAttributes(dst, edits)
	return append(dst, '}'), err
}

// appendAttributes appends the attributes that have a value as members of the
// object at hand.
func (e *encoder) appendAttributes(dst []byte, attrs []Attribute) ([]byte, error) {
	for _, a := range attrs {
		if a.Value == nil {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		if err := checkStored(a.Value, maxDepth-e.depth); err != nil {
			return dst, under(a.Name, err)
		}
		var err error
		if dst, err = e.appendValue(append(AppendText(dst, a.Name), ':'), a.Value); err != nil {
			return dst, under(a.Name, err)
		}
	}
	return dst, nil
}

// value returns the field in v, a struct; false if it lies in an embedded
// struct that is not there.
func (f *field) value(v reflect.Value) (reflect.Value, bool) {
	if f.index >= 0 {
		return v.Field(f.index), true
	}
	return f.Value(v)
}

// leftOut reports whether nothing is stored of the field: it is nil (rule J7), or
// an empty set (rule F7). The tag nullempty asks for NULL.
func (f *field) leftOut(v reflect.Value) bool {
	if f.node.tag.NullEmpty || fields.IsNil(v) {
		return !f.node.tag.NullEmpty
	}
	set := f.node
	for range maxDepth {
		if set.kind != kPointer {
			break
		}
		set = set.elem
	}
	return (set.set != 0 || set.kind == kAny && set.tag.IsSet()) && set.marshal == 0 && set.empty(v)
}

// value appends v as an attribute value, such as {"S":"x"}; false if nothing
// is to be stored.
func (e *encoder) value(dst []byte, n *node, v reflect.Value) ([]byte, bool, error) {
	if n.scalar {
		dst, err := e.plain(dst, n, v)
		return dst, true, err
	}
	r, err := resolve(n, v)
	if err != nil {
		return dst, false, err
	}
	switch r.form {
	case formSkip:
		return dst, false, nil
	case formNull:
		return append(dst, `{"NULL":true}`...), true, nil
	case formOwn:
		if err := checkStored(r.own, maxDepth-e.depth); err != nil {
			return dst, false, err
		}
		dst, err = e.appendValue(dst, r.own)
		return dst, true, err
	}
	n, v = r.node, r.v
	switch n.kind {
	case kNone:
		return dst, false, misfit("a "+n.typ.Kind().String(), reflect.TypeFor[types.AttributeValue]())
	case kBytes:
		dst = append(dst, `{"B":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, bytesOf(v))
		return append(dst, `"}`...), true, nil
	case kList:
		dst, err = e.list(dst, n, v)
	case kMap:
		dst, err = e.mapping(append(dst, `{"M":`...), n, v)
		dst = append(dst, '}')
	case kStruct:
		dst, err = e.structure(append(dst, `{"M":`...), n, v)
		dst = append(dst, '}')
	default:
		dst, err = e.plain(dst, n, v)
	}
	return dst, true, err
}

// plain appends a scalar.
func (e *encoder) plain(dst []byte, n *node, v reflect.Value) ([]byte, error) {
	if err := checkScalar(n, v); err != nil {
		return dst, err
	}
	switch n.kind {
	case kBool:
		dst = append(dst, `{"BOOL":`...)
		return append(strconv.AppendBool(dst, v.Bool()), '}'), nil
	case kString:
		dst = append(dst, n.prefixOf()...)
		return append(AppendText(dst, v.String()), '}'), nil
	}
	dst = append(append(dst, n.prefixOf()...), '"')
	switch n.kind {
	case kInt:
		dst = strconv.AppendInt(dst, v.Int(), 10)
	case kUint:
		dst = strconv.AppendUint(dst, v.Uint(), 10)
	case kFloat:
		dst = appendFloat(dst, v)
	case kTime:
		switch t := timeOf(v); {
		case n.unix:
			dst = strconv.AppendInt(dst, t.Unix(), 10)
		case n.tag.SDKTime:
			dst = t.AppendFormat(dst, time.RFC3339Nano)
		default:
			dst = appendTime(dst, t)
		}
	}
	return append(dst, `"}`...), nil
}

// checkScalar tells why DynamoDB does not take v, of a scalar kind, or nil.
func checkScalar(n *node, v reflect.Value) error {
	switch n.kind {
	case kFloat:
		if !n.tag.AsString {
			return checkFloat(v.Float())
		}
	case kTime:
		return checkTime(n, v)
	case kString:
		if n.number && !n.tag.AsString {
			return checkNumber(v.String())
		}
		return checkText(v.String())
	}
	return nil
}

// prefixOf is the begin of a scalar that is stored by its kind, whatever
// marshaler its type has.
func (n *node) prefixOf() string {
	if n.asNumber() {
		return `{"N":`
	}
	return `{"S":`
}

func (n *node) asNumber() bool {
	switch n.kind {
	case kInt, kUint, kFloat:
		return !n.tag.AsString
	case kString:
		return n.number && !n.tag.AsString
	case kTime:
		return n.unix
	}
	return false
}

func bytesOf(v reflect.Value) []byte {
	if v.Kind() == reflect.Slice || v.CanAddr() {
		return v.Bytes()
	}
	b := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(b), v)
	return b
}

func (e *encoder) list(dst []byte, n *node, v reflect.Value) ([]byte, error) {
	if n.set != 0 {
		return e.set(dst, n, v)
	}
	if err := e.enter(); err != nil {
		return dst, err
	}
	defer e.leave()
	dst = append(dst, `{"L":[`...)
	empty := len(dst)
	for i := range v.Len() {
		start := len(dst)
		if start > empty {
			dst = append(dst, ',')
		}
		var stored bool
		var err error
		if dst, stored, err = e.value(dst, n.elem, v.Index(i)); err != nil {
			return dst, err
		}
		if !stored {
			dst = dst[:start]
		}
	}
	return append(dst, `]}`...), nil
}

// set appends the elements of v without their types.
func (e *encoder) set(dst []byte, n *node, v reflect.Value) ([]byte, error) {
	if n.set != tokSS || n.elem.kind != kString || !n.elem.scalar || n.elem.number || v.Len() == 0 {
		av, err := e.setValue(n, v)
		if err != nil {
			return dst, err
		}
		return e.appendValue(dst, av)
	}
	dst = append(dst, `{"SS":[`...)
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if err := checkText(v.Index(i).String()); err != nil {
			return dst, err
		}
		dst = AppendText(dst, v.Index(i).String())
	}
	return append(dst, `]}`...), once(v.Len(), func(i int) string { return v.Index(i).String() })
}

func (e *encoder) mapping(dst []byte, n *node, v reflect.Value) ([]byte, error) {
	if err := e.enter(); err != nil {
		return dst, err
	}
	defer e.leave()
	dst = append(dst, '{')
	empty := len(dst)
	for iter := v.MapRange(); iter.Next(); {
		name, err := mapKey(iter.Key())
		if err != nil {
			return dst, err
		}
		start := len(dst)
		if start > empty {
			dst = append(dst, ',')
		}
		dst = append(AppendText(dst, name), ':')
		var stored bool
		if dst, stored, err = e.value(dst, n.elem, iter.Value()); err != nil {
			return dst, err
		}
		if !stored {
			dst = dst[:start]
		}
	}
	return append(dst, '}'), nil
}
