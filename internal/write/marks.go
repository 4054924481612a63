package write

import (
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/upkeep"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// marks is what a write does to the markers of its item's unique values. Which
// it releases follows from the values that are stored, so the write is guarded
// by them: as the caller's item has them, since most writes change none, or as
// they were read before. If they were others, the failed condition brings them
// and the write is sent again.
type marks struct {
	table   *model.Table
	owner   values.Item                          // key of the item
	attrs   []string                             // unique attributes that the write is about
	before  values.Item                          // their values, as the write takes them to be stored
	known   bool                                 // before was set; else it is read first
	after   func(before values.Item) values.Item // their values behind the write
	stored  values.Item                          // where before was seen: the attributes that were read, nil for no item
	decided func(stored values.Item) bool        // reports whether the write's own guard fails for what is stored; nil if it has none
	foreign map[string]bool                      // markers of before that belong to other items
	rounds  int                                  // how often what was taken to be stored was not
}

// newMarks returns the marks of a write of the item with the key that leaves
// no values, to be completed; nil if the model has no unique fields.
func newMarks(t *model.Table, owner values.Item) *marks {
	if len(t.Uniques.List) == 0 {
		return nil
	}
	m := &marks{table: t, owner: owner, after: func(values.Item) values.Item { return nil }}
	for _, f := range t.Uniques.Fields {
		m.attrs = append(m.attrs, f.Name)
	}
	return m
}

// assume takes values to be stored.
func (m *marks) assume(stored values.Item) { m.before, m.known = stored, true }

// putMarks returns the marks of a put of v. fresh says that none is stored.
func putMarks(it *model.Item, v reflect.Value, fresh bool) (*marks, error) {
	if len(it.Uniques.List) == 0 {
		return nil, nil
	}
	owner, err := it.Key(v)
	if err != nil {
		return nil, err
	}
	after, err := it.UniqueValues(v)
	m := newMarks(it.Table, owner)
	m.after = func(values.Item) values.Item { return after }
	if k := it.Kind; k != nil && err == nil { // an item of another kind has other constraints
		m.attrs, after[k.Attr] = append(m.attrs, k.Attr), k.Value()
	}
	if m.assume(after); fresh {
		m.assume(nil)
	}
	return m, err
}

// updateMarks returns the marks of an update, nil if it changes no unique
// field.
func updateMarks(t *model.Table, owner values.Item, edits []*expr.Edit, of upkeep.Updated) (*marks, error) {
	if len(t.Uniques.List) == 0 {
		return nil, nil
	}
	changes := map[string]*expr.Edit{}
	var errs []error
	for _, e := range edits {
		if e == nil || e.Err != nil || !t.Uniques.On(e.Path.Attribute()) {
			continue
		}
		changes[e.Path.Attribute()] = e
		switch {
		case len(e.Path) == 1 && e.Op == expr.EditRemove:
		case len(e.Path) == 1 && (e.Op == expr.EditSet || e.Op == expr.EditSetIfMissing):
			errs = append(errs, model.CheckUnique(e.Path.Attribute(), e.Value))
		default:
			errs = append(errs, &key.Error{Attr: e.Path.Attribute(), Rule: "a unique field can be set and removed, and nothing else"})
		}
	}
	// An upsert that makes an item sets the fields of its key too.
	concerns := func(name string) bool { return changes[name] != nil || of.Creates && t.Keys.HasField(name) }
	if !slices.ContainsFunc(t.Uniques.List, func(u model.Unique) bool { return slices.ContainsFunc(u.Attrs, concerns) }) {
		return nil, errors.Join(errs...)
	}
	m := newMarks(t, owner)
	m.decided = func(stored values.Item) bool { return stored == nil && !of.Creates }
	m.attrs = nil
	for _, u := range t.Uniques.List {
		if slices.ContainsFunc(u.Attrs, concerns) {
			m.attrs = append(m.attrs, u.Attrs...)
		}
	}
	m.attrs = model.Distinct(m.attrs)
	m.after = func(before values.Item) values.Item {
		after := values.Item{}
		if of.Creates {
			maps.Copy(after, of.Known)
		}
		maps.Copy(after, before)
		for name, e := range changes {
			switch {
			case e.Op == expr.EditRemove:
				delete(after, name)
			case e.Op == expr.EditSet || before[name] == nil:
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
func (m *marks) only(stored values.Item) values.Item {
	only := values.Item{}
	for _, name := range m.attrs {
		if av := stored[name]; av != nil {
			only[name] = av
		}
	}
	return only
}

// again reports whether a failed write is to be sent once more, since other
// values are stored than it took to be, and takes those.
func (m *marks) again(stored values.Item) bool {
	if m.decided != nil && m.decided(stored) {
		return false
	}
	seen := m.only(stored)
	if maps.EqualFunc(seen, m.only(m.before), values.Equal) {
		return false
	}
	m.assume(seen)
	m.stored = stored
	m.rounds++
	return true
}

// parts returns what is written beside the item: a marker put for each value
// that it gets, and one deleted for each that it loses.
func (w *Write) parts() []*Write {
	m := w.marks
	if m == nil {
		return nil
	}
	after := m.after(m.before)
	var parts []*Write
	for i := range m.table.Uniques.List {
		u := &m.table.Uniques.List[i]
		lost, got := u.Marker(m.before), u.Marker(after)
		same := lost == got
		if lost != "" && !same {
			parts = append(parts, m.release(lost))
		}
		if got != "" && (!same || m.other()) {
			parts = append(parts, m.claim(u, got))
		}
	}
	return parts
}

// other reports whether what is stored is of a kind that may lack the constraints.
func (m *marks) other() bool {
	k := m.table.Kind
	return k != nil && m.before[k.Attr] != nil && !k.Sees(m.before)
}

// claim writes the marker of a value unless it is another item's.
func (m *marks) claim(u *model.Unique, marker string) *Write {
	k := m.table.Keys
	attrs := k.MarkerKey(marker)
	attrs[model.MarkerOwner] = &types.AttributeValueMemberM{Value: m.owner}
	part := &Write{table: m.table, id: marker, does: &put{attrs: attrs}}
	part.guard.on(k.Absent.Or(k.Owned(m.owner)))
	part.guard.tell = true
	part.guard.means = func(_ *Write, stored values.Item, cause error) error {
		return m.table.Make().Unique(u.Model, u.Name, slices.Clone(u.Attrs), model.OwnerOf(stored), cause)
	}
	return part
}

// release deletes the marker of a value, if there is one, unless it is another
// item's: then it sees to it that it still is.
func (m *marks) release(marker string) *Write {
	k := m.table.Keys
	part := &Write{table: m.table, key: k.MarkerKey(marker), id: marker, does: remove{}}
	foreign := m.foreign[marker]
	if foreign {
		part.does = check{}
		part.guard.on(expression.Not(k.Owned(m.owner)))
	} else {
		part.guard.on(k.Absent.Or(k.Owned(m.owner)))
	}
	part.guard.again = func(values.Item) bool {
		if m.foreign == nil {
			m.foreign = map[string]bool{}
		}
		m.foreign[marker] = !foreign
		m.rounds++
		return true
	}
	return part
}
