package assoc

import (
	"context"
	"errors"
	"slices"

	"github.com/dynarepo/dynarepo/key"
)

// Add relates targets to an owner, both of which must be there where they keep
// ids: in one transaction, or one UpdateItem if one item keeps all of it. A
// relation to one, of either end, takes the place of the one that was there,
// as memory has it. Sets are added to, so that concurrent adders lose no links.
// A foreign key whose other end keeps ids too must be empty or as loaded, so
// that the ends never disagree; another has moved the item meanwhile:
// repo.ErrConditionFailed. No targets, no request.
//
// Behind it the caller's items have the ids, and the version and the update
// time that repo.Update has made; nothing else of them was written. One that is
// gone is repo.ErrNotFound. What takes more than 100 operations, one for each
// item that keeps an id, is repo.ErrInvalid before any request.
func (r *Relation[O, T]) Add(ctx context.Context, owner *O, targets ...*T) error {
	return r.write(ctx, owner, func(b *batch, id string) error {
		ids, err := r.targetIDs(targets)
		if err != nil {
			return err
		}
		return r.relate(ctx, b, owner, id, targets, ids)
	})
}

// Create stores a new target, which must not be there, as repo.Create does,
// related to the owner: in one transaction with what the owner keeps. An empty
// id is made as Spec.ID says. Otherwise it is [Relation.Add].
func (r *Relation[O, T]) Create(ctx context.Context, owner *O, target *T) (err error) {
	if target == nil {
		return r.refuse("a target", errNilItem)
	}
	forget := r.to.identify(target)
	defer func() {
		if !written(err) {
			forget()
		}
	}()
	return r.write(ctx, owner, func(b *batch, id string) error {
		ids, err := r.targetIDs([]*T{target})
		if err != nil {
			return err
		}
		c, err := on(b, r.to, ids[0], target, false)
		if err != nil {
			return err
		}
		c.verb = create
		return r.relate(ctx, b, owner, id, []*T{target}, ids)
	})
}

// Remove takes targets out of an owner's: in one transaction, or one
// UpdateItem. A target that is gone, or by now belongs to another, is left as
// it is. The limit, and what is in memory behind it, are as for
// [Relation.Add].
func (r *Relation[O, T]) Remove(ctx context.Context, owner *O, targets ...*T) error {
	return r.write(ctx, owner, func(b *batch, id string) error {
		ids, err := r.targetIDs(targets)
		if err != nil {
			return err
		}
		for i, target := range targets {
			if err := r.unrelate(b, owner, id, target, ids[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forget takes the targets with keys out of an owner's, whether they are there
// or not: it is [Relation.Remove] for ids that lead nowhere, with the keys that
// [Items.Missing] and [Relation.Load] tell.
func (r *Relation[O, T]) Forget(ctx context.Context, owner *O, keys ...key.Value) error {
	return r.write(ctx, owner, func(b *batch, id string) error {
		var errs []error
		for _, k := range keys {
			target, err := r.to.idOfKey(k)
			if err == nil {
				err = r.unrelate(b, owner, id, nil, target)
			} else {
				err = r.refuse("a key", err)
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

// Replace makes targets, and no others, the owner's: what [Relation.Add] and
// [Relation.Remove] would do, in one transaction. The owner's ids must be as
// loaded if some go out and others come in: else repo.ErrConditionFailed. Where
// the owner keeps no ids, a query finds what it has.
func (r *Relation[O, T]) Replace(ctx context.Context, owner *O, targets ...*T) error {
	return r.write(ctx, owner, func(b *batch, id string) error {
		ids, err := r.targetIDs(targets)
		if err != nil {
			return err
		}
		current, err := r.current(ctx, owner, id)
		if err != nil {
			return err
		}
		for _, old := range current {
			if slices.Contains(ids, old) {
				continue
			}
			if err := r.unrelate(b, owner, id, nil, old); err != nil {
				return err
			}
		}
		var added []*T
		var addedIDs []string
		for i, target := range targets {
			if !slices.Contains(current, ids[i]) {
				added, addedIDs = append(added, target), append(addedIDs, ids[i])
			}
		}
		return r.relate(ctx, b, owner, id, added, addedIDs)
	})
}

// Clear takes all targets out of an owner's that it has in memory or, where it
// keeps no ids, that a query finds: as [Relation.Remove] does. Targets that
// others add meanwhile stay. It is fit for a callback before an owner is
// deleted:
//
//	repo.On(repo.BeforeDelete, func(ctx context.Context, c *Customer) error { return orders.Clear(ctx, c) })
func (r *Relation[O, T]) Clear(ctx context.Context, owner *O) error {
	return r.write(ctx, owner, func(b *batch, id string) error {
		current, err := r.current(ctx, owner, id)
		if err != nil {
			return err
		}
		for _, old := range current {
			if err := r.unrelate(b, owner, id, nil, old); err != nil {
				return err
			}
		}
		return nil
	})
}

// write gathers what a call does, and sends it.
func (r *Relation[O, T]) write(ctx context.Context, owner *O, gather func(b *batch, id string) error) error {
	id, err := r.ownerID(owner)
	if err != nil {
		return err
	}
	b := newBatch(r.from.repo.DB())
	if err := gather(b, id); err != nil {
		return err
	}
	return b.send(ctx)
}

// relate gathers what relates targets to an owner.
func (r *Relation[O, T]) relate(ctx context.Context, b *batch, owner *O, id string, targets []*T, ids []string) error {
	if r.from.one && len(slices.Compact(slices.Sorted(slices.Values(ids)))) > 1 {
		return r.refuse("targets", errOne)
	}
	if len(targets) == 0 {
		return nil
	}
	if r.link != nil {
		for _, target := range ids {
			if err := r.linkTo(b, id, target); err != nil {
				return err
			}
		}
		return nil
	}
	if r.from.one {
		if err := r.displace(ctx, b, owner, id, ids[0]); err != nil {
			return err
		}
	}
	both := r.from.kept != nil && r.to.kept != nil
	for i, target := range targets {
		if r.to.one && r.from.kept != nil {
			if err := r.depart(b, target, ids[i], id); err != nil {
				return err
			}
		}
		if err := put(b, r.from, id, owner, ids[i], both); err != nil {
			return err
		}
		if err := put(b, r.to, ids[i], target, id, both); err != nil {
			return err
		}
	}
	return nil
}

// displace takes the owner out of the one that it had.
func (r *Relation[O, T]) displace(ctx context.Context, b *batch, owner *O, id, next string) error {
	if r.to.kept == nil {
		return nil
	}
	current, err := r.current(ctx, owner, id)
	if err != nil {
		return err
	}
	for _, old := range current {
		if old != next {
			if err := take(b, r.to, old, nil, id, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// depart takes a target out of the owner that it had.
func (r *Relation[O, T]) depart(b *batch, target *T, id, next string) error {
	if r.to.kept == nil {
		return nil
	}
	old, err := r.to.ids(target)
	if err != nil {
		return err
	}
	for _, owner := range old {
		if owner != next {
			if err := take(b, r.from, owner, nil, id, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// unrelate gathers what takes a target out of an owner's. The owner must be
// there; the target need not.
func (r *Relation[O, T]) unrelate(b *batch, owner *O, id string, target *T, targetID string) error {
	if r.link != nil {
		return r.unlinkFrom(b, id, targetID)
	}
	return errors.Join(take(b, r.from, id, owner, targetID, false), take(b, r.to, targetID, target, id, true))
}

// put makes an item keep one more id.
func put[T any](b *batch, s *side[T], id string, it *T, other string, guard bool) error {
	if s.kept == nil {
		return nil
	}
	c, err := on(b, s, id, it, false)
	if err != nil {
		return err
	}
	e, err := c.edit(s)
	if err != nil {
		return err
	}
	e.guard = e.guard || guard
	if !slices.Contains(e.add, other) {
		e.add = append(e.add, other)
	}
	return nil
}

// take makes an item keep an id no more. An id that can't be a key has no item.
func take[T any](b *batch, s *side[T], id string, it *T, other string, lenient bool) error {
	if s.kept == nil {
		return nil
	}
	if _, ok := s.keyOrText(id); !ok && lenient {
		return nil
	}
	c, err := on(b, s, id, it, lenient)
	if err != nil {
		return err
	}
	e, err := c.edit(s)
	if err != nil {
		return err
	}
	if !slices.Contains(e.drop, other) {
		e.drop = append(e.drop, other)
	}
	return nil
}
