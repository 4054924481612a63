package assoc

import (
	"context"
	"errors"
	"sync"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// Load returns the targets of many owners at once: what stands at i is of
// owners[i], its items and the keys of ids without one, each in the order of
// the ids. Where owners keep ids, those of all of them are read together, each
// once, by BatchGetItem requests of at most 100, several at once
// (Config.Concurrency); no ids, no request (rule M2). Where targets are found
// by a query, it takes one for each owner, as many at once; where they are
// found by link items, that and the BatchGetItem requests.
//
// An item that several owners share is copied: its slices and maps are the
// same. On an error what was read is returned beside it, and nothing is called
// missing.
func (r *Relation[O, T]) Load(ctx context.Context, owners []O) ([]repo.Many[T], error) {
	all := make([]repo.Many[T], len(owners))
	ids := make([]string, len(owners))
	var errs []error
	for i := range owners {
		var err error
		ids[i], err = r.ownerID(&owners[i])
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return all, err
	}
	if r.link == nil && r.from.kept == nil {
		return all, r.each(ctx, ids, func(i int) (err error) {
			all[i].Items, err = r.query(ids[i]).Collect(ctx)
			return err
		})
	}
	targets := make([][]string, len(owners))
	if r.link == nil {
		for i := range owners {
			var err error
			if targets[i], err = r.from.ids(&owners[i]); err != nil {
				return all, r.refuse("the ids of an owner", err)
			}
		}
		return all, r.to.fill(ctx, targets, all)
	}
	err := r.each(ctx, ids, func(i int) (err error) {
		targets[i], err = dyniter.Collect(r.find(ctx, ids[i]))
		return err
	})
	return all, errors.Join(err, r.to.fill(ctx, targets, all))
}

// each calls f for every owner, several at once, and joins the errors. After
// one no more are begun.
func (r *Relation[O, T]) each(ctx context.Context, ids []string, f func(i int) error) error {
	limit := r.to.repo.DB().Config().Concurrency
	var mu sync.Mutex
	var errs []error
	failed := func(err error) bool {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			errs = append(errs, err)
		}
		return len(errs) > 0
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, limit)
	for i := range ids {
		slots <- struct{}{}
		if failed(ctx.Err()) {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			failed(f(i))
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// fill reads the items with ids, each once, and sets them in all, which is
// aligned with ids.
func (s *side[T]) fill(ctx context.Context, ids [][]string, all []repo.Many[T]) error {
	asked := map[string]bool{}
	var keys []key.Value
	for _, of := range ids {
		for _, id := range of {
			if _, seen := asked[id]; seen {
				continue
			}
			k, ok := s.keyOrText(id)
			if asked[id] = ok; ok {
				keys = append(keys, k)
			}
		}
	}
	many, err := s.repo.GetMany(ctx, keys)
	found := make(map[string]*T, len(many.Items))
	errs := []error{err}
	for i := range many.Items {
		id, err := s.idOf(&many.Items[i])
		errs = append(errs, err)
		found[id] = &many.Items[i]
	}
	// Beside an error, what was not found need not be missing.
	for i, of := range ids {
		for _, id := range of {
			if it := found[id]; it != nil {
				all[i].Items = append(all[i].Items, *it)
			} else if err == nil || !asked[id] {
				k, _ := s.keyOrText(id)
				all[i].Missing = append(all[i].Missing, k)
			}
		}
	}
	return errors.Join(errs...)
}
