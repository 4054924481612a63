package model

import (
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/key"
)

// Kinds tell of which struct types the items of a table are; package repo
// tells.
type Kinds struct {
	Attr       string
	List       []KindDecl
	View, Skip bool
}

// A KindDecl is one struct type of items.
type KindDecl struct {
	Type    reflect.Type
	Name    string
	Aliases []string
	Under   reflect.Type
	Item    *Item // of a repository that exists: its keys tell, or its own kinds
}

// find returns the kind of a struct type, or nil.
func (k *Kinds) find(t reflect.Type) *KindDecl {
	if i := slices.IndexFunc(k.List, func(o KindDecl) bool { return o.Type == t }); i >= 0 {
		return &k.List[i]
	}
	return nil
}

// within reports whether kind o is t or under it, however far.
func (k *Kinds) within(o *KindDecl, t reflect.Type) bool {
	for range k.List {
		if o == nil || o.Type == t {
			break
		}
		o = k.find(o.Under)
	}
	return o != nil && o.Type == t
}

// inherits reports whether t is a kind that is from or under it.
func (k *Kinds) inherits(t, from reflect.Type) bool {
	return k != nil && k.within(k.find(t), from)
}

// of returns the kinds that a repository of t holds.
func (k *Kinds) of(t reflect.Type) []*KindDecl {
	var held []*KindDecl
	for i := range k.List {
		o := &k.List[i]
		if t.Kind() == reflect.Interface && reflect.PointerTo(o.Type).Implements(t) || k.within(o, t) {
			held = append(held, o)
		}
	}
	return held
}

// names returns all that the kinds may be stored as.
func names(kinds []*KindDecl) []string {
	var all []string
	for _, o := range kinds {
		all = append(append(all, o.Name), o.Aliases...)
	}
	return all
}

// validate tells every fault of a declaration for items of t.
func (k *Kinds) validate(t reflect.Type, fault func(rule string)) {
	if k.Attr == "" && slices.ContainsFunc(k.List, func(o KindDecl) bool { return o.Item == nil }) {
		fault("want the name of the discriminator")
	}
	if len(k.List) == 0 {
		fault("want a kind")
	}
	if k.Attr == "" && t.Kind() == reflect.Struct {
		fault("without a discriminator, want a repository of an interface")
	}
	taken := map[string]bool{}
	types := map[reflect.Type]bool{}
	for i := range k.List {
		o := &k.List[i]
		if o.Type == nil || o.Type.Kind() != reflect.Struct {
			fault("want struct types, not pointers to them")
			return
		}
		if types[o.Type] {
			fault(o.Type.String() + " stands twice")
		}
		types[o.Type] = true
		if o.Item == nil {
			k.validateName(o, taken, fault)
		}
		if t.Kind() == reflect.Interface && !k.View && !reflect.PointerTo(o.Type).Implements(t) {
			fault("*" + o.Type.String() + " does not implement " + t.String())
		}
	}
	held := k.of(t)
	switch {
	case len(held) == 0 && t.Kind() == reflect.Interface:
		fault("no kind implements " + t.String())
	case len(held) == 0:
		fault(t.String() + " is no kind")
	}
}

func (k *Kinds) validateName(o *KindDecl, taken map[string]bool, fault func(rule string)) {
	for _, name := range append([]string{o.Name}, o.Aliases...) {
		switch {
		case name == "":
			fault(o.Type.String() + " has an empty name")
		case taken[name]:
			fault("two kinds are named " + name)
		}
		taken[name] = true
	}
	if o.Under == nil {
		return
	}
	if k.find(o.Under) == nil {
		fault(o.Type.String() + " is under " + o.Under.String() + ", which is no kind")
	}
	if above := k.find(o.Under); above != nil && k.within(above, o.Type) {
		fault(o.Type.String() + " is under itself")
	}
}

// only returns the declaration as far as it is for items of t: without the
// callbacks, defaults and constraints of other kinds, and what t has no fields for.
func (d Decl) only(t reflect.Type, has func(attr string) bool) Decl {
	other := func(o reflect.Type) bool {
		return o != nil && o != t && (d.Kinds.find(o) != nil || o.Kind() == reflect.Interface && !reflect.PointerTo(t).Implements(o))
	}
	d.Callbacks = slices.DeleteFunc(slices.Clone(d.Callbacks), func(c life.Callback) bool { return other(c.Type) })
	d.Defaults = slices.DeleteFunc(slices.Clone(d.Defaults), func(one Default) bool { return other(one.Type) })
	d.Unique = slices.DeleteFunc(slices.Clone(d.Unique), func(u UniqueDecl) bool {
		return other(u.Type) && !d.Kinds.inherits(t, u.Type) || u.Type != t && slices.ContainsFunc(u.Attrs, func(attr string) bool { return !has(attr) })
	})
	d.Indexes = slices.Clone(d.Indexes)
	for i := len(d.Indexes) - 1; i >= 0; i-- {
		k := d.Indexes[i].Key(d.Key)
		if slices.ContainsFunc(slices.Concat(k.Hash.Fields(), k.Range.Fields()), func(f key.Part) bool { return !has(f.Name()) }) {
			d.Indexes = slices.Delete(d.Indexes, i, i+1)
		}
	}
	return d
}
