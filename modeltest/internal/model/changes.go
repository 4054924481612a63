package model

import (
	"reflect"
	"slices"
	"time"
)

// A field is one that the callers set.
type field struct {
	of    func(*Item) any // a pointer to it
	lacks Fields
}

var fields = map[string]field{
	"n":       {func(it *Item) any { return &it.N }, LacksN},
	"note":    {func(it *Item) any { return &it.Note }, LacksNote},
	"email":   {func(it *Item) any { return &it.Email }, 0},
	"room":    {func(it *Item) any { return &it.Room }, 0},
	"seat":    {func(it *Item) any { return &it.Seat }, LacksSeat},
	"only":    {func(it *Item) any { return &it.Only }, 0},
	"tags":    {func(it *Item) any { return &it.Tags }, 0},
	"list":    {func(it *Item) any { return &it.List }, 0},
	"end":     {func(it *Item) any { return &it.End }, 0},
	"seen":    {func(it *Item) any { return &it.Seen }, 0},
	"created": {func(it *Item) any { return &it.Created }, 0},
}

func (f field) same(a, b Item) bool {
	a, b = a.Read(), b.Read()
	return reflect.DeepEqual(f.of(&a), f.of(&b))
}

func (f field) copy(into, from *Item) {
	c := from.Clone()
	reflect.ValueOf(f.of(into)).Elem().Set(reflect.ValueOf(f.of(&c)).Elem())
}

// changeable reports whether the changes of an order can be made to any item.
func (r *Rules) changeable(o *Order) bool {
	if o.Verb == Touch {
		return true // there is an update time
	}
	if len(o.Changes) == 0 {
		return false
	}
	seen := map[string]bool{}
	for _, c := range o.Changes {
		if seen[c.Field] || slices.Contains(o.View.Unkept, c.Field) {
			return false
		}
		seen[c.Field] = true
		plain := c.Op == Set || c.Op == Remove || c.Op == SetIfMissing
		if !plain && slices.ContainsFunc(r.Uniques, func(u Unique) bool {
			return slices.Contains(u.Fields, c.Field) && (o.View.Many || u.on(o.View.Own))
		}) {
			return false
		}
	}
	return true
}

// changed returns what an update leaves of an item, nil for none.
func (r *Rules) changed(o *Order, it *Item, now time.Time) Item {
	var next Item
	if it != nil {
		next = it.Clone()
	} else {
		next = Item{ID: o.ID, Kind: o.View.Own, Lacks: LacksN | LacksNote | LacksSeat}
	}
	for _, c := range o.Changes {
		c.apply(&next)
	}
	if o.Verb == Touch && o.Named {
		next.Seen = now.UnixNano()
	}
	if next.Updated = now.UnixNano(); r.Lock {
		next.Version++
	}
	if o.Verb != Upsert {
		return next
	}
	changes := func(name string) bool {
		return slices.ContainsFunc(o.Changes, func(c Change) bool { return c.Field == name })
	}
	if it == nil {
		next.Created = now.UnixNano()
	}
	if next.End == 0 && r.After > 0 && !changes("end") {
		next.End = now.Add(r.After).Unix()
	}
	if r.Default != "" && next.Lacks&LacksNote != 0 && !changes("note") {
		next.Note, next.Lacks = r.Default, next.Lacks&^LacksNote
	}
	return next
}

// apply makes the change.
func (c Change) apply(it *Item) {
	f := fields[c.Field]
	missing := it.Lacks&f.lacks != 0
	if it.Lacks &^= f.lacks; c.Op == Remove || c.Op == Subtract && missing {
		it.Lacks |= f.lacks
	}
	switch p := f.of(it).(type) {
	case *int64:
		switch c.Op {
		case Set:
			*p = c.Int
		case SetIfMissing:
			if missing {
				*p = c.Int
			}
		case Add:
			*p += c.Int
		case Remove:
			*p = 0
		default:
		}
	case *string:
		switch c.Op {
		case Set:
			*p = c.Text
		case SetIfMissing:
			if missing {
				*p = c.Text
			}
		case Remove:
			*p = ""
		default:
		}
	case *[]string:
		*p = c.texts(*p)
	}
}

// texts is apply of a list or a set.
func (c Change) texts(was []string) []string {
	switch c.Op {
	case Set:
		return slices.Clone(c.Texts)
	case Remove:
		return nil
	case Append:
		return slices.Concat(was, c.Texts)
	case Prepend:
		return slices.Concat(c.Texts, was)
	case Add:
		return slices.Compact(slices.Sorted(slices.Values(slices.Concat(was, c.Texts))))
	case Subtract:
		return slices.DeleteFunc(slices.Clone(was), func(t string) bool { return slices.Contains(c.Texts, t) })
	default:
		return was
	}
}
