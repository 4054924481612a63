package assoc

import (
	"context"
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/cond"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A linker is a repository of link items, apart from their type.
type linker interface {
	find(ctx context.Context, id string, left bool) seq
	put(b *batch, left, right string) error
	take(b *batch, left, right string) error
}

// Linked is a many-to-many relation whose links are items of their own: the
// adjacency list that AWS recommends. Each link, an L, keeps the id of an owner
// in attribute owner and that of a target in attribute target, and may hold
// more: what L says of the pair. The two are what the key of L takes, so that a
// pair has one link; an equality on the other one is served by a global index,
// its inverse, that projects both. Links may live in the table of the owners or
// the targets (key.Literal tells them apart), or in one of their own.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-adjacency-graphs.html
//
// [Relation.Add] creates links, and leaves those that are there as they are;
// one that holds more is created, read and changed by its own repository. Ends
// are not written, so that neither their size nor their versions grow, and not
// checked. Faults are told as by [HasMany].
func Linked[O, T, L, V, W any](owners *repo.Repo[O], targets *repo.Repo[T], links *repo.Repo[L], owner cond.Attr[L, V], target cond.Attr[L, W]) (*Relation[O, T], error) {
	const kind = kindManyToMany
	r := &Relation[O, T]{kind: kind, name: relationName[O, T](kind), ends: ends[O, T]{Bare(owners), Bare(targets)}, left: true}
	var errs faults
	r.from = newSide(r.ends.from, errs.of(r.name, reflect.TypeFor[O]().String()))
	r.to = newSide(r.ends.to, errs.of(r.name, reflect.TypeFor[T]().String()))
	fault := errs.of(r.name, reflect.TypeFor[L]().String())
	l := &pairs[L]{left: newSide(Keep(links, owner), fault), right: newSide(Keep(links, target), fault)}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	fault = errs.of(r.name, l.left.model)
	l.left.one, l.right.one = true, true
	fits(l.left, r.from, fault)
	fits(l.right, r.to, fault)
	for _, s := range []*side[L]{l.left, l.right} {
		if s.isSet() {
			fault(s.kept.Name, "a link keeps one id of each end", nil)
		}
	}
	if !l.areKey() {
		fault("", "the key must take the ids of both ends and nothing else", nil)
	}
	if len(errs) == 0 {
		served(l.left, l.left.kept.Name, l.left.typ, fault, l.attrs()...)
		served(l.right, l.right.kept.Name, l.right.typ, fault, l.attrs()...)
	}
	if links.DB() != owners.DB() || links.DB() != targets.DB() {
		fault("", "the ends and the links are of different DBs", nil)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	r.link = l
	return r, nil
}

// pairs are the links of a relation.
type pairs[L any] struct{ left, right *side[L] }

// areKey reports whether the key takes both ids and nothing else.
func (l *pairs[L]) areKey() bool {
	f := l.left.key
	a, b := l.left.kept.Name, l.right.kept.Name
	return len(f) == 2 && (f[0].Name == a && f[1].Name == b || f[0].Name == b && f[1].Name == a)
}

// attrs are the attributes that a link is made of.
func (l *pairs[L]) attrs() []string { return []string{l.left.kept.Name, l.right.kept.Name} }

// find returns the ids at the other end of the links of an id.
func (l *pairs[L]) find(ctx context.Context, id string, left bool) seq {
	near, far := l.left, l.right
	if !left {
		near, far = far, near
	}
	q := near.repo.Where(cond.Name[L](near.kept.Name).Eq(scalar(near.typ, id))).Project(l.attrs()...)
	return dyniter.Map(q.All(ctx), func(link L) (string, error) {
		ids, err := far.ids(&link)
		if err != nil || len(ids) == 0 {
			return "", errors.Join(err, &key.Error{Attr: far.kept.Name, Rule: "missing"})
		}
		return ids[0], nil
	})
}

// put gathers the creation of a link, quiet if it is there.
func (l *pairs[L]) put(b *batch, left, right string) error {
	return l.change(b, left, right, create)
}

// take gathers the removal of a link.
func (l *pairs[L]) take(b *batch, left, right string) error {
	return l.change(b, left, right, remove)
}

func (l *pairs[L]) change(b *batch, left, right string, v verb) error {
	link := new(L)
	if err := errors.Join(l.left.keepIn(link, []string{left}), l.right.keepIn(link, []string{right})); err != nil {
		return err
	}
	id, err := l.left.idOf(link)
	if err != nil {
		return err
	}
	c, err := on(b, l.left, id, link, true)
	if err != nil {
		return err
	}
	c.verb = v
	return nil
}

// find returns the ids of an owner's targets where the owner keeps none.
func (r *Relation[O, T]) find(ctx context.Context, id string) seq {
	if r.link != nil {
		return r.link.find(ctx, id, r.left)
	}
	return dyniter.Map(r.query(id).All(ctx), func(it T) (string, error) { return r.to.idOf(&it) })
}

func (r *Relation[O, T]) linkTo(b *batch, id, target string) error {
	if r.left {
		return r.link.put(b, id, target)
	}
	return r.link.put(b, target, id)
}

func (r *Relation[O, T]) unlinkFrom(b *batch, id, target string) error {
	if r.left {
		return r.link.take(b, id, target)
	}
	return r.link.take(b, target, id)
}
