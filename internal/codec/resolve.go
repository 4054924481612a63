package codec

import (
	"encoding"
	"fmt"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// An encoder is the state of encoding one item.
type encoder struct{ depth int }

func (e *encoder) enter() error {
	if e.depth++; e.depth > maxDepth {
		return ErrDepth
	}
	return nil
}

func (e *encoder) leave() { e.depth-- }

// form tells what is to be stored for a value.
type form uint8

const (
	formSkip  form = iota // nothing
	formNull              // NULL
	formOwn               // an attribute value that the value gave itself
	formPlain             // the value, by the kind of its node
)

// resolved is a value with pointers and interfaces followed and custom
// marshalers asked.
type resolved struct {
	form form
	node *node
	v    reflect.Value
	own  types.AttributeValue
}

// resolve follows attributevalue's order: the tag decides on zero values, one
// pointer or interface is followed, then marshalers come before the kind; what
// lies behind further pointers is a value of its own.
func resolve(n *node, v reflect.Value) (resolved, error) {
	for range maxDepth {
		if isZero(n, v) {
			switch {
			case n.tag.OmitEmpty:
				return resolved{form: formSkip}, nil
			case n.tag.NullEmpty || n.kind >= kBytes && n.kind != kStruct && v.Kind() != reflect.Array:
				return resolved{form: formNull}, nil
			}
		}
		switch n.kind {
		case kPointer:
			n, v = n.elem, v.Elem()
		case kAny, kRaw:
			v = v.Elem()
			if av, ok := v.Interface().(types.AttributeValue); ok {
				return resolved{form: formOwn, own: av}, nil
			}
			n = nodeOf(v.Type(), n.tag)
		}
		if n.marshal != 0 {
			if av, err := marshal(n, v); err != nil || av != nil {
				return resolved{form: formOwn, own: av}, err
			}
		}
		if n.kind != kPointer && n.kind != kAny && n.kind != kRaw {
			return resolved{form: formPlain, node: n, v: v}, nil
		}
		if v.IsNil() {
			if n.tag.OmitEmpty && n.tag.OmitEmptyElem {
				return resolved{form: formSkip}, nil
			}
			return resolved{form: formNull}, nil
		}
		if n.kind == kPointer {
			n, v = n.elem, v.Elem()
		}
	}
	return resolved{}, ErrDepth
}

// isZero reports whether the options omitempty and nullempty apply to v.
func isZero(n *node, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		return false
	case reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Float32, reflect.Float64:
		return v.Float() == 0 // as is -0
	}
	return n.kind != kNone && v.IsZero()
}

// marshal asks v itself how it is stored; nil if it leaves that to its kind.
func marshal(n *node, v reflect.Value) (types.AttributeValue, error) {
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
	case v.CanAddr():
		v = v.Addr() // the method may be the pointer's; a value in a map has none
	}
	switch m := v.Interface(); n.marshal {
	case fields.Value:
		if m, ok := m.(attributevalue.Marshaler); ok {
			av, err := m.MarshalDynamoDBAttributeValue()
			return av, foreign("MarshalDynamoDBAttributeValue", n.typ, err)
		}
	case fields.Text:
		if m, ok := m.(encoding.TextMarshaler); ok {
			b, err := m.MarshalText()
			return &types.AttributeValueMemberS{Value: string(b)}, foreign("MarshalText", n.typ, err)
		}
	case fields.Binary:
		if m, ok := m.(encoding.BinaryMarshaler); ok {
			b, err := m.MarshalBinary()
			return &types.AttributeValueMemberB{Value: b}, foreign("MarshalBinary", n.typ, err)
		}
	}
	return nil, nil
}

func (e *encoder) marshaledItem(n *node, v reflect.Value) (map[string]types.AttributeValue, error) {
	av, err := marshal(n, v)
	if err != nil {
		return nil, err
	}
	m, ok := av.(*types.AttributeValueMemberM)
	if !ok {
		return nil, misfit("what MarshalDynamoDBAttributeValue returned", reflect.TypeFor[types.AttributeValueMemberM]())
	}
	return m.Value, nil
}

var dynamicNodes sync.Map // nodeKey -> *node

// nodeOf returns the node of a type that is met in an interface only.
func nodeOf(t reflect.Type, tag fields.Tag) *node {
	key := nodeKey{t, tag}
	if n, ok := dynamicNodes.Load(key); ok {
		return n.(*node)
	}
	c := compiler{nodes: make(map[nodeKey]*node)}
	n := c.node(t, tag)
	c.finish(n)
	stored, _ := dynamicNodes.LoadOrStore(key, n)
	return stored.(*node)
}

// mapKey returns the name that key k of a map is stored under.
func mapKey(k reflect.Value) (string, error) {
	name := ""
	switch text, ok := k.Interface().(encoding.TextMarshaler); {
	case ok:
		b, err := text.MarshalText()
		if err != nil {
			return "", foreign("MarshalText", k.Type(), err)
		}
		name = string(b)
	case k.Kind() == reflect.String && k.NumMethod() == 0:
		name = k.String()
	default:
		name = fmt.Sprint(k.Interface())
	}
	if name == "" {
		return "", &Error{Rule: "the key of a map is empty", Err: ErrKind}
	}
	return name, checkText(name)
}
