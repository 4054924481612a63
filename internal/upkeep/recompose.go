// Package upkeep is what a model keeps up when an item is changed in part: keys,
// composite keys of indexes, what a new item begins with, and what differs
// between two versions of it.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package upkeep

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// Recompose checks what edits do to keys, and adds those of index composites
// whose parts are all set, or known since the table's key has them (rule K3).
func Recompose(t *model.Table, edits []*expr.Edit, of Updated) ([]*expr.Edit, error) {
	if len(edits) == 0 {
		return nil, errors.New("want a change")
	}
	byAttr := map[string]*expr.Edit{}
	for _, e := range edits {
		if e != nil && e.Err == nil {
			byAttr[e.Path.Attribute()] = e
		}
	}
	errs := checkEdits(t, byAttr)
	out := slices.Clone(edits)
	for _, c := range t.Keys.Composites {
		if t.Keys.OfTable(c.Name()) {
			continue
		}
		e, err := recomposed(t, c, byAttr, of)
		if errs = append(errs, err); e != nil {
			out = append(out, e)
		}
	}
	for i, e := range out {
		if e == nil || e.Err != nil || e.Op == expr.EditRemove {
			continue
		}
		if len(e.Path)+values.Levels(e.Value) > values.MaxLevels {
			errs = append(errs, model.CheckLevels(e.Path.String(), e.Value, len(e.Path)))
		}
		if ends := t.Stamps.Ends; ends != nil && ends.Name == e.Path.Attribute() {
			errs = append(errs, t.Stamps.CheckEnd(e.Value))
		}
		switch name := e.Path.Attribute(); {
		case !t.Keys.Indexed(name):
		case e.Op == expr.EditSet && len(e.Path) == 1 && values.IsEmpty(e.Value):
			// An empty key attribute is left out of the index, as by a put (F7).
			out[i] = &expr.Edit{Op: expr.EditRemove, Path: e.Path}
		default:
			errs = append(errs, t.Keys.Check(name, e.Value))
		}
	}
	return out, errors.Join(errs...)
}

// checkEdits refuses changes of what is no attribute and of what changes by
// itself or not at all.
func checkEdits(t *model.Table, byAttr map[string]*expr.Edit) (errs []error) {
	fault := func(attr, rule string) { errs = append(errs, &key.Error{Attr: attr, Rule: rule}) }
	for name := range byAttr {
		if !t.Known(name) {
			fault(name, "the model has no such attribute"+t.Fields.Near(name))
		}
	}
	if t.Stamps.Version != nil && byAttr[t.Stamps.Version.Name] != nil {
		fault(t.Stamps.Version.Name, "the version changes by itself")
	}
	if t.Kind != nil && t.Kind.Attr == "" {
		errs = append(errs, errUnionUpdate)
	}
	if t.Kind != nil && byAttr[t.Kind.Attr] != nil {
		fault(t.Kind.Attr, "the kind of an item can't change")
	}
	if slices.ContainsFunc(t.Unkept, func(name string) bool { return byAttr[name] != nil }) {
		errs = append(errs, ErrUnkept)
	}
	fixed := func(p key.Part) {
		if byAttr[p.Name()] != nil {
			fault(p.Name(), "a key can't change")
		}
	}
	t.Keys.Fixed(fixed)
	for _, c := range t.Keys.Composites {
		if !t.Keys.OfTable(c.Name()) && byAttr[c.Name()] != nil {
			fault(c.Name(), "a composite is made from its parts")
		}
	}
	return errs
}

// recomposed returns the edit of an index's composite, or nil if it stays as it
// is.
func recomposed(t *model.Table, c key.Part, byAttr map[string]*expr.Edit, of Updated) (*expr.Edit, error) {
	parts := values.Item{}
	touched, later := 0, 0
	for _, name := range model.PartNames(c) {
		e := byAttr[name]
		switch {
		case e != nil:
			if touched++; e.Op == expr.EditSet && len(e.Path) == 1 {
				parts[name] = e.Value
			}
		case of.Known[name] != nil:
			parts[name] = of.Known[name]
		case of.Known == nil && t.Keys.HasField(name):
			later++
		}
	}
	whole := len(parts)+later == len(c.Fields())
	switch {
	case touched == 0 && (!whole || !of.Creates):
		return nil, nil
	case !whole:
		return nil, &key.Error{Attr: c.Name(), Rule: "a change of some of its parts must set all of them"}
	case later > 0: // by each item of a query
		return nil, nil
	}
	given := make([]types.AttributeValue, 0, len(parts))
	for _, name := range model.PartNames(c) {
		given = append(given, parts[name])
	}
	av, err := values.Composite(c, given, false)
	e := &expr.Edit{Op: expr.EditSet, Path: expr.Path{{Name: c.Name()}}, Value: av}
	if av == nil {
		e.Op = expr.EditRemove
	}
	return e, err
}

// ErrUnkept is of a write by key that would not keep the unique values of some kind.
var ErrUnkept = errors.New("kinds of the items have unique fields, whose values a write by key can't keep, since it does not know the kind: " +
	"write the item itself, or through a repository of its kind")

var errUnionUpdate = errors.New("a union does not know what an update by key keeps up: update by the repository of the item's kind")

// Updated is the item that an update is of.
type Updated struct {
	Known   values.Item // the fields of its key; nil for the items of a query
	Creates bool        // it is made if there is none
}
