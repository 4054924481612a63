package codec

import (
	"encoding"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// maxDepth bounds nesting: DynamoDB takes 32 levels, see
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html.
const maxDepth = 40

type kind uint8

const (
	kNone kind = iota // can't be stored
	kString
	kInt
	kUint
	kFloat
	kBool
	kTime
	kBytes
	kList
	kMap
	kStruct
	kPointer
	kAny
	kRaw   // types.AttributeValue
	kWatch // no field: an attribute that is only looked at
)

// A node is the compiled form of a type under a tag. All back ends work on it.
type node struct {
	kind      kind
	typ       reflect.Type
	tag       fields.Tag
	id        int // among the lists and structs of one codec
	marshal   fields.Methods
	unmarshal fields.Methods
	scalar    bool   // stored as a scalar, whatever the value is
	number    bool   // a kString that is stored as N
	unix      bool   // a kTime that is stored as N
	set       token  // of a kList: tokSS, tokNS or tokBS, or 0
	first     token  // as which values are most likely stored
	prefix    string // {"S": for that token
	elem      *node  // of a list, map or pointer
	key       reflect.Type
	keyText   bool // keys are set by UnmarshalText
	fields    []field
	byName    map[string]int
	err       error
}

// A field is one attribute of a kStruct. It has no fields.Field if it is only
// watched.
type field struct {
	*fields.Field
	attr   string // name of the attribute
	node   *node
	index  int    // of the Go field; -1 if it lies in an embedded struct
	name   string // as JSON, with the colon
	first  token  // as which the values are most likely stored
	prefix string // name and the begin of such a value
	watch  int    // 1 + place in Options.Watch, or 0
}

var (
	timeType      = reflect.TypeFor[time.Time]()
	unixTimeType  = reflect.TypeFor[attributevalue.UnixTime]()
	rawType       = reflect.TypeFor[types.AttributeValue]()
	byteSlices    = reflect.TypeFor[[][]byte]()
	stringType    = reflect.TypeFor[string]()
	stringsType   = reflect.TypeFor[[]string]()
	bytesType     = reflect.TypeFor[[]byte]()
	textUnmarshal = reflect.TypeFor[encoding.TextUnmarshaler]()
)

type nodeKey struct {
	typ reflect.Type
	tag fields.Tag
}

// compiler makes each node once, so that types may hold themselves.
type compiler struct {
	nodes map[nodeKey]*node
	ids   int
}

func (c *compiler) node(t reflect.Type, tag fields.Tag) *node {
	key := nodeKey{t, tag}
	if n, ok := c.nodes[key]; ok {
		return n
	}
	n := &node{typ: t, tag: tag}
	c.nodes[key] = n
	n.marshal, n.unmarshal = fields.MethodsOf(t, tag)
	c.shape(n)
	n.scalar = n.marshal == 0 && !tag.OmitEmpty && !tag.NullEmpty && n.kind >= kString && n.kind <= kTime
	return n
}

func (c *compiler) shape(n *node) {
	t := n.typ
	switch k := t.Kind(); {
	case t == rawType:
		n.kind = kRaw
	case k == reflect.Interface:
		n.kind = kAny
	case t.ConvertibleTo(timeType):
		n.kind = kTime
		n.unix = n.tag.UnixTime || t == unixTimeType
	case k == reflect.String:
		n.kind = kString
		n.number = fields.IsNumber(t)
	case k == reflect.Bool:
		n.kind = kBool
	case k >= reflect.Int && k <= reflect.Int64:
		n.kind = kInt
	case k >= reflect.Uint && k <= reflect.Uint64:
		n.kind = kUint
	case k == reflect.Float32 || k == reflect.Float64:
		n.kind = kFloat
	case k == reflect.Pointer:
		n.kind = kPointer
		n.elem = c.node(t.Elem(), n.tag)
	case k == reflect.Slice || k == reflect.Array:
		c.list(n)
	case k == reflect.Map:
		n.kind = kMap
		n.key = t.Key()
		n.keyText = reflect.PointerTo(n.key).Implements(textUnmarshal)
		n.elem = c.node(t.Elem(), n.tag.OfElem(t.Elem()))
	case k == reflect.Struct:
		c.structure(n)
	}
}

func (c *compiler) list(n *node) {
	n.kind = kList
	n.id = c.ids
	c.ids++
	n.elem = c.node(n.typ.Elem(), n.tag.OfElem(n.typ.Elem()))
	switch {
	case n.typ.Elem().Kind() == reflect.Uint8:
		n.kind = kBytes
	case n.tag.BinarySet || n.typ == byteSlices:
		n.set = tokBS
	case n.tag.NumberSet:
		n.set = tokNS
	case n.tag.StringSet:
		n.set = tokSS
	}
}

func (c *compiler) structure(n *node) {
	n.kind = kStruct
	n.id = c.ids
	c.ids++
	p, err := fields.Of(n.typ)
	if err != nil {
		n.err = err
		return
	}
	n.byName = make(map[string]int, len(p.Fields))
	n.fields = make([]field, len(p.Fields))
	for i := range p.Fields {
		pf := &p.Fields[i]
		f := field{Field: pf, attr: pf.Name, node: c.node(pf.Type, pf.Tag), index: -1}
		if len(pf.Index) == 1 {
			f.index = pf.Index[0]
		}
		f.name = string(AppendText(nil, pf.Name)) + ":"
		n.fields[i] = f
		n.byName[pf.Name] = i
	}
}

// root returns the node of the item itself, which is apart from that of the
// same type held in the item: only it is watched, and only a Marshaler may
// replace it.
func (c *compiler) root(p *fields.Struct, watch, exact []string) *node {
	n := &node{typ: p.Type}
	n.marshal, n.unmarshal = fields.MethodsOf(p.Type, fields.Tag{})
	n.marshal &= fields.Value
	n.unmarshal &= fields.Value
	c.structure(n)
	for i := range n.fields {
		if f := &n.fields[i]; slices.Contains(exact, f.attr) {
			tag := f.Tag
			tag.Exact = true
			f.node = c.node(f.Type, tag)
		}
	}
	for i, name := range watch {
		at, known := n.byName[name]
		if !known {
			at = len(n.fields)
			n.byName[name] = at
			n.fields = append(n.fields, field{
				attr: name,
				node: &node{kind: kWatch},
				name: string(AppendText(nil, name)) + ":",
			})
		}
		n.fields[at].watch = i + 1
	}
	return n
}

// finish sets what needs every node to be known.
func (c *compiler) finish(root *node) {
	finish := func(n *node) {
		n.first = n.likely()
		n.prefix = `{"` + n.first.name() + `":`
		for i := range n.fields {
			f := &n.fields[i]
			f.first = f.node.likely()
			f.prefix = f.name + `{"` + f.first.name() + `":`
		}
	}
	for _, n := range c.nodes {
		finish(n)
	}
	finish(root)
}

// likely tells as what the values of a node are stored, as a rule.
func (n *node) likely() token {
	switch {
	case n.marshal == fields.Text:
		return tokS
	case n.marshal == fields.Binary:
		return tokB
	case n.set != 0:
		return n.set
	}
	switch n.kind {
	case kInt, kUint, kFloat:
		if !n.tag.AsString {
			return tokN
		}
	case kString:
		if n.number && !n.tag.AsString {
			return tokN
		}
	case kTime:
		if n.unix {
			return tokN
		}
	case kBool:
		return tokBOOL
	case kBytes:
		return tokB
	case kList:
		return tokL
	case kMap, kStruct:
		return tokM
	case kPointer:
		if n.elem.kind != kPointer {
			return n.elem.likely()
		}
	}
	return tokS
}

// empty reports whether a set field has no elements, behind pointers and
// interfaces too.
func (n *node) empty(v reflect.Value) bool {
	for range maxDepth {
		if k := v.Kind(); k != reflect.Pointer && k != reflect.Interface {
			break
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Slice, reflect.Array:
		return v.Len() == 0
	}
	return false
}
