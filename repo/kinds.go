package repo

import (
	"errors"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/key"
)

// Kinds tell of which struct types the items of a table are, so that a
// repository can hold several (rules H1 to H3). Package sti makes them. They
// must not be changed once a repository was made with them.
//
// A repository of an interface holds every kind whose pointer implements it,
// and returns each item as the pointer to its own type. A repository of a
// struct type holds that kind and those under it, read as that type.
type Kinds struct {
	// Attr names the discriminator, an attribute of type S that need not have a
	// field. A string field of that name holds what is stored.
	Attr string
	// List are the kinds of the table, those outside of the repository included.
	List []Kind
	// View says that items of other kinds are in the table too and are not to be
	// seen: queries filter, and by key they are ErrNotFound. Otherwise an item of
	// none of the repository's kinds is ErrUnknownKind.
	View bool
	// Skip leaves items that would be ErrUnknownKind out of queries and counts
	// them in Stats.Skipped. By key they stay errors.
	Skip bool
}

// A Kind is one struct type of items.
type Kind struct {
	Type    reflect.Type // a struct
	Name    string       // stored in the discriminator
	Aliases []string     // read and matched as Name is, never written
	Under   reflect.Type // the kind that this one is a special case of, or nil

	model *schema // of a repository that exists: its keys tell, or its own kinds
}

// Kinds returns the kinds of the items of r, for a repository that holds those
// of several: each is told apart by the literals of the table's key (rule K7),
// and by the discriminator if r has one.
func (r *Repo[T]) Kinds() []Kind {
	if r.schema.cases == nil {
		return []Kind{{Type: r.schema.plan.Type, model: r.schema}}
	}
	list := make([]Kind, len(r.schema.order))
	for i, own := range r.schema.order {
		list[i] = Kind{Type: own.plan.Type, model: own}
	}
	return list
}

// ErrUnknownKind says that an item is of no kind of the repository.
var ErrUnknownKind = errors.New("an item of an unknown kind")

// A KindError tells which attribute names no kind of a repository, or which
// type is none. It is [ErrUnknownKind].
type KindError struct {
	Attr string       // the discriminator; "" if there is none
	Type reflect.Type // of an item to be written; nil of one that was read
}

// Error names the attribute or the type, and nothing of the item.
func (e *KindError) Error() string {
	text := ErrUnknownKind.Error()
	if e.Type != nil {
		text += ": " + e.Type.String()
	}
	if e.Attr != "" {
		text += ", by attribute " + e.Attr
	}
	return text
}

// Unwrap returns [ErrUnknownKind].
func (e *KindError) Unwrap() error { return ErrUnknownKind }

// ErrKind says that an item to be written has the discriminator of another
// kind: it was loaded as what it is a special case of, and would lose the rest.
var ErrKind = errors.New("the item is of another kind")

// find returns the kind of a struct type, or nil.
func (k *Kinds) find(t reflect.Type) *Kind {
	if i := slices.IndexFunc(k.List, func(o Kind) bool { return o.Type == t }); i >= 0 {
		return &k.List[i]
	}
	return nil
}

// within reports whether kind o is t or under it, however far.
func (k *Kinds) within(o *Kind, t reflect.Type) bool {
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
func (k *Kinds) of(t reflect.Type) []*Kind {
	var held []*Kind
	for i := range k.List {
		o := &k.List[i]
		if t.Kind() == reflect.Interface && reflect.PointerTo(o.Type).Implements(t) || k.within(o, t) {
			held = append(held, o)
		}
	}
	return held
}

// names returns all that the kinds may be stored as.
func names(kinds []*Kind) []string {
	var all []string
	for _, o := range kinds {
		all = append(append(all, o.Name), o.Aliases...)
	}
	return all
}

// validate tells every fault of a declaration for items of t.
func (k *Kinds) validate(t reflect.Type, fault func(rule string)) {
	if k.Attr == "" && slices.ContainsFunc(k.List, func(o Kind) bool { return o.model == nil }) {
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
		if o.model == nil {
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

func (k *Kinds) validateName(o *Kind, taken map[string]bool, fault func(rule string)) {
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
func (spec Spec) only(t reflect.Type, has func(attr string) bool) Spec {
	other := func(o reflect.Type) bool {
		return o != nil && o != t && (spec.Kinds.find(o) != nil || o.Kind() == reflect.Interface && !reflect.PointerTo(t).Implements(o))
	}
	spec.Callbacks = slices.DeleteFunc(slices.Clone(spec.Callbacks), func(c Callback) bool { return other(c.typ) })
	spec.Defaults = slices.DeleteFunc(slices.Clone(spec.Defaults), func(d Default) bool { return other(d.typ) })
	spec.Unique = slices.DeleteFunc(slices.Clone(spec.Unique), func(u Unique) bool {
		return other(u.typ) && !spec.Kinds.inherits(t, u.typ) || u.typ != t && slices.ContainsFunc(u.attrs, func(attr string) bool { return !has(attr) })
	})
	spec.Indexes = slices.Clone(spec.Indexes)
	for i := len(spec.Indexes) - 1; i >= 0; i-- {
		k := spec.Indexes[i].Key(spec.Key)
		if slices.ContainsFunc(slices.Concat(k.Hash.Fields(), k.Range.Fields()), func(f key.Part) bool { return !has(f.Name()) }) {
			spec.Indexes = slices.Delete(spec.Indexes, i, i+1)
		}
	}
	return spec
}
