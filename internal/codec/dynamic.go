package codec

import (
	"bytes"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// dynamic decodes into an interface: what attributevalue puts there, or the
// attribute value as it is.
func (d *decoder) dynamic(n *node, v reflect.Value, tok token) error {
	if n.kind == kRaw {
		av, err := d.attribute(tok)
		if err == nil {
			v.Set(reflect.ValueOf(av))
		}
		return err
	}
	x, err := d.any(n, tok)
	if err != nil {
		return err
	}
	return setAny(n, v, x)
}

func setAny(n *node, v reflect.Value, x any) error {
	if x == nil {
		return nil
	}
	rv := reflect.ValueOf(x)
	if !rv.Type().AssignableTo(n.typ) {
		return misfit("a stored value", n.typ)
	}
	v.Set(rv)
	return nil
}

// any decodes as attributevalue does into an empty interface.
func (d *decoder) any(n *node, tok token) (any, error) {
	switch tok {
	case tokS, tokN:
		b, err := d.str()
		if err != nil {
			return nil, err
		}
		if tok == tokS && !n.tag.AsString {
			return d.string(b), nil
		}
		f, ok := parseFloat(b)
		if !ok {
			return nil, misfit("the number", n.typ)
		}
		return f, nil
	case tokB:
		b, err := d.bytes()
		return append([]byte{}, b...), err
	case tokBOOL:
		return d.boolean()
	case tokNULL:
		_, err := d.boolean()
		return nil, err
	case tokSS:
		return listOf(d, func() (string, error) {
			b, err := d.str()
			return d.string(b), err
		})
	case tokNS:
		return listOf(d, func() (float64, error) {
			b, err := d.str()
			if err != nil {
				return 0, err
			}
			f, ok := parseFloat(b)
			if !ok {
				return 0, misfit("the number", n.typ)
			}
			return f, nil
		})
	case tokBS:
		return listOf(d, func() ([]byte, error) {
			b, err := d.bytes()
			return append([]byte{}, b...), err
		})
	case tokL:
		return listOf(d, func() (any, error) {
			return anyElement(d, func(tok token) (any, error) { return d.any(&node{typ: n.typ}, tok) })
		})
	}
	m := make(map[string]any)
	err := d.object(func(b []byte) error {
		name := d.string(b)
		x, err := anyElement(d, func(tok token) (any, error) { return d.any(&node{typ: n.typ}, tok) })
		if err != nil {
			return err
		}
		return put(m, name, x)
	})
	return m, err
}

// attribute decodes into an attribute value, what stands behind {"S":.
func (d *decoder) attribute(tok token) (types.AttributeValue, error) {
	switch tok {
	case tokS:
		b, err := d.str()
		return &types.AttributeValueMemberS{Value: d.string(b)}, err
	case tokN:
		b, err := d.str()
		return &types.AttributeValueMemberN{Value: d.string(b)}, err
	case tokB:
		b, err := d.bytes()
		return &types.AttributeValueMemberB{Value: append([]byte{}, b...)}, err
	case tokBOOL:
		b, err := d.boolean()
		return &types.AttributeValueMemberBOOL{Value: b}, err
	case tokNULL:
		b, err := d.boolean()
		return &types.AttributeValueMemberNULL{Value: b}, err
	case tokSS, tokNS:
		list, err := listOf(d, func() (string, error) {
			b, err := d.str()
			return d.string(b), err
		})
		if tok == tokSS {
			return &types.AttributeValueMemberSS{Value: list}, err
		}
		return &types.AttributeValueMemberNS{Value: list}, err
	case tokBS:
		list, err := listOf(d, func() ([]byte, error) {
			b, err := d.bytes()
			return bytes.Clone(b), err
		})
		return &types.AttributeValueMemberBS{Value: list}, err
	case tokL:
		list, err := listOf(d, func() (types.AttributeValue, error) { return anyElement(d, d.attribute) })
		return &types.AttributeValueMemberL{Value: list}, err
	}
	m, err := d.attributes()
	return &types.AttributeValueMemberM{Value: m}, err
}

// attributes decodes an object of attribute values.
func (d *decoder) attributes() (map[string]types.AttributeValue, error) {
	m := make(map[string]types.AttributeValue)
	err := d.object(func(b []byte) error {
		name := d.string(b)
		av, err := anyElement(d, d.attribute)
		if err != nil {
			return err
		}
		return put(m, name, av)
	})
	return m, err
}

func put[V any](m map[string]V, name string, x V) error {
	if _, twice := m[name]; twice {
		return ErrTwice
	}
	m[name] = x
	return nil
}

func listOf[E any](d *decoder, each func() (E, error)) ([]E, error) {
	list := []E{}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	err := d.elements(func(int) error {
		e, err := each()
		list = append(list, e)
		return err
	})
	return list, err
}

func anyElement[V any](d *decoder, decode func(token) (V, error)) (V, error) {
	var zero V
	tok, err := d.open()
	if err != nil {
		return zero, err
	}
	x, err := decode(tok)
	if err != nil {
		return zero, err
	}
	if !d.take('}') {
		return zero, ErrSyntax
	}
	return x, nil
}

// pass reads an attribute value that nobody wants; it has to be one all the
// same.
func (d *decoder) pass() error {
	tok, err := d.open()
	if err != nil {
		return err
	}
	if err := d.passAs(tok); err != nil {
		return err
	}
	if !d.take('}') {
		return ErrSyntax
	}
	return nil
}

func (d *decoder) passAs(tok token) error {
	var err error
	switch tok {
	case tokS, tokN:
		_, err = d.str()
	case tokB:
		_, err = d.bytes()
	case tokBOOL, tokNULL:
		_, err = d.boolean()
	case tokM:
		return d.object(func([]byte) error { return d.pass() })
	default:
		if err := d.enter(); err != nil {
			return err
		}
		err = d.elements(func(int) error {
			if elem := tok.elem(); elem != 0 {
				return d.passAs(elem)
			}
			return d.pass()
		})
		d.leave()
	}
	return err
}
