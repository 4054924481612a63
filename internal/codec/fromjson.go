package codec

import (
	"bytes"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// jsonItem decodes the item at hand into v, the zero struct, and checks it.
func (d *decoder) jsonItem(v reflect.Value) error {
	if d.c.cases != nil {
		return d.jsonCase(v)
	}
	start := d.pos
	d.begin()
	root := d.c.root
	if root.unmarshal != 0 {
		item, err := d.attributes()
		if err != nil {
			return err
		}
		return d.item(item, v)
	}
	if err := d.structure(root, v); err != nil {
		return d.misfit(start, err)
	}
	return d.check(v)
}

// structure decodes the fields of n: {"name":{"S":"x"},...}. In every object it
// expects the field that came last time after the one before, and compares its
// name and type at once.
func (d *decoder) structure(n *node, v reflect.Value) error {
	if n.err != nil {
		return n.err
	}
	if err := d.enter(); err != nil {
		return err
	}
	base := d.push(len(n.fields))
	err := d.members(n, v, base)
	if base > 0 { // the marks of the item itself are read by check
		d.bits = d.bits[:base]
	}
	d.leave()
	return err
}

func (d *decoder) members(n *node, v reflect.Value, base int) error {
	if !d.take('{') {
		return ErrSyntax
	}
	if !d.at('"') && d.take('}') {
		return nil
	}
	next := d.order(n)
	last := 0
	for more := true; more; {
		var (
			at  int
			tok token
		)
		if at = int(next[last]); at < len(n.fields) && d.prefix(n.fields[at].prefix) {
			tok = n.fields[at].first
		} else {
			name, err := d.str()
			if err != nil {
				return err
			}
			known := false
			at, known = n.byName[string(name)]
			if !d.take(':') {
				return ErrSyntax
			}
			if !known {
				if err := d.pass(); err != nil {
					return err
				}
				if more, err = d.more('}'); err != nil {
					return err
				}
				continue
			}
			if tok, err = d.open(); err != nil {
				return err
			}
			next[last] = int32(at)
		}
		f := &n.fields[at]
		if d.mark(base, at) {
			return under(f.attr, ErrTwice)
		}
		var err error
		if f.index >= 0 && f.watch == 0 {
			err = d.value(f.node, v.Field(f.index), tok)
		} else {
			err = d.field(f, v, tok)
		}
		if err != nil {
			return under(f.attr, err)
		}
		last = at + 1
		if d.prefix("},") {
			continue
		}
		if !d.take('}') {
			return ErrSyntax
		}
		if more, err = d.more('}'); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) order(n *node) []int32 {
	next := d.next[n.id]
	if next == nil {
		next = make([]int32, len(n.fields)+1)
		for i := range next {
			next[i] = int32(i)
		}
		d.next[n.id] = next
	}
	return next
}

func (d *decoder) field(f *field, v reflect.Value, tok token) error {
	if f.watch == 0 {
		return d.value(f.node, f.reach(v), tok)
	}
	start := d.pos
	if err := d.observe(f.watch-1, tok); err != nil || f.Field == nil {
		return err
	}
	d.pos = start
	return d.value(f.node, f.reach(v), tok)
}

// value decodes what stands behind {"S": or the like, up to the closing brace,
// into v, which is zero.
func (d *decoder) value(n *node, v reflect.Value, tok token) error {
	if n.unmarshal != 0 {
		if done, err := d.unmarshal(n, v, tok); done || err != nil {
			return err
		}
	}
	if tok == tokNULL && n.kind != kRaw {
		_, err := d.boolean()
		return err
	}
	switch n.kind {
	case kInt:
		if tok != tokN {
			return d.scalar(n, v, tok)
		}
		b, err := d.str()
		if err != nil {
			return err
		}
		i, ok := parseInt(b)
		if !ok || v.OverflowInt(i) {
			return misfit("the number", n.typ)
		}
		v.SetInt(i)
		return nil
	case kString:
		if tok != tokS && tok != tokN {
			break
		}
		b, err := d.str()
		if err == nil {
			v.SetString(d.string(b))
		}
		return err
	case kUint, kFloat, kTime:
		return d.scalar(n, v, tok)
	case kBool:
		if tok != tokBOOL {
			break
		}
		b, err := d.boolean()
		v.SetBool(b)
		return err
	case kBytes:
		if tok != tokB {
			return d.list(n, v, tok)
		}
		b, err := d.bytes()
		if err != nil {
			return err
		}
		return setBytes(n, v, b)
	case kList:
		return d.list(n, v, tok)
	case kMap:
		return d.mapping(n, v, tok)
	case kStruct:
		if tok == tokM {
			return d.structure(n, v)
		}
	case kPointer:
		return d.pointer(n, v, tok)
	case kAny, kRaw:
		return d.dynamic(n, v, tok)
	}
	return misfit(tok.name(), n.typ)
}

func (d *decoder) pointer(n *node, v reflect.Value, tok token) error {
	if err := d.enter(); err != nil {
		return err
	}
	v.Set(reflect.New(n.elem.typ))
	err := d.value(n.elem, v.Elem(), tok)
	d.leave()
	return err
}

func (d *decoder) scalar(n *node, v reflect.Value, tok token) error {
	number := tok == tokN || tok == tokS && n.tag.AsString
	if !number && (tok != tokS || n.kind != kTime) {
		return misfit(tok.name(), n.typ)
	}
	b, err := d.str()
	switch {
	case err != nil:
		return err
	case number:
		return setNumber(n, v, b, d.zone)
	}
	return setTimeText(n, v, b, d.zone)
}

// unmarshal lets v decode itself. It reports false if v has no method for tok.
// What v is given is its own: a method that keeps or changes it, which it
// should not, reaches nothing of the next value.
func (d *decoder) unmarshal(n *node, v reflect.Value, tok token) (bool, error) {
	switch {
	case n.unmarshal&fields.Value != 0:
		av, err := d.attribute(tok)
		if err != nil {
			return true, err
		}
		if err := valueOf(v).UnmarshalDynamoDBAttributeValue(av); err != nil {
			return true, foreign("UnmarshalDynamoDBAttributeValue", n.typ, err)
		}
		return true, nil
	case n.unmarshal&fields.Text != 0 && tok == tokS:
		b, err := d.str()
		if err != nil {
			return true, err
		}
		if err := textOf(v).UnmarshalText(bytes.Clone(b)); err != nil {
			return true, foreign("UnmarshalText", n.typ, err)
		}
		return true, nil
	case n.unmarshal&fields.Binary != 0 && tok == tokB:
		b, err := d.bytes()
		if err != nil {
			return true, err
		}
		if err := binaryOf(v).UnmarshalBinary(bytes.Clone(b)); err != nil {
			return true, foreign("UnmarshalBinary", n.typ, err)
		}
		return true, nil
	}
	return false, nil
}
