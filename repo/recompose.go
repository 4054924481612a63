package repo

import (
	"errors"
	"slices"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// recompose checks what edits do to keys, and adds those of index composites
// whose parts are all set, or known since the table's key has them (rule K3).
func (s *schema) recompose(edits []*cond.Edit, of updated) ([]*cond.Edit, error) {
	if len(edits) == 0 {
		return nil, errors.New("want a change")
	}
	byAttr := map[string]*cond.Edit{}
	for _, e := range edits {
		if e != nil && e.Err == nil {
			byAttr[e.Path.Attribute()] = e
		}
	}
	errs := s.checkEdits(byAttr)
	out := slices.Clone(edits)
	for _, c := range s.composites {
		if s.isTableKey(c.Name()) {
			continue
		}
		e, err := s.recomposed(c, byAttr, of)
		if errs = append(errs, err); e != nil {
			out = append(out, e)
		}
	}
	for i, e := range out {
		if e == nil || e.Err != nil || e.Op == cond.EditRemove {
			continue
		}
		if len(e.Path)+levels(e.Value) > maxLevels {
			errs = append(errs, checkLevels(e.Path.String(), e.Value, len(e.Path)))
		}
		k, indexed := s.indexKeys[e.Path.Attribute()]
		switch {
		case !indexed:
		case e.Op == cond.EditSet && len(e.Path) == 1 && isEmpty(e.Value):
			// An empty key attribute is left out of the index, as by a put (F7).
			out[i] = &cond.Edit{Op: cond.EditRemove, Path: e.Path}
		default:
			errs = append(errs, checkKey(k.part, e.Value, k.limit))
		}
	}
	return out, errors.Join(errs...)
}

// checkEdits refuses changes of what is no attribute and of what changes by
// itself or not at all.
func (s *schema) checkEdits(byAttr map[string]*cond.Edit) (errs []error) {
	fault := func(attr, rule string) { errs = append(errs, &key.Error{Attr: attr, Rule: rule}) }
	for name := range byAttr {
		if !s.known(name) {
			fault(name, "the model has no such attribute")
		}
	}
	if s.version != nil && byAttr[s.version.Name] != nil {
		fault(s.version.Name, "the version changes by itself")
	}
	if s.kind != nil && s.kind.attr == "" {
		errs = append(errs, errUnionUpdate)
	}
	if s.kind != nil && byAttr[s.kind.attr] != nil {
		fault(s.kind.attr, "the kind of an item can't change")
	}
	fixed := func(p key.Part) {
		if byAttr[p.Name()] != nil {
			fault(p.Name(), "a key can't change")
		}
	}
	for _, side := range []*keySide{&s.hash, &s.sort} {
		for _, f := range side.fields {
			fixed(f.part)
		}
		for _, a := range side.attrs {
			if a.part.IsComposite() {
				fixed(a.part)
			}
		}
	}
	for _, c := range s.composites {
		if !s.isTableKey(c.Name()) && byAttr[c.Name()] != nil {
			fault(c.Name(), "a composite is made from its parts")
		}
	}
	return errs
}

// recomposed returns the edit of an index's composite, or nil if it stays as it
// is.
func (s *schema) recomposed(c key.Part, byAttr map[string]*cond.Edit, of updated) (*cond.Edit, error) {
	parts := item{}
	touched, later := 0, 0
	for _, name := range partNames(c) {
		e := byAttr[name]
		switch {
		case e != nil:
			if touched++; e.Op == cond.EditSet && len(e.Path) == 1 {
				parts[name] = e.Value
			}
		case of.known[name] != nil:
			parts[name] = of.known[name]
		case of.known == nil && s.inTableKey(name):
			later++
		}
	}
	whole := len(parts)+later == len(c.Fields())
	switch {
	case touched == 0 && (!whole || !of.creates):
		return nil, nil
	case !whole:
		return nil, &key.Error{Attr: c.Name(), Rule: "a change of some of its parts must set all of them"}
	case later > 0: // by each item of a query
		return nil, nil
	}
	av, err := s.composite(c, parts)
	e := &cond.Edit{Op: cond.EditSet, Path: cond.Path{{Name: c.Name()}}, Value: av}
	if av == nil {
		e.Op = cond.EditRemove
	}
	return e, err
}

// inTableKey reports whether a field is in the table's key.
func (s *schema) inTableKey(field string) bool {
	return slices.ContainsFunc(s.keyAttrs, func(a key.Part) bool { return slices.Contains(partNames(a), field) })
}

// inComposite reports whether a field is part of a composite key.
func (s *schema) inComposite(field string) bool {
	return slices.ContainsFunc(s.composites, func(c key.Part) bool { return slices.Contains(partNames(c), field) })
}

// keyFieldsOf returns the fields of the table's key as they are stored, nil if
// the model has no composites that could be made of them or k is no key.
func (s *schema) keyFieldsOf(k key.Value) item {
	if len(s.composites) == 0 {
		return nil
	}
	fields := slices.Concat(s.hash.fields, s.sort.fields)
	values := slices.Concat(k.HashParts(), k.RangeParts())
	if len(fields) != len(values) {
		return nil
	}
	parts, err := encodeParts(nil, fields, values)
	if err != nil {
		return nil
	}
	known := make(item, len(parts))
	for i, f := range fields {
		known[f.part.Name()] = parts[i]
	}
	return known
}

var errUnionUpdate = errors.New("a union does not know what an update by key keeps up: update by the repository of the item's kind")

func partNames(p key.Part) []string {
	var names []string
	for _, f := range p.Fields() {
		names = append(names, f.Name())
	}
	return names
}
