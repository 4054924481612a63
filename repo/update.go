package repo

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/key"
)

// Update makes changes to the item with the key, in one UpdateItem request,
// and returns the item as stored. There is none: [ErrNotFound]; an update never
// brings one into being (rule F1). The version, if the model has a lock, rises
// by 1 unchecked (rule G4); the update time is now.
//
// Refused before any request, as [ErrInvalid]: no change, two changes that
// overlap (cond.ErrOverlap), a change of the table's key, of a composite key
// itself, or of some parts of an index's composite key but not all, which
// would leave it wrong (rule K3). With all parts given it is made anew.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (r *Repo[T]) Update(ctx context.Context, k key.Value, changes ...cond.Change[T]) (T, error) {
	return Writer[T]{repo: r}.Update(ctx, k, changes...)
}

// update builds the write of Update, which decodes the item as stored into
// updated.
func (w Writer[T]) update(op string, k key.Value, changes []cond.Change[T], updated *T) (*write, error) {
	r, s := w.repo, w.repo.schema
	attrs, keyErr := s.keyOf(k)
	update, err := s.compileUpdate(edits(changes), r.db.cfg.now())
	one := &write{schema: s, op: op, key: attrs, update: &update, guard: []expression.ConditionBuilder{s.present()}}
	if err := errors.Join(keyErr, err, w.condition(one)); err != nil {
		return nil, s.refuse(op, err)
	}
	one.refused, one.tell = s.missingOrFailed, one.tell || s.isView()
	if updated != nil {
		one.done = func(_ context.Context, returned item) error { return r.decode(returned, updated) }
	}
	return one, nil
}

func edits[T any](changes []cond.Change[T]) []*cond.Edit {
	all := make([]*cond.Edit, len(changes))
	for i, c := range changes {
		all[i] = c.Edit()
	}
	return all
}

// compileUpdate adds to edits what the model keeps up and compiles them.
func (s *schema) compileUpdate(edits []*cond.Edit, now time.Time) (expression.UpdateBuilder, error) {
	edits, err := s.recompose(edits)
	if err != nil {
		return expression.UpdateBuilder{}, err
	}
	if s.updated != nil && !slices.ContainsFunc(edits, func(e *cond.Edit) bool {
		return e != nil && e.Path.Attribute() == s.updated.Name
	}) {
		av, err := codec.EncodeField(s.updated, now)
		if err != nil {
			return expression.UpdateBuilder{}, err
		}
		edits = append(edits, &cond.Edit{Op: cond.EditSet, Path: cond.Path{{Name: s.updated.Name}}, Value: av})
	}
	update, err := cond.Compile(edits)
	if err == nil && s.version != nil {
		update = s.spec.Lock.Bump(update)
	}
	return update, err
}

// recompose checks what edits do to keys and adds those of index composites
// whose parts are all set.
func (s *schema) recompose(edits []*cond.Edit) ([]*cond.Edit, error) {
	if len(edits) == 0 {
		return nil, errors.New("want a change")
	}
	byAttr := map[string]*cond.Edit{}
	for _, e := range edits {
		if e != nil && e.Err == nil {
			byAttr[e.Path.Attribute()] = e
		}
	}
	var errs []error
	fault := func(attr, rule string) { errs = append(errs, &key.Error{Attr: attr, Rule: rule}) }
	for name := range byAttr {
		if s.plan.Field(name) == nil && !s.known(name) {
			fault(name, "the model has no such attribute")
		}
	}
	if s.version != nil && byAttr[s.version.Name] != nil {
		fault(s.version.Name, "the version changes by itself")
	}
	if s.kind != nil && byAttr[s.kind.attr] != nil {
		fault(s.kind.attr, "the kind of an item can't change")
	}
	for _, a := range s.keyAttrs {
		for _, name := range append(partNames(a), a.Name()) {
			if byAttr[name] != nil {
				fault(name, "a key can't change")
			}
		}
	}
	out := slices.Clone(edits)
	for _, c := range s.composites {
		if s.isTableKey(c.Name()) {
			continue
		}
		if byAttr[c.Name()] != nil {
			fault(c.Name(), "a composite is made from its parts")
		}
		parts := item{}
		touched := 0
		for _, name := range partNames(c) {
			e := byAttr[name]
			if e == nil {
				continue
			}
			touched++
			if e.Op == cond.EditSet && len(e.Path) == 1 {
				parts[name] = e.Value
			}
		}
		switch {
		case touched == 0:
			continue
		case len(parts) < len(c.Fields()):
			fault(c.Name(), "a change of some of its parts must set all of them")
			continue
		}
		av, err := s.composite(c, parts)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		edit := &cond.Edit{Op: cond.EditSet, Path: cond.Path{{Name: c.Name()}}, Value: av}
		if av == nil {
			edit.Op = cond.EditRemove
		}
		out = append(out, edit)
	}
	for i, e := range out {
		// An empty key attribute is left out of the index, as by a put (F7).
		if e != nil && e.Op == cond.EditSet && len(e.Path) == 1 && slices.Contains(s.sparse, e.Path[0].Name) && isEmpty(e.Value) {
			out[i] = &cond.Edit{Op: cond.EditRemove, Path: e.Path, Err: e.Err}
		}
	}
	return out, errors.Join(errs...)
}

func partNames(p key.Part) []string {
	var names []string
	for _, f := range p.Fields() {
		names = append(names, f.Name())
	}
	return names
}
