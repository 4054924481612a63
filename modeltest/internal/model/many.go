package model

import (
	"slices"
	"time"
)

// A mode is what an order is sent as.
type mode int

const (
	alone    mode = iota
	together      // part of a transaction
	batch         // part of a batch, which neither validates nor guards
)

// Transact does all orders or none. The results are those of each; it is done if
// all are.
func (r *Rules) Transact(s State, orders []*Order, now time.Time) (State, []Result) {
	plans := make([]plan, len(orders))
	var released []string
	ok := distinct(orders)
	for i, o := range orders {
		plans[i] = r.plan(s, o, now, together)
		if !ok {
			plans[i].Faults = []Fault{Invalid}
		}
		for _, v := range plans[i].released {
			if s.Taken[v] == plans[i].id {
				released = append(released, v)
			}
		}
	}
	claimed := map[string]int{}
	for i := range plans {
		p := &plans[i]
		if p.OK() {
			p.clash(s, released)
		}
		for _, v := range p.claimed {
			if first, twice := claimed[v]; twice {
				p.Faults = append(p.Faults, Taken)
				plans[first].Faults = append(plans[first].Faults, Taken)
			}
			claimed[v] = i
		}
		ok = ok && p.OK()
	}
	results := make([]Result, len(orders))
	if next := s.Clone(); ok {
		for i := range plans {
			plans[i].release(next)
		}
		for i := range plans {
			plans[i].store(next)
			results[i] = plans[i].Result
		}
		return next, results
	}
	for i := range plans {
		if p := &plans[i]; p.OK() {
			// It could be done, but a value that another gives up may seem to be taken.
			if p.clash(s, nil); !p.OK() {
				p.Maybe, p.Faults = p.Faults, nil
			}
		}
		results[i] = r.kept(&plans[i], orders[i])
	}
	return s, results
}

// distinct reports whether no two orders are on one item.
func distinct(orders []*Order) bool {
	var ids []string
	for _, o := range orders {
		if id := o.Of(); id != "" && slices.Contains(ids, id) {
			return false
		} else if id != "" {
			ids = append(ids, id)
		}
	}
	return true
}

// Batch does each order for itself, in order, but for those that can't be made.
// None is done if one of the others is such as no batch holds.
func (r *Rules) Batch(s State, orders []*Order, now time.Time) (State, []Result) {
	results := make([]Result, len(orders))
	plans := make([]plan, len(orders))
	var made []*Order
	holds := true
	for i, o := range orders {
		if plans[i] = r.plan(s, o, now, batch); !plans[i].unmade() {
			holds = holds && r.batchable(o)
			made = append(made, o)
		}
	}
	holds = holds && distinct(made)
	for i, o := range orders {
		p := r.plan(s, o, now, batch)
		if !holds {
			p.Faults = []Fault{Invalid}
		}
		if p.OK() {
			p.clash(s, nil)
		}
		if !p.OK() {
			results[i] = r.kept(&p, o)
			continue
		}
		s = s.Clone()
		p.commit(s)
		results[i] = p.Result
	}
	return s, results
}

// unmade reports whether an order is wrong whatever is stored.
func (p *plan) unmade() bool {
	return slices.Contains(p.Faults, Invalid) || slices.Contains(p.Faults, WrongOne)
}

// batchable reports whether a batch can hold an order.
func (r *Rules) batchable(o *Order) bool {
	switch {
	case o.If != nil || o.Unchanged != nil:
		return false
	case o.Verb == Put:
		return !r.Lock || o.Overwrite
	case o.Verb == Save:
		return !r.Lock || o.Overwrite
	case o.Verb == Destroy:
		return !r.Lock || o.Overwrite
	}
	return o.Verb == Delete && o.View.Sees == nil
}

// UpdateAll makes the changes of an order to each item that a view has and that
// meets a condition, in the order of their IDs, up to the first that it can't be
// made to.
func (r *Rules) UpdateAll(s State, o Order, where *Cond, now time.Time) (State, int, []Fault) {
	if !r.changeable(&o) {
		return s, 0, []Fault{Invalid}
	}
	n := 0
	for _, id := range r.find(s, o.View, where, now) {
		one := o
		one.Verb, one.ID, one.Returns = Update, id, Nothing
		next, result := r.Apply(s, &one, now)
		if !result.OK() {
			return s, n, result.Faults
		}
		s, n = next, n+1
	}
	return s, n, nil
}

// DeleteAll removes each item that a view has and that meets a condition.
func (r *Rules) DeleteAll(s State, v *View, where *Cond, now time.Time) (State, int, []Fault) {
	if len(v.Unkept) > 0 && v.Own != "" {
		return s, 0, []Fault{Invalid}
	}
	found := r.find(s, v, where, now)
	for _, id := range found {
		s = r.Remove(s, id)
	}
	return s, len(found), nil
}

// Remove removes an item that was found.
func (r *Rules) Remove(s State, id string) State { return r.removeAs(s, id, s.Items[id].Kind) }

// Clear removes an item that has expired, as a view does that makes another in its
// place: it knows the constraints of the kind that it makes.
func (r *Rules) Clear(s State, v *View, id string) State { return r.removeAs(s, id, v.Own) }

func (r *Rules) removeAs(s State, id, kind string) State {
	s = s.Clone()
	it := s.Items[id]
	p := plan{id: id}
	r.move(&p, kind, &it)
	p.commit(s)
	return s
}

func (r *Rules) find(s State, v *View, where *Cond, now time.Time) (ids []string) {
	for _, id := range s.IDs() {
		if it, ok := r.Sees(s, v, id, now); ok && where.Holds(&it) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Sweep removes what has expired as the table itself does, which tells nobody:
// values stay taken.
func (r *Rules) Sweep(s State, now time.Time) State {
	s = s.Clone()
	for id, it := range s.Items {
		if r.Ended(it, now) {
			delete(s.Items, id)
		}
	}
	return s
}

// Orphans are values that are taken by items which do not have them.
func (r *Rules) Orphans(s State) (all []string) {
	for v, id := range s.Taken {
		it, ok := s.Items[id]
		if !ok || !slices.Contains(r.values(it.Kind, &it), v) {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}
