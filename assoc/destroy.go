package assoc

import (
	"context"

	"github.com/dynarepo/dynarepo/repo"
)

// A Related is a relation of O, whatever it leads to: any [*Relation] of O.
type Related[O any] interface {
	leave(ctx context.Context, b *batch, owner *O) error
}

// Destroy removes an owner as repo.Destroy does, and unlinks it from the
// targets of relations, in one transaction (rule M3). It unlinks from what the
// owner has in memory or, where it keeps no ids, from what a query finds.
// Targets that are gone, or by now belong to another, are left as they are;
// each time DynamoDB finds some, the rest is sent again. Relations that are not
// given keep ids that lead nowhere, which reads skip.
//
// It takes one operation, and one for each target that keeps an id of it; more
// than 100 are repo.ErrInvalid before anything is written: [Relation.Remove]
// some first. Other errors are those of repo.Destroy.
func Destroy[O any](ctx context.Context, owners *repo.Repo[O], owner *O, relations ...Related[O]) error {
	var errs faults
	s := newSide(Bare(owners), errs.of("Destroy", ""))
	if len(errs) > 0 {
		return errs[0]
	}
	if owner == nil {
		return &Error{Relation: "Destroy", Rule: "the owner", err: errNilItem}
	}
	id, err := s.idOf(owner)
	if err != nil {
		return &Error{Relation: "Destroy", Rule: "the key of the owner", err: err}
	}
	b := newBatch(owners.DB())
	for _, r := range relations {
		if err := r.leave(ctx, b, owner); err != nil {
			return err
		}
	}
	c, err := on(b, s, id, owner, false)
	if err != nil {
		return err
	}
	c.verb = destroy
	return b.send(ctx)
}

// leave gathers what unlinks an owner that is about to go.
func (r *Relation[O, T]) leave(ctx context.Context, b *batch, owner *O) error {
	id, err := r.ownerID(owner)
	if err != nil {
		return err
	}
	current, err := r.current(ctx, owner, id)
	if err != nil {
		return err
	}
	for _, target := range current {
		if r.link != nil {
			err = r.unlinkFrom(b, id, target)
		} else {
			err = take(b, r.to, target, nil, id, true)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
