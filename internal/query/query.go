package query

import (
	"errors"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/place"
	"github.com/dynarepo/dynarepo/internal/send"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A Query is what is asked of a table's items of a type.
type Query struct {
	Conn  *send.Conn
	Table *model.Table // nil of the zero Query
	Type  reflect.Type
	Spec  *Spec
	Zero  error // what the zero Query is refused with
}

// Prepare plans the query and compiles its expressions.
func (q Query) Prepare() (*Prepared, error) {
	if q.Table == nil {
		return nil, q.Zero
	}
	p, err := prepare(q.Table, q.Spec, q.Conn.Clock())
	if err != nil {
		return nil, q.Table.Fail("Query", q.Spec.index, nil, fault.Invalid(err))
	}
	return p, nil
}

// Begin is Prepare, the scan policy, and where each segment starts.
func (q Query) Begin() (*Prepared, []place.Place, error) {
	p, err := q.Prepare()
	if err != nil {
		return nil, nil, err
	}
	places := make([]place.Place, max(1, q.Spec.segments))
	from, err := p.begin(q.Conn)
	if err != nil {
		return nil, nil, p.fail(fault.Because(fault.ErrInvalid, err))
	}
	copy(places, from)
	if err := p.admit(q.Conn); err != nil {
		return nil, nil, p.fail(err)
	}
	return p, places, nil
}

// Run begins a range over the query.
func (q Query) Run() (*Run, error) {
	p, places, err := q.Begin()
	if err != nil {
		return nil, err
	}
	return p.run(q.Conn, q.Type, places), nil
}

// Fail wraps an error of what is done with what the query finds.
func (q Query) Fail(op string, err error) error { return q.Table.Fail(op, q.Spec.index, nil, err) }

// Lend begins a range over the query whose pages are read before the next is
// asked for, so that their memory can be used again: see [Run.Read].
func (q Query) Lend() (*Run, error) {
	r, err := q.Run()
	if err != nil {
		return nil, err
	}
	if r.lent = len(r.places) == 1 && q.Spec.prefetch == 0; !r.lent {
		r.spare = make(chan reflect.Value, len(r.places)+q.Spec.prefetch)
	}
	return r, nil
}

// First begins a range over the query that asks for one item, or for what it
// takes to find one behind a filter.
func (q Query) First() (*Run, error) {
	r, err := q.Run()
	if err == nil && !r.p.filtered {
		r.limits.Records = 1
	}
	return r, err
}

// Fail wraps an error of what is done with what the run finds.
func (r *Run) Fail(err error) error { return r.p.fail(err) }

// Parts reports whether the run brings items in part.
func (r *Run) Parts() bool {
	return len(r.spec.project) > 0 || r.p.plan.Partial && !r.spec.hydrate
}

// CursorAfter returns the cursor behind an item.
func (q Query) CursorAfter(item reflect.Value) (dyniter.Cursor, error) {
	if q.Spec != nil {
		q.Spec = q.Spec.Partially() // no item is read
	}
	p, err := q.Prepare()
	if err == nil && q.Spec.segments > 1 {
		err = q.Table.Refuse("CursorAfter", errors.New("an item of a parallel scan tells the place of one segment only"))
	}
	if err != nil {
		return dyniter.Cursor{}, err
	}
	places, err := p.afterItem(item)
	if err != nil {
		return dyniter.Cursor{}, q.Table.Refuse("CursorAfter", err)
	}
	return p.cursor(q.Conn, places), nil
}

// Moves reports whether a change of attributes may move an item within what the
// query reads, or out of it and back in: a key of the index that is read. Those
// of the table can't change.
func (r *Run) Moves(changed func(attr string) bool) bool {
	if r.p.plan.Index == "" {
		return false
	}
	own := r.p.keys()
	for _, p := range slices.Concat(own.Hash.Attributes(), own.Range.Attributes()) {
		if !r.p.table.Keys.OfTable(p.Name()) && (changed(p.Name()) || slices.ContainsFunc(model.PartNames(p), changed)) {
			return true
		}
	}
	return false
}
