package assoc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/repo"
)

// A step is a [change], apart from the type of the item.
type step interface {
	make() (made, error)
	tolerates(error) bool
	tolerate(error) (step, bool)
	writes() bool
}

// A batch is what happens to all items of one call, each item once: one
// transaction, or one request if it is one item.
type batch struct {
	db    *repo.DB
	steps []step
	at    map[string]step // by model and id
}

func newBatch(db *repo.DB) *batch { return &batch{db: db, at: map[string]step{}} }

// on returns the change of the item with an id, which is item if the caller
// has it. The change is quiet about a broken link if everyone who asks for it
// is.
func on[T any](b *batch, s *side[T], id string, it *T, lenient bool) (*change[T], error) {
	at := s.model + "\x00" + id
	c, ok := b.at[at].(*change[T])
	if !ok {
		k, err := s.keyOf(id)
		if err != nil {
			return nil, err
		}
		c = &change[T]{side: s, key: k, lenient: lenient}
		b.at[at] = c
		b.steps = append(b.steps, c)
	}
	c.lenient = c.lenient && lenient
	if it != nil {
		c.hold(it)
	}
	return c, nil
}

// hold notes that an item in memory is the one that changes.
func (c *change[T]) hold(it *T) {
	if slices.Contains(c.items, it) {
		return
	}
	c.items = append(c.items, it)
}

// maxRounds is how often a batch is sent, each time since what was tolerated
// has changed.
const maxRounds = 20

// send does it all or nothing. A step that fails and may is sent again as a
// check that what it met is still so: what the other steps write is right only
// as long as it is. If the check fails the step itself is due again.
func (b *batch) send(ctx context.Context) error {
	var steps []step
	for _, s := range b.steps {
		if s.writes() {
			steps = append(steps, s)
		}
	}
	if len(steps) > send.MaxOps {
		return tooMany(len(steps))
	}
	for range maxRounds {
		if !slices.ContainsFunc(steps, step.writes) {
			return nil // each is so already, all of them at one moment
		}
		err := b.try(ctx, steps)
		if written(err) {
			return err
		}
		rest, ok := tolerated(steps, err)
		if !ok {
			return err
		}
		steps = rest
	}
	return fmt.Errorf("assoc: other writers changed what is related in each of %d rounds: %w", maxRounds, repo.ErrConflict)
}

// try sends steps once.
func (b *batch) try(ctx context.Context, steps []step) error {
	var all []made
	var ops []repo.Op
	undo := func() {
		for _, m := range all {
			if m.undo != nil {
				m.undo()
			}
		}
	}
	for _, s := range steps {
		m, err := s.make()
		if err != nil {
			undo()
			return err
		}
		all, ops = append(all, m), append(ops, m.op)
	}
	var err error
	if len(all) == 1 && all[0].alone != nil {
		err = all[0].alone(ctx)
	} else {
		err = b.db.Transact(ctx, ops...)
	}
	if !written(err) {
		undo()
		return err
	}
	errs := []error{err}
	for _, m := range all {
		if m.done != nil {
			errs = append(errs, m.done())
		}
	}
	return errors.Join(errs...)
}

// written reports whether a write that returned err was made: callbacks behind
// a write do not take it back.
func written(err error) bool {
	if err == nil {
		return true
	}
	c, ok := errors.AsType[*repo.CallbackError](err)
	return ok && (c.Event == repo.AfterCreate || c.Event == repo.AfterSave || c.Event == repo.AfterDelete)
}

// tolerated returns the steps with those that failed and may in their other
// form: what is to be done as a check that it need not be, and a check that does
// not hold as what is to be done. ok is false if one failed that must not.
func tolerated(steps []step, err error) (rest []step, ok bool) {
	failed := map[int]error{}
	if t, ok := errors.AsType[*repo.TransactError](err); ok {
		for _, f := range t.Failed {
			failed[f.Position] = f.Err
		}
	} else if len(steps) == 1 {
		failed[0] = err
	}
	if len(failed) == 0 {
		return nil, false
	}
	for i, s := range steps {
		err, lost := failed[i]
		if !lost {
			rest = append(rest, s)
			continue
		}
		if !s.tolerates(err) {
			return nil, false
		}
		if other, due := s.tolerate(err); due {
			rest = append(rest, other)
		}
	}
	return rest, true
}

// An absence is a step whose item is not there, and must not come to be while
// the others are done.
type absence struct {
	op  repo.Op
	due step // what is to be done if the item is there
}

func (a *absence) make() (made, error) { return made{op: a.op}, nil }

func (a *absence) tolerates(err error) bool { return met(err) }

// tolerate returns what is due, or nothing for an item of another kind under the
// key, which keeps no ids of this relation.
func (a *absence) tolerate(err error) (step, bool) { return a.due, !errors.Is(err, repo.ErrNotFound) }

func (a *absence) writes() bool { return false }
