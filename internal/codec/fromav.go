package codec

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// item decodes attributes into v, the zero struct, and checks it.
func (d *decoder) item(item map[string]types.AttributeValue, v reflect.Value) error {
	if d.c.cases != nil {
		return d.itemCase(item, v)
	}
	d.begin()
	root := d.c.root
	if root.unmarshal == 0 {
		if err := d.fromMap(root, v, item); err != nil {
			return d.misfitOf(item, err)
		}
		return d.check(v)
	}
	err := valueOf(v).UnmarshalDynamoDBAttributeValue(&types.AttributeValueMemberM{Value: item})
	if err != nil {
		return d.misfitOf(item, foreign("UnmarshalDynamoDBAttributeValue", root.typ, err))
	}
	base := d.push(len(root.fields))
	for i := range root.fields {
		f := &root.fields[i]
		if av, ok := item[f.attr]; ok {
			d.mark(base, i)
			if f.watch > 0 {
				d.observeValue(f.watch-1, av)
			}
		}
	}
	return d.check(v)
}

// misfitOf is misfit of an item on the standard path.
func (d *decoder) misfitOf(item map[string]types.AttributeValue, fault error) error {
	if d.c.opts.Misfit == nil {
		return fault
	}
	d.begin()
	for i, name := range d.c.opts.Watch {
		if av, ok := item[name]; ok {
			d.observeValue(i, av)
		}
	}
	return d.misfits(fault)
}

func (d *decoder) fromMap(n *node, v reflect.Value, m map[string]types.AttributeValue) error {
	if n.err != nil {
		return n.err
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	base := d.push(len(n.fields))
	if base > 0 { // the marks of the item itself are read by check
		defer func() { d.bits = d.bits[:base] }()
	}
	for i := range n.fields {
		f := &n.fields[i]
		av, ok := m[f.attr]
		if !ok {
			continue
		}
		d.mark(base, i)
		if f.watch > 0 {
			d.observeValue(f.watch-1, av)
		}
		if f.Field == nil {
			continue
		}
		if err := d.fromValue(f.node, f.reach(v), av); err != nil {
			return under(f.attr, err)
		}
	}
	return nil
}

// fromValue decodes av into v, which is zero.
func (d *decoder) fromValue(n *node, v reflect.Value, av types.AttributeValue) error {
	if n.unmarshal != 0 {
		if done, err := unmarshalValue(n, v, av); done || err != nil {
			return err
		}
	}
	if n.kind == kRaw {
		if av != nil {
			v.Set(reflect.ValueOf(av))
		}
		return nil
	}
	switch av := av.(type) {
	case nil, *types.AttributeValueMemberNULL:
		return nil
	case *types.AttributeValueMemberS:
		switch {
		case n.kind == kString:
			v.SetString(av.Value)
			return nil
		case n.scalarKind() && n.tag.AsString:
			return setNumber(n, v, av.Value, d.zone)
		case n.kind == kTime:
			return setTimeText(n, v, av.Value, d.zone)
		}
	case *types.AttributeValueMemberN:
		switch {
		case n.kind == kString:
			v.SetString(av.Value)
			return nil
		case n.scalarKind():
			return setNumber(n, v, av.Value, d.zone)
		}
	case *types.AttributeValueMemberBOOL:
		if n.kind == kBool {
			v.SetBool(av.Value)
			return nil
		}
	case *types.AttributeValueMemberB:
		if n.kind == kBytes {
			return setBytes(n, v, av.Value)
		}
	case *types.AttributeValueMemberM:
		switch n.kind {
		case kStruct:
			return d.fromMap(n, v, av.Value)
		case kMap:
			return d.fromMapping(n, v, av.Value)
		}
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	switch n.kind {
	case kPointer:
		v.Set(reflect.New(n.elem.typ))
		return d.fromValue(n.elem, v.Elem(), av)
	case kAny:
		return d.fromAny(n, v, av)
	case kList, kBytes:
		return d.fromList(n, v, av)
	}
	return misfit(nameOf(av), n.typ)
}

func (n *node) scalarKind() bool {
	return n.kind == kInt || n.kind == kUint || n.kind == kFloat || n.kind == kTime
}

func unmarshalValue(n *node, v reflect.Value, av types.AttributeValue) (bool, error) {
	if n.unmarshal&fields.Value != 0 {
		if err := valueOf(v).UnmarshalDynamoDBAttributeValue(av); err != nil {
			return true, foreign("UnmarshalDynamoDBAttributeValue", n.typ, err)
		}
		return true, nil
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		if n.unmarshal&fields.Text != 0 {
			if err := textOf(v).UnmarshalText([]byte(av.Value)); err != nil {
				return true, foreign("UnmarshalText", n.typ, err)
			}
			return true, nil
		}
	case *types.AttributeValueMemberB:
		if n.unmarshal&fields.Binary != 0 {
			if err := binaryOf(v).UnmarshalBinary(slices.Clone(av.Value)); err != nil {
				return true, foreign("UnmarshalBinary", n.typ, err)
			}
			return true, nil
		}
	}
	return false, nil
}

func (d *decoder) fromMapping(n *node, v reflect.Value, m map[string]types.AttributeValue) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	v.Set(reflect.MakeMapWithSize(n.typ, len(m)))
	key, elem := reflect.New(n.key).Elem(), reflect.New(n.elem.typ).Elem()
	for name, av := range m {
		key.SetZero()
		elem.SetZero()
		if err := setKey(n, key, name); err != nil {
			return err
		}
		if err := d.fromValue(n.elem, elem, av); err != nil {
			return err
		}
		before := v.Len()
		if v.SetMapIndex(key, elem); v.Len() == before {
			return ErrTwice
		}
	}
	return nil
}

func (d *decoder) fromList(n *node, v reflect.Value, av types.AttributeValue) error {
	switch av := av.(type) {
	case *types.AttributeValueMemberL:
		return fill(v, av.Value, func(e reflect.Value, x types.AttributeValue) error {
			return d.fromValue(n.elem, e, x)
		})
	case *types.AttributeValueMemberSS:
		if n.typ == stringsType {
			*v.Addr().Interface().(*[]string) = d.strings(av.Value)
			return nil
		}
		return fill(v, av.Value, func(e reflect.Value, x string) error {
			return d.fromValue(n.elem, e, &types.AttributeValueMemberS{Value: x})
		})
	case *types.AttributeValueMemberNS:
		return fill(v, av.Value, func(e reflect.Value, x string) error {
			return d.fromValue(n.elem, e, &types.AttributeValueMemberN{Value: x})
		})
	case *types.AttributeValueMemberBS:
		return fill(v, av.Value, func(e reflect.Value, x []byte) error {
			return d.fromValue(n.elem, e, &types.AttributeValueMemberB{Value: x})
		})
	}
	return misfit(nameOf(av), n.typ)
}

// fill sets the elements of v, a zero slice or array, from list. Elements
// beyond an array's length are dropped.
func fill[E any](v reflect.Value, list []E, set func(reflect.Value, E) error) error {
	if v.Kind() == reflect.Slice {
		if len(list) == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		v.Grow(len(list))
		v.SetLen(len(list))
	}
	for i, x := range list[:min(len(list), v.Len())] {
		if err := set(v.Index(i), x); err != nil {
			return err
		}
	}
	return nil
}

// fromAny leaves the dynamic type to attributevalue.
func (d *decoder) fromAny(n *node, v reflect.Value, av types.AttributeValue) error {
	if s, ok := av.(*types.AttributeValueMemberS); ok && n.tag.AsString {
		av = &types.AttributeValueMemberN{Value: s.Value}
	}
	if tooDeep(av, maxDepth-d.depth) {
		return ErrDepth
	}
	var x any
	if attributevalue.Unmarshal(av, &x) != nil {
		return misfit("the value", n.typ)
	}
	return setAny(n, v, x)
}

func tooDeep(av types.AttributeValue, levels int) bool {
	if levels < 0 {
		return true
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberL:
		return slices.ContainsFunc(av.Value, func(e types.AttributeValue) bool { return tooDeep(e, levels-1) })
	case *types.AttributeValueMemberM:
		for _, e := range av.Value {
			if tooDeep(e, levels-1) {
				return true
			}
		}
	}
	return false
}

func nameOf(av types.AttributeValue) string {
	switch av.(type) {
	case *types.AttributeValueMemberS:
		return "S"
	case *types.AttributeValueMemberN:
		return "N"
	case *types.AttributeValueMemberB:
		return "B"
	case *types.AttributeValueMemberBOOL:
		return "BOOL"
	case *types.AttributeValueMemberM:
		return "M"
	case *types.AttributeValueMemberL:
		return "L"
	case *types.AttributeValueMemberSS:
		return "SS"
	case *types.AttributeValueMemberNS:
		return "NS"
	case *types.AttributeValueMemberBS:
		return "BS"
	}
	return "an unknown kind of value"
}
