package assoc

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/repo"
)

// A kind says how many items of one end are related to how many of the other.
type kind uint8

// The kinds.
const (
	kindHasMany kind = iota + 1
	kindHasOne
	kindBelongsTo
	kindManyToMany
)

// String returns the kind in words, such as "has many".
func (k kind) String() string {
	switch k {
	case kindHasMany:
		return "has many"
	case kindHasOne:
		return "has one"
	case kindBelongsTo:
		return "belongs to"
	case kindManyToMany:
		return "has and belongs to many"
	}
	return "no kind"
}

// A Relation leads from items of O, the owners, to items of T, the targets. It
// is immutable and safe for concurrent use. It is made by [HasMany], [HasOne],
// [BelongsTo], [ManyToMany] and [Linked], and has the same verbs however it is
// stored.
type Relation[O, T any] struct {
	kind kind
	name string
	from *side[O]
	to   *side[T]
	ends ends[O, T]
	link linker // of a relation by link items; nil else
	left bool   // the owner is on the left of a link
}

// ends are what a relation was declared with.
type ends[O, T any] struct {
	from End[O]
	to   End[T]
}

// HasMany is the relation of owners that have any number of targets each, and
// targets that belong to one owner each. It is kept by either end or both: ids
// in a set of the owner, the owner's id in a foreign key of the target. Where
// the owner is [Bare] the foreign key must be served by the target's table or
// a global index, which is queried.
//
// It sends nothing. Every fault of the declaration is reported at once, each an
// [*Error].
func HasMany[O, T any](owner End[O], target End[T]) (*Relation[O, T], error) {
	return declare(kindHasMany, owner, target)
}

// HasOne is [HasMany] with one target at most. An owner that keeps its id does
// so in a foreign key, or in a set of one.
func HasOne[O, T any](owner End[O], target End[T]) (*Relation[O, T], error) {
	return declare(kindHasOne, owner, target)
}

// BelongsTo is the relation of owners that belong to one target each, whose id
// they keep in a foreign key, or in a set of one. A target that keeps ids in a
// set has many owners, one that keeps an id has one. It is [Relation.Inverse]
// of HasMany or HasOne. Faults are told as by HasMany.
func BelongsTo[O, T any](owner End[O], target End[T]) (*Relation[O, T], error) {
	return declare(kindBelongsTo, owner, target)
}

// ManyToMany is the relation of owners and targets any number of which are
// related to one another. Owners keep ids in a set; targets may. It is for
// sets of moderate size: an item has at most 400 KB. [Linked] has no such
// limit. Faults are told as by HasMany.
func ManyToMany[O, T any](owner End[O], target End[T]) (*Relation[O, T], error) {
	return declare(kindManyToMany, owner, target)
}

func declare[O, T any](kind kind, owner End[O], target End[T]) (*Relation[O, T], error) {
	r := &Relation[O, T]{kind: kind, name: relationName[O, T](kind), ends: ends[O, T]{owner, target}}
	var errs faults
	r.from = newSide(owner, errs.of(r.name, reflect.TypeFor[O]().String()))
	r.to = newSide(target, errs.of(r.name, reflect.TypeFor[T]().String()))
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	fromFault, toFault := errs.of(r.name, r.from.model), errs.of(r.name, r.to.model)
	r.from.one = kind == kindHasOne || kind == kindBelongsTo
	r.to.one = kind == kindHasMany || kind == kindHasOne || kind == kindBelongsTo && r.to.kept != nil && !r.to.isSet()
	fits(r.from, r.to, fromFault)
	fits(r.to, r.from, toFault)
	switch {
	case r.from.kept == nil && r.to.kept == nil:
		fromFault("", "no end keeps ids", nil)
	case r.from.kept != nil:
	case kind == kindBelongsTo || kind == kindManyToMany:
		fromFault("", "the owner must keep ids", nil)
	case r.to.isSet():
		toFault(r.to.kept.Name, "a set can't be queried: the owner must keep ids, or the target a foreign key", nil)
	case len(errs) == 0:
		served(r.to, r.to.kept.Name, r.to.typ, toFault)
	}
	if r.from.repo.DB() != r.to.repo.DB() {
		toFault("", "the ends are of different DBs", nil)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return r, nil
}

func relationName[O, T any](kind kind) string {
	return reflect.TypeFor[O]().String() + " " + kind.String() + " " + reflect.TypeFor[T]().String()
}

// fits checks that side s can keep the ids of the other.
func fits[A, B any](s *side[A], other *side[B], fault func(attr, rule string, err error)) {
	switch {
	case s.kept == nil:
	case s.typ != other.id:
		fault(s.kept.Name, "it is stored as "+string(s.typ)+", and ids of "+other.model+" are "+string(other.id), nil)
	case !s.one && !s.isSet():
		fault(s.kept.Name, "many ids take a set", nil)
	}
}

// served checks that an equality on attr is a Query that finds whole items.
func served[T any](s *side[T], attr string, typ types.ScalarAttributeType, fault func(attr, rule string, err error), project ...string) {
	q := s.repo.Where(cond.Name[T](attr).Eq(scalar(typ, "1")))
	if len(project) > 0 {
		q = q.Project(project...)
	}
	switch p, err := q.Plan(); {
	case err != nil:
		fault(attr, "it can't be queried", err)
	case p.Operation != "Query" || p.Partial && len(project) == 0:
		fault(attr, "it is the hash key of no table or index that projects what is read: "+p.Suggest, nil)
	}
}

// faults are what is wrong with a declaration.
type faults []error

func (f *faults) of(relation, model string) func(attr, rule string, err error) {
	return func(attr, rule string, err error) {
		*f = append(*f, &Error{Relation: relation, Model: model, Attr: attr, Rule: rule, err: err})
	}
}

// String returns the relation in words, such as "shop.Customer has many
// shop.Order".
func (r *Relation[O, T]) String() string { return r.name }

// Inverse returns the same relation seen from the targets: belongs to for has
// many and has one, has many or has one for belongs to. If the targets can't
// be asked, since they keep nothing that leads back, the error is an [*Error].
func (r *Relation[O, T]) Inverse() (*Relation[T, O], error) {
	kind := kindBelongsTo
	switch {
	case r.kind == kindManyToMany:
		kind = kindManyToMany
	case r.kind == kindBelongsTo && r.to.one:
		kind = kindHasOne
	case r.kind == kindBelongsTo:
		kind = kindHasMany
	}
	if r.link != nil {
		return &Relation[T, O]{
			kind: kind, name: relationName[T, O](kind), from: r.to, to: r.from,
			ends: ends[T, O]{r.ends.to, r.ends.from}, link: r.link, left: !r.left,
		}, nil
	}
	inverse, err := declare(kind, r.ends.to, r.ends.from)
	if err != nil {
		return nil, err
	}
	// A set of one is not told from a set of many by its declaration.
	inverse.from.one, inverse.to.one = r.to.one, r.from.one
	return inverse, nil
}

// refuse is the error of what is not asked rightly.
func (r *Relation[O, T]) refuse(rule string, err error) error {
	return &Error{Relation: r.name, Rule: rule, err: err}
}

// ownerID returns the id of an owner.
func (r *Relation[O, T]) ownerID(owner *O) (string, error) {
	if owner == nil {
		return "", r.refuse("the owner", errNilItem)
	}
	id, err := r.from.idOf(owner)
	if err != nil {
		return "", r.refuse("the key of the owner", err)
	}
	return id, nil
}

// targetIDs returns the ids of targets.
func (r *Relation[O, T]) targetIDs(targets []*T) ([]string, error) {
	ids := make([]string, len(targets))
	var errs []error
	for i, t := range targets {
		if t == nil {
			errs = append(errs, r.refuse("a target", errNilItem))
			continue
		}
		var err error
		if ids[i], err = r.to.idOf(t); err != nil {
			errs = append(errs, r.refuse("the key of a target", err))
		}
	}
	return ids, errors.Join(errs...)
}

// current returns the ids of an owner's targets: as it keeps them, or up to
// one more than a transaction takes, as they are found.
func (r *Relation[O, T]) current(ctx context.Context, owner *O, id string) ([]string, error) {
	if r.link == nil && r.from.kept != nil {
		return r.from.ids(owner)
	}
	var ids []string
	for id, err := range r.find(ctx, id) {
		if err != nil {
			return nil, err
		}
		if ids = append(ids, id); len(ids) > send.MaxOps {
			break
		}
	}
	return ids, nil
}

// Query returns the query of an owner's targets, to be narrowed, ordered and
// limited as any other, which does not change the relation. It is for targets
// that are found by a query of their own: the owner keeps no ids, and there
// are no link items. Otherwise it is an [*Error].
func (r *Relation[O, T]) Query(owner *O) (repo.Query[T], error) {
	id, err := r.ownerID(owner)
	if err == nil && (r.link != nil || r.from.kept != nil) {
		err = r.refuse("Query", errNoQuery)
	}
	if err != nil {
		return repo.Query[T]{}, err
	}
	return r.query(id), nil
}

func (r *Relation[O, T]) query(id string) repo.Query[T] {
	return r.to.repo.Where(cond.Name[T](r.to.kept.Name).Eq(scalar(r.to.typ, id)))
}
