package repo

import (
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// marks is what a write does to the markers of its item's unique values. Which
// it releases follows from the values that are stored, so the write is guarded
// by them: as the caller's item has them, since most writes change none, or as
// they were read before. If they were others, the failed condition brings them
// and the write is sent again.
type marks struct {
	schema  *schema
	owner   item                   // key of the item
	attrs   []string               // unique attributes that the write is about
	before  item                   // their values, as the write takes them to be stored
	known   bool                   // before was set; else it is read first
	after   func(before item) item // their values behind the write
	stored  item                   // where before was seen: the attributes that were read, nil for no item
	decided func(stored item) bool // reports whether the write's own guard fails for what is stored; nil if it has none
	foreign map[string]bool        // markers of before that belong to other items
	rounds  int                    // how often what was taken to be stored was not
}

// newMarks returns the marks of a write of the item with the key that leaves
// no values, to be completed; nil if the model has no unique fields.
func (s *schema) newMarks(owner item) *marks {
	if len(s.uniques) == 0 {
		return nil
	}
	m := &marks{schema: s, owner: owner, after: func(item) item { return nil }}
	for _, f := range s.uniqueFields {
		m.attrs = append(m.attrs, f.Name)
	}
	return m
}

// assume takes values to be stored.
func (m *marks) assume(values item) { m.before, m.known = values, true }

// putMarks returns the marks of a put of v. fresh says that none is stored.
func (s *schema) putMarks(v reflect.Value, fresh bool) (*marks, error) {
	if len(s.uniques) == 0 {
		return nil, nil
	}
	owner, err := s.itemAttrs(v, s.keyAttrs)
	if err != nil {
		return nil, err
	}
	after, err := s.values(v)
	m := s.newMarks(owner)
	m.after = func(item) item { return after }
	if m.assume(after); fresh {
		m.assume(nil)
	}
	return m, err
}

// updateMarks returns the marks of an update, nil if it changes no unique
// field.
func (s *schema) updateMarks(owner item, edits []*cond.Edit, of updated) (*marks, error) {
	if len(s.uniques) == 0 {
		return nil, nil
	}
	changes := map[string]*cond.Edit{}
	var errs []error
	for _, e := range edits {
		if e == nil || e.Err != nil || !slices.ContainsFunc(s.uniqueFields, func(f *fields.Field) bool { return f.Name == e.Path.Attribute() }) {
			continue
		}
		changes[e.Path.Attribute()] = e
		switch {
		case len(e.Path) == 1 && e.Op == cond.EditRemove:
		case len(e.Path) == 1 && (e.Op == cond.EditSet || e.Op == cond.EditSetIfMissing):
			errs = append(errs, uniqueValue(e.Path.Attribute(), e.Value))
		default:
			errs = append(errs, &key.Error{Attr: e.Path.Attribute(), Rule: "a unique field can be set and removed, and nothing else"})
		}
	}
	if len(changes) == 0 {
		return nil, nil
	}
	m := s.newMarks(owner)
	m.decided = func(stored item) bool { return stored == nil && !of.creates }
	m.attrs = nil
	for _, u := range s.uniques {
		if slices.ContainsFunc(u.attrs, func(name string) bool { return changes[name] != nil }) {
			m.attrs = append(m.attrs, u.attrs...)
		}
	}
	m.attrs = distinct(m.attrs)
	m.after = func(before item) item {
		after := item{}
		if of.creates {
			maps.Copy(after, of.known)
		}
		maps.Copy(after, before)
		for name, e := range changes {
			switch {
			case e.Op == cond.EditRemove:
				delete(after, name)
			case e.Op == cond.EditSet || before[name] == nil:
				after[name] = e.Value
			}
		}
		return after
	}
	return m, errors.Join(errs...)
}

// guard is the condition that the values are stored as the write takes them to
// be.
func (m *marks) guard() []expression.ConditionBuilder {
	var all []expression.ConditionBuilder
	for _, name := range m.attrs {
		if av := m.before[name]; av != nil {
			all = append(all, expression.NameNoDotSplit(name).Equal(expression.Value(av)))
		} else {
			all = append(all, expression.NameNoDotSplit(name).AttributeNotExists())
		}
	}
	return all
}

// only returns the values that the write is about out of a stored item; empty
// of none.
func (m *marks) only(stored item) item {
	values := item{}
	for _, name := range m.attrs {
		if av := stored[name]; av != nil {
			values[name] = av
		}
	}
	return values
}

// again reports whether a failed write is to be sent once more, since other
// values are stored than it took to be, and takes those.
func (m *marks) again(stored item) bool {
	if m.decided != nil && m.decided(stored) {
		return false
	}
	seen := m.only(stored)
	if maps.EqualFunc(seen, m.only(m.before), sameValue) {
		return false
	}
	m.assume(seen)
	m.stored = stored
	m.rounds++
	return true
}

func sameValue(a, b types.AttributeValue) bool {
	if key.TypeOf(a) != "" && key.TypeOf(a) == key.TypeOf(b) {
		return string(appendValueID(nil, a)) == string(appendValueID(nil, b))
	}
	return reflect.DeepEqual(a, b)
}

// parts returns what is written beside the item: a marker put for each value
// that it gets, and one deleted for each that it loses.
func (w *write) parts() []*write {
	m := w.marks
	if m == nil {
		return nil
	}
	after := m.after(m.before)
	var parts []*write
	for i := range m.schema.uniques {
		u := &m.schema.uniques[i]
		lost, got := u.marker(m.before), u.marker(after)
		if lost == got {
			continue
		}
		if lost != "" {
			parts = append(parts, m.release(lost))
		}
		if got != "" {
			parts = append(parts, m.claim(u, got))
		}
	}
	return parts
}

// claim writes the marker of a value unless it is another item's.
func (m *marks) claim(u *unique, marker string) *write {
	s := m.schema
	attrs := s.markerKey(marker)
	attrs[markerOwner] = &types.AttributeValueMemberM{Value: m.owner}
	part := &write{schema: s, put: true, id: marker, item: attrs, tell: true}
	part.guard = []expression.ConditionBuilder{s.absent.Or(s.owned(m.owner))}
	part.failure = func(_ *write, stored item, cause error) error { return u.taken(ownerOf(stored), cause) }
	return part
}

// release deletes the marker of a value, if there is one, unless it is another
// item's: then it sees to it that it still is.
func (m *marks) release(marker string) *write {
	s := m.schema
	part := &write{schema: s, key: s.markerKey(marker), id: marker}
	if part.check = m.foreign[marker]; part.check {
		part.guard = []expression.ConditionBuilder{expression.Not(s.owned(m.owner))}
	} else {
		part.guard = []expression.ConditionBuilder{s.absent.Or(s.owned(m.owner))}
	}
	part.again = func(item) bool {
		if m.foreign == nil {
			m.foreign = map[string]bool{}
		}
		m.foreign[marker] = !part.check
		m.rounds++
		return true
	}
	return part
}

// taken is the error of a value that the owner has.
func (u *unique) taken(owner item, cause error) error {
	return &UniqueError{Model: u.model, Name: u.name, Attrs: slices.Clone(u.attrs), Owner: owner, Err: cause}
}
