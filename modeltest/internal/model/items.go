package model

import "time"

// planItem is plan of a verb that takes an item.
func (r *Rules) planItem(o *Order, stored, there *Item, now time.Time, how mode) plan {
	p := plan{id: r.idOf(o)}
	refuse := func(faults ...Fault) plan {
		p.Faults = faults
		return p
	}
	if o.Verb == Destroy {
		switch {
		case p.id == "":
			return refuse(Invalid)
		case len(o.View.Unkept) > 0 && o.View.Own != "" && o.Item.Kind != o.View.Own:
			return refuse(WrongOne)
		case r.Lock && !o.Overwrite && version(there) != o.Item.Version:
			return refuse(Stale)
		case !r.holds(o, there):
			return refuse(Failed)
		case stored != nil:
			r.move(&p, o.Item.Kind, stored)
		}
		p.Memory = o.Item
		return p
	}
	next := r.stamped(o, now)
	p.id = next.ID
	switch {
	case o.View.Own != "" && o.Item.Kind != "" && o.Item.Kind != o.View.Own:
		return refuse(WrongOne)
	case how != batch && !o.Unchecked && next.N == Bad, next.ID == "":
		return refuse(Invalid)
	}
	next.Kind = o.View.kindOf(*o.Item)
	switch o.Verb {
	case Create:
		next.Version = 1
		switch {
		case there != nil:
			return refuse(Exists)
		case !r.holds(o, nil):
			return refuse(Failed)
		}
	case Put:
		next.Version = o.Item.Version + 1
		if !r.holds(o, there) {
			return refuse(Failed)
		}
	case Save:
		next.Version = o.Item.Version + 1
		switch {
		case r.Lock && !o.Overwrite && version(there) != o.Item.Version:
			return refuse(Stale)
		case !r.holds(o, there):
			return refuse(Failed)
		}
	case SaveChanges:
		return r.planChanges(&p, o, &next, stored, there, how)
	default:
	}
	if !r.Lock {
		next.Version = o.Item.Version
	}
	p.next, p.Memory = &next, &next
	r.move(&p, next.Kind, stored)
	return p
}

// kindOf is the kind that an item is written as.
func (v *View) kindOf(it Item) string {
	if v.Own != "" {
		return v.Own
	}
	return it.Kind
}

// stamped returns the caller's item with what a write fills in.
func (r *Rules) stamped(o *Order, now time.Time) Item {
	it := o.Item.Clone()
	it.Lacks = 0
	if o.Verb == Create && it.Note == "" {
		it.Note = r.Default
	}
	if it.ID == "" && r.NewID != nil {
		it.ID = r.NewID()
	}
	if it.Created == 0 && (o.Verb == Create || o.Verb == Put) {
		it.Created = now.UnixNano()
	}
	it.Updated = now.UnixNano()
	if it.End == 0 && r.After > 0 {
		it.End = now.Add(r.After).Unix()
	}
	return it
}

// planChanges is plan of SaveChanges: what differs is set, whatever else is there.
func (r *Rules) planChanges(p *plan, o *Order, next, stored, there *Item, how mode) plan {
	refuse := func(faults ...Fault) plan {
		p.Faults = faults
		return *p
	}
	was := o.Before
	if was.ID != next.ID || r.Lock && was.Version != o.Item.Version || was.Kind != o.Item.Kind {
		return refuse(Invalid)
	}
	p.Memory = o.Item
	merged := Item{}
	if there != nil {
		merged = there.Clone()
	}
	differs := merge(&merged, was, next)
	if !differs && how == alone {
		return *p
	}
	guarded := r.Lock && !o.Overwrite
	foreign := there != nil && (!o.View.sees(there.Kind) || o.View.Many && there.Kind != o.Item.Kind)
	switch {
	case foreign: // which the version tells, or the kind
		return refuse(Stale, NotFound, Failed)
	case there == nil && guarded, guarded && there.Version != was.Version:
		return refuse(Stale)
	case there == nil:
		return refuse(NotFound)
	case !r.holds(o, there):
		return refuse(Failed)
	case !differs:
		return *p
	}
	merged.Updated = next.Updated
	next.Version = o.Item.Version
	if r.Lock {
		next.Version = o.Item.Version + 1
		merged.Version = next.Version
	}
	p.next, p.Memory = &merged, next
	r.move(p, merged.Kind, stored)
	return *p
}

// merge sets in an item what differs between two others, and reports whether
// anything does.
func merge(into, was, next *Item) (differs bool) {
	for _, f := range fields {
		if !f.same(*was, *next) {
			f.copy(into, next)
			into.Lacks &^= f.lacks
			differs = true
		}
	}
	return differs
}
