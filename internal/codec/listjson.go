package codec

import "reflect"

// list decodes a list or a set into a slice or an array, whose surplus
// elements are passed over.
func (d *decoder) list(n *node, v reflect.Value, tok token) error {
	elem := tok.elem()
	if elem == 0 && tok != tokL {
		return misfit(tok.name(), n.typ)
	}
	if err := d.enter(); err != nil {
		return err
	}
	var err error
	switch {
	case n.typ == stringsType:
		err = d.stringList(v, elem)
	case n.typ.Kind() == reflect.Array:
		err = d.elements(func(i int) error {
			switch {
			case i < v.Len():
				return d.element(n.elem, v.Index(i), elem)
			case elem != 0:
				return d.passAs(elem)
			}
			return d.pass()
		})
	default:
		l, list := d.scratch.list(n)
		err = d.elements(func(i int) error {
			grow(list)
			return d.element(n.elem, list.Index(i), elem)
		})
		if l.open--; err == nil {
			settle(v, list)
		}
	}
	d.leave()
	return err
}

// elements calls each at the begin of every element. Elements of a list are
// whole attribute values, those of a set bare scalars.
func (d *decoder) elements(each func(i int) error) error {
	if !d.take('[') {
		return ErrSyntax
	}
	if !d.at('{') && !d.at('"') && d.take(']') {
		return nil
	}
	for i := 0; ; i++ {
		if err := each(i); err != nil {
			return err
		}
		if more, err := d.more(']'); err != nil || !more {
			return err
		}
	}
}

func (d *decoder) element(n *node, v reflect.Value, elem token) error {
	if elem != 0 {
		return d.value(n, v, elem)
	}
	tok := n.first
	if !d.prefix(n.prefix) {
		var err error
		if tok, err = d.open(); err != nil {
			return err
		}
	}
	if err := d.value(n, v, tok); err != nil {
		return err
	}
	if !d.take('}') {
		return ErrSyntax
	}
	return nil
}

func (d *decoder) stringList(v reflect.Value, elem token) error {
	base := len(d.strs)
	err := d.elements(func(int) error {
		tok := elem
		if elem == 0 {
			var err error
			if tok, err = d.open(); err != nil {
				return err
			}
		}
		s := ""
		switch tok {
		case tokS, tokN:
			b, err := d.str()
			if err != nil {
				return err
			}
			s = d.string(b)
		case tokNULL:
			if _, err := d.boolean(); err != nil {
				return err
			}
		default:
			return misfit(tok.name(), stringsType.Elem())
		}
		d.strs = append(d.strs, s)
		if elem == 0 && !d.take('}') {
			return ErrSyntax
		}
		return nil
	})
	if err != nil {
		return err
	}
	*v.Addr().Interface().(*[]string) = d.strings(d.strs[base:])
	d.strs = d.strs[:base]
	return nil
}

func (d *decoder) mapping(n *node, v reflect.Value, tok token) error {
	if tok != tokM {
		return misfit(tok.name(), n.typ)
	}
	v.Set(reflect.MakeMap(n.typ))
	key, elem := reflect.New(n.key).Elem(), reflect.New(n.elem.typ).Elem()
	return d.object(func(name []byte) error {
		key.SetZero()
		elem.SetZero()
		if err := setKey(n, key, d.string(name)); err != nil {
			return err
		}
		if err := d.element(n.elem, elem, 0); err != nil {
			return err
		}
		before := v.Len()
		if v.SetMapIndex(key, elem); v.Len() == before {
			return ErrTwice
		}
		return nil
	})
}

// object calls each with every name of an object of attribute values; name is
// valid until each reads on.
func (d *decoder) object(each func(name []byte) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if !d.take('{') {
		return ErrSyntax
	}
	if d.take('}') {
		return nil
	}
	for {
		name, err := d.str()
		if err != nil {
			return err
		}
		if !d.take(':') {
			return ErrSyntax
		}
		if err := each(name); err != nil {
			return err
		}
		if more, err := d.more('}'); err != nil || !more {
			return err
		}
	}
}
