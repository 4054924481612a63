package cond

import (
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fields"
)

// An AttrError tells which attribute of which type is not right, and why. It
// is [ErrAttr] and holds no values.
type AttrError struct {
	Type reflect.Type // of the items; nil where it is not known
	Attr string       // document path; "" if the selector found none
	Rule string
	Err  error // beneath, or nil
}

// Error names the type, the attribute and the rule.
func (e *AttrError) Error() string {
	text := "cond: "
	if e.Type != nil {
		text += e.Type.String() + ": "
	}
	if e.Attr != "" {
		text += "attribute " + e.Attr + ": "
	}
	text += e.Rule
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns [ErrAttr] and the error beneath.
func (e *AttrError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrAttr}
	}
	return []error{ErrAttr, e.Err}
}

// maxNesting bounds how deep structs are searched; DynamoDB nests 32 levels.
const maxNesting = 32

// resolveField finds the field of item, a pointer, whose address, a *want, sel
// returns.
func resolveField(item reflect.Value, want reflect.Type, sel func() reflect.Value) (a *attr) {
	t := item.Type().Elem()
	fault := func(rule string, err error) *attr {
		return &attr{owner: t, err: &AttrError{Type: t, Rule: rule, Err: err}}
	}
	s, err := fields.Of(t)
	if err != nil {
		return fault("a selector needs a struct type that can be stored", err)
	}
	if want.Size() == 0 {
		return fault("a selector can't tell fields without a size apart; use cond.Name", nil)
	}
	defer func() {
		if recover() != nil {
			a = fault("the selector panics; an element of a list or map, and what lies in a type within itself, goes by cond.Name", nil)
		}
	}()
	search := search{want: want, at: map[uintptr]place{}}
	// Nested structs are allocated before the selector walks through them.
	search.fill(s, item.Elem(), nil, map[reflect.Type]bool{t: true})
	got := sel()
	if got.IsNil() {
		return fault("the selector returns nil", nil)
	}
	at, found := search.at[got.Pointer()]
	if !found {
		return fault("the selector returns no attribute's field", nil)
	}
	if at.path.Bracketed() {
		return fault(brackets, nil)
	}
	return &attr{owner: t, at: at}
}

// brackets is what keeps a name out of expressions: the SDK takes what stands
// in brackets for a list index.
const brackets = "a name with brackets can't be in an expression"

// search notes the address of every field of the wanted type, and of what
// pointer fields point to.
type search struct {
	want reflect.Type
	at   map[uintptr]place
}

func (s *search) fill(p *fields.Struct, v reflect.Value, path expr.Path, open map[reflect.Type]bool) {
	for i := range p.Fields {
		f := &p.Fields[i]
		at := place{path: path.With(expr.Step{Name: f.Name}), typ: f.Type, tag: f.Tag, leaf: true}
		fv := f.Alloc(v)
		s.note(fv, at)
		nested := structOf(f.Type, f.Tag)
		if open[nested] || len(at.path) >= maxNesting {
			continue
		}
		for fv.Kind() == reflect.Pointer {
			fv.Set(reflect.New(fv.Type().Elem()))
			fv = fv.Elem()
			s.note(fv, at)
		}
		if np, err := planOf(f.Type, f.Tag); err == nil {
			open[nested] = true
			s.fill(np, fv, at.path, open)
			delete(open, nested)
		}
	}
}

func (s *search) note(v reflect.Value, at place) {
	if v.Type() == s.want {
		s.at[v.Addr().Pointer()] = at
	}
}

// structOf returns the struct type that t is or points to, or nil if t is
// stored as a whole.
func structOf(t reflect.Type, tag fields.Tag) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || fields.Whole(t, tag) {
		return nil
	}
	return t
}

func resolveName(t reflect.Type, text string) (place, error) {
	at := place{typ: t}
	fault := func(rule string) (place, error) {
		return place{}, &AttrError{Type: t, Attr: text, Rule: rule}
	}
	if !utf8.ValidString(text) {
		return fault("a name is UTF-8")
	}
	if s, err := planOf(t, fields.Tag{}); err == nil && s.Field(text) != nil {
		at.step(expr.Step{Name: text})
		if at.path.Bracketed() {
			return fault(brackets)
		}
		return at, nil
	}
	for name := range strings.SplitSeq(text, ".") {
		name, rest, indexed := strings.Cut(name, "[")
		if name == "" {
			return fault("an empty name in the path")
		}
		if strings.Contains(name, "]") {
			return fault(brackets)
		}
		at.step(expr.Step{Name: name})
		for indexed {
			var digits string
			digits, rest, indexed = strings.Cut(rest, "]")
			n, err := strconv.ParseUint(digits, 10, 31)
			if err != nil || !indexed {
				return fault("a list index is [n]")
			}
			at.step(expr.Step{Index: int(n)})
			if rest == "" {
				break
			}
			if rest, indexed = strings.CutPrefix(rest, "["); !indexed {
				return fault("a list index ends a name")
			}
		}
	}
	return at, nil
}

func planOf(t reflect.Type, tag fields.Tag) (*fields.Struct, error) {
	if t = structOf(t, tag); t == nil {
		return nil, ErrAttr
	}
	return fields.Of(t)
}

// step goes one element further down, with the type that is stored there or
// nil where that can't be told.
func (p *place) step(s expr.Step) {
	t, tag := p.typ, p.tag
	p.path = p.path.With(s)
	p.typ, p.tag, p.leaf = nil, fields.Tag{}, len(p.path) == 1
	if t == nil {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case s.Name == "" && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array), s.Name != "" && t.Kind() == reflect.Map:
		p.typ, p.tag = t.Elem(), tag.OfElem(t.Elem())
	case s.Name != "":
		if st, err := planOf(t, tag); err == nil {
			if f := st.Field(s.Name); f != nil {
				p.typ, p.tag, p.leaf = f.Type, f.Tag, true
			}
		}
	}
}
