package model

import (
	"slices"
	"time"
)

// A Result is what comes of an order.
type Result struct {
	Faults   []Fault // any of which is right; none if it is done
	Maybe    []Fault // what may be told of one that can be done where others can't
	Returned Item    // of an update
	Memory   *Item   // the caller's item afterwards; nil if it took none
}

// OK reports whether the order is done.
func (r Result) OK() bool { return len(r.Faults) == 0 }

// A plan is what an order would do.
type plan struct {
	Result

	id       string
	next     *Item // nil for none
	changes  bool
	released []string
	claimed  []string
}

// Apply does one order at a time of day, and says what comes of it.
func (r *Rules) Apply(s State, o *Order, now time.Time) (State, Result) {
	p := r.plan(s, o, now, alone)
	if p.OK() {
		p.clash(s, nil)
	}
	if !p.OK() {
		return s, r.kept(&p, o)
	}
	s = s.Clone()
	p.commit(s)
	return s, p.Result
}

// kept is the result of an order that was not done: the caller's item stays.
func (*Rules) kept(p *plan, o *Order) Result {
	p.Memory, p.Returned = o.Item, Item{}
	return p.Result
}

// clash finds values that others have and that no other order of the same
// transaction releases.
func (p *plan) clash(s State, released []string) {
	for _, v := range p.claimed {
		if owner, taken := s.Taken[v]; taken && owner != p.id && !slices.Contains(released, v) {
			p.Faults = append(p.Faults, Taken)
			return
		}
	}
}

func (p *plan) commit(s State) {
	p.release(s)
	p.store(s)
}

func (p *plan) release(s State) {
	for _, v := range p.released {
		if s.Taken[v] == p.id {
			delete(s.Taken, v)
		}
	}
}

func (p *plan) store(s State) {
	for _, v := range p.claimed {
		s.Taken[v] = p.id
	}
	switch {
	case !p.changes:
	case p.next == nil:
		delete(s.Items, p.id)
	default:
		s.Items[p.id] = p.next.Clone()
	}
}

// Ended reports whether an item is not there any more for those who read.
func (r *Rules) Ended(it Item, now time.Time) bool {
	return r.Hides && it.End > 0 && it.End <= now.Unix()
}

// Sees returns the item that a view has under an ID; false for none.
func (r *Rules) Sees(s State, v *View, id string, now time.Time) (Item, bool) {
	it, ok := s.Items[id]
	if !ok || r.Ended(it, now) || !v.sees(it.Kind) {
		return Item{}, false
	}
	return it, true
}

// values are the unique values of an item, by the constraints of a kind.
func (r *Rules) values(kind string, it *Item) []string {
	if it == nil {
		return nil
	}
	var all []string
	for _, u := range r.Uniques {
		if v := u.Of(*it); u.on(kind) && v != "" {
			all = append(all, u.Name+"="+v)
		}
	}
	return all
}

// move sets what a plan does to the values of an item that was, by the
// constraints of the kind that is written.
func (r *Rules) move(p *plan, kind string, was *Item) {
	p.changes = true
	old, next := r.values(kind, was), r.values(kind, p.next)
	for _, v := range old {
		if !slices.Contains(next, v) {
			p.released = append(p.released, v)
		}
	}
	p.claimed = next
}

// plan says what an order would do, but for values that others have.
func (r *Rules) plan(s State, o *Order, now time.Time, how mode) plan {
	p := plan{id: r.idOf(o)}
	refuse := func(faults ...Fault) plan {
		p.Faults = faults
		return p
	}
	if !o.honoured() {
		return refuse(Invalid)
	}
	var stored, there *Item
	if it, ok := s.Items[p.id]; ok {
		if stored = &it; !r.Ended(it, now) {
			there = &it
		}
	}
	if o.Verb.TakesItem() {
		return r.planItem(o, stored, there, now, how)
	}
	unkept := len(o.View.Unkept) > 0
	foreign := there != nil && !o.View.sees(there.Kind)
	if o.Verb == Delete {
		switch {
		case unkept:
			return refuse(Invalid)
		case stored != nil && !o.View.sees(stored.Kind): // also one that has expired
			return refuse(NotFound)
		case !r.holds(o, there):
			return refuse(Failed)
		case stored != nil:
			r.move(&p, stored.Kind, stored)
		}
		return p
	}
	switch {
	case o.Verb != Check && !r.changeable(o), o.Verb == Upsert && o.View.Many:
		return refuse(Invalid)
	case o.Verb == Upsert && foreign:
		return refuse(Exists)
	case o.Verb != Upsert && (there == nil || foreign):
		return refuse(NotFound)
	case !r.holds(o, there):
		return refuse(Failed)
	case o.Verb == Check:
		return p
	}
	next := r.changed(o, there, now)
	p.next = &next
	r.move(&p, next.Kind, stored)
	switch o.Returns {
	case Stored:
		p.Returned = next
	case Before:
		if there != nil {
			p.Returned = *there
		}
	case Nothing:
	}
	return p
}

// idOf is the ID of the item that an order is about, made if it is to be.
func (r *Rules) idOf(o *Order) string {
	if id := o.Of(); id != "" || r.NewID == nil || !o.Verb.TakesItem() || o.Verb == Destroy {
		return id
	}
	return r.NewID()
}

// holds reports whether the conditions of an order hold for an item, nil for none.
func (r *Rules) holds(o *Order, it *Item) bool {
	switch was := o.Unchanged; {
	case !o.If.Holds(it):
		return false
	case was == nil:
		return true
	case r.Lock:
		return version(it) == was.Version
	default:
		return it != nil && o.View.Project(*it).Equal(*was)
	}
}

// version is that of an item, nil for none.
func version(it *Item) int64 {
	if it == nil {
		return 0
	}
	return it.Version
}

// honoured reports whether the verb has a use for the options of the order.
func (o *Order) honoured() bool {
	switch o.Verb {
	case Create:
		return !o.Overwrite && o.Returns == Stored
	case Put, Save, SaveChanges:
		return o.Returns == Stored
	case Destroy, Delete:
		return o.Returns == Stored && !o.Unchecked
	case Update, Upsert, Touch:
		return !o.Overwrite && !o.Unchecked
	case Check:
		return !o.Overwrite && !o.Unchecked && o.Returns == Stored
	case Increment: // which takes no options
	}
	return true
}
