package codec

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// attributes returns the fields of v as attribute values.
func (e *encoder) attributes(n *node, v reflect.Value) (map[string]types.AttributeValue, error) {
	if n.err != nil {
		return nil, n.err
	}
	if err := e.enter(); err != nil {
		return nil, err
	}
	defer e.leave()
	m := make(map[string]types.AttributeValue, len(n.fields))
	for i := range n.fields {
		f := &n.fields[i]
		if f.Field == nil {
			continue
		}
		fv, ok := f.value(v)
		if !ok || f.leftOut(fv) {
			continue
		}
		av, err := e.encode(f.node, fv)
		if err != nil {
			return nil, under(f.attr, err)
		}
		if av != nil {
			m[f.attr] = av
		}
	}
	return m, nil
}

// encode returns v as an attribute value; nil if nothing is to be stored.
func (e *encoder) encode(n *node, v reflect.Value) (types.AttributeValue, error) {
	if !n.scalar {
		r, err := resolve(n, v)
		if err != nil || r.form == formSkip {
			return nil, err
		}
		switch r.form {
		case formNull:
			return &types.AttributeValueMemberNULL{Value: true}, nil
		case formOwn:
			return r.own, checkStored(r.own, maxDepth-e.depth)
		}
		n, v = r.node, r.v
	}
	switch n.kind {
	case kNone:
		return nil, misfit("a "+n.typ.Kind().String(), reflect.TypeFor[types.AttributeValue]())
	case kBool:
		return &types.AttributeValueMemberBOOL{Value: v.Bool()}, nil
	case kBytes:
		return &types.AttributeValueMemberB{Value: slices.Clone(bytesOf(v))}, nil
	case kList:
		if n.set != 0 {
			return e.setValue(n, v)
		}
		return e.listValue(n, v)
	case kMap:
		return e.mapValue(n, v)
	case kStruct:
		m, err := e.attributes(n, v)
		return &types.AttributeValueMemberM{Value: m}, err
	}
	if err := checkScalar(n, v); err != nil {
		return nil, err
	}
	text := scalarText(n, v)
	if n.asNumber() {
		return &types.AttributeValueMemberN{Value: text}, nil
	}
	return &types.AttributeValueMemberS{Value: text}, nil
}

func scalarText(n *node, v reflect.Value) string {
	switch n.kind {
	case kInt:
		return strconv.FormatInt(v.Int(), 10)
	case kUint:
		return strconv.FormatUint(v.Uint(), 10)
	case kFloat:
		var text [32]byte
		return string(appendFloat(text[:0], v))
	case kTime:
		switch t := timeOf(v); {
		case n.unix:
			return strconv.FormatInt(t.Unix(), 10)
		case n.tag.SDKTime:
			return t.Format(time.RFC3339Nano)
		default:
			var text [32]byte
			return string(appendTime(text[:0], t))
		}
	}
	return v.String()
}

func (e *encoder) listValue(n *node, v reflect.Value) (types.AttributeValue, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	defer e.leave()
	list := make([]types.AttributeValue, 0, v.Len())
	for i := range v.Len() {
		av, err := e.encode(n.elem, v.Index(i))
		if err != nil {
			return nil, err
		}
		if av != nil {
			list = append(list, av)
		}
	}
	return &types.AttributeValueMemberL{Value: list}, nil
}

func (e *encoder) mapValue(n *node, v reflect.Value) (types.AttributeValue, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	defer e.leave()
	m := make(map[string]types.AttributeValue, v.Len())
	for iter := v.MapRange(); iter.Next(); {
		name, err := mapKey(iter.Key())
		if err != nil {
			return nil, err
		}
		av, err := e.encode(n.elem, iter.Value())
		if err != nil {
			return nil, err
		}
		if av != nil {
			m[name] = av
		}
	}
	return &types.AttributeValueMemberM{Value: m}, nil
}

// setValue returns v as a set; NULL if it is empty, which happens within lists
// and maps only, where leaving it out would move the others.
func (e *encoder) setValue(n *node, v reflect.Value) (types.AttributeValue, error) {
	var (
		texts []string
		blobs [][]byte
	)
	for i := range v.Len() {
		av, err := e.encode(n.elem, v.Index(i))
		if err != nil {
			return nil, err
		}
		switch av := av.(type) {
		case nil:
			continue
		case *types.AttributeValueMemberS:
			if n.set == tokSS {
				texts = append(texts, av.Value)
				continue
			}
		case *types.AttributeValueMemberN:
			if n.set == tokNS {
				texts = append(texts, av.Value)
				continue
			}
		case *types.AttributeValueMemberB:
			if n.set == tokBS && av.Value != nil {
				blobs = append(blobs, av.Value)
				continue
			}
		}
		return nil, misfit("an element", n.typ)
	}
	var set types.AttributeValue
	switch {
	case len(texts)+len(blobs) == 0:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case n.set == tokSS:
		set = &types.AttributeValueMemberSS{Value: texts}
	case n.set == tokNS:
		set = &types.AttributeValueMemberNS{Value: texts}
	default:
		set = &types.AttributeValueMemberBS{Value: blobs}
	}
	return set, checkStored(set, 0)
}

// appendMembers appends attributes as a JSON object.
func (e *encoder) appendMembers(dst []byte, m map[string]types.AttributeValue) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for name, av := range m {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		if dst, err = e.appendValue(append(AppendText(dst, name), ':'), av); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendValue appends an attribute value that is there already.
func (e *encoder) appendValue(dst []byte, av types.AttributeValue) ([]byte, error) {
	if err := e.enter(); err != nil {
		return dst, err
	}
	defer e.leave()
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return append(AppendText(append(dst, `{"S":`...), av.Value), '}'), nil
	case *types.AttributeValueMemberN:
		return append(AppendText(append(dst, `{"N":`...), av.Value), '}'), nil
	case *types.AttributeValueMemberB:
		return append(appendBinary(append(dst, `{"B":`...), av.Value), '}'), nil
	case *types.AttributeValueMemberBOOL:
		return append(strconv.AppendBool(append(dst, `{"BOOL":`...), av.Value), '}'), nil
	case *types.AttributeValueMemberNULL:
		return append(strconv.AppendBool(append(dst, `{"NULL":`...), av.Value), '}'), nil
	case *types.AttributeValueMemberSS:
		return appendSet(append(dst, `{"SS":`...), av.Value, AppendText), nil
	case *types.AttributeValueMemberNS:
		return appendSet(append(dst, `{"NS":`...), av.Value, AppendText), nil
	case *types.AttributeValueMemberBS:
		return appendSet(append(dst, `{"BS":`...), av.Value, appendBinary), nil
	case *types.AttributeValueMemberM:
		dst, err := e.appendMembers(append(dst, `{"M":`...), av.Value)
		return append(dst, '}'), err
	case *types.AttributeValueMemberL:
		dst = append(dst, `{"L":[`...)
		for i, x := range av.Value {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = e.appendValue(dst, x); err != nil {
				return dst, err
			}
		}
		return append(dst, `]}`...), nil
	}
	return dst, misfit("an unknown kind of value", reflect.TypeFor[types.AttributeValue]())
}

func appendBinary(dst, b []byte) []byte {
	dst = base64.StdEncoding.AppendEncode(append(dst, '"'), b)
	return append(dst, '"')
}

func appendSet[E any](dst []byte, list []E, one func([]byte, E) []byte) []byte {
	dst = append(dst, '[')
	for i, x := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = one(dst, x)
	}
	return append(dst, `]}`...)
}
