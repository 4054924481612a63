package repo

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/instances"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/key"
)

// WithIdentityMap returns a context in which [Repo.Load] and [Query.Load] hand
// out one instance of each item: what was loaded once is not read again, and all
// who hold it hold the same. The map grows with what is loaded and goes with the
// context, so it is for one request or job. A context that has one gets another
// for what is done under the new one. It is safe for concurrent use; changing an
// instance that several goroutines hold is theirs to guard.
//
// The map never changes an instance, only a write of the instance itself does:
// [Repo.Save] and the like, given the pointer, alone, in a batch or in a
// transaction. Any other write of the key under the context, and any that
// failed, takes the key out of the map: the next Load reads it anew. So an
// instance that was stale is not met again by lock.Retry. Writes under other
// contexts are not seen.
func WithIdentityMap(ctx context.Context) context.Context {
	return instances.With(ctx)
}

// Load returns the item with the key. Under a context of [WithIdentityMap] it is
// the instance that was loaded before, without a request; goroutines that ask
// for one item at once share one request. Otherwise, for an item that has expired
// meanwhile, and if [Repo.Consistent] asks for what is stored now, it is a new
// instance by one GetItem request, which takes the place of the one before. An
// item that is not there is not remembered. Errors are those of [Repo.Get].
func (r *Repo[T]) Load(ctx context.Context, k key.Value) (*T, error) {
	return r.load(ctx, k, read.Options{})
}

func (r *Repo[T]) load(ctx context.Context, k key.Value, o read.Options) (*T, error) {
	if err := r.ready("Load"); err != nil {
		return nil, err
	}
	t, m := r.table, instances.Of(ctx)
	load := func() (*T, error) {
		found, err := r.get(ctx, "Load", k, o)
		if err != nil {
			return nil, err
		}
		return &found, nil
	}
	if m == nil {
		return load()
	}
	attrs, err := t.Keys.Of(k)
	if err != nil {
		return nil, t.Refuse("Load", err)
	}
	own := m.Slot(t, t.Keys.ID(attrs), o.Consistent)
	select {
	case own.Turn <- struct{}{}:
		defer func() { <-own.Turn }()
	case <-ctx.Done():
		return nil, t.Fail("Load", "", t.Keys.Names, ctx.Err())
	}
	if held, ok := m.Instance(own, r.db.cfg.Now()).(*T); ok {
		return held, nil
	}
	found, err := load()
	if err == nil {
		m.Fill(own, found, t.EndOf(reflect.ValueOf(found).Elem()))
	}
	return found, err
}

// Load returns the items in order, as [Query.All] does, but each as [Repo.Load]
// would: under a context of [WithIdentityMap] an item that was loaded before is
// that instance, though the query may have found a newer one, and the others
// come into the map. One that was written under the context since the query
// began is read again by its key, in one GetItem request, and left out if it is
// gone. A query that brings items in part is [ErrInvalid]: one with
// [Query.Project], or of an index that does not project all, without
// [Query.Hydrate]. Other errors are those of All.
func (q Query[T]) Load(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		r, err := q.of().Lend()
		if err == nil && r.Parts() {
			err = q.repo.table.Refuse("Load", errPart)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		m := instances.Of(ctx)
		since := m.Writes()
		for found, err := range itemsOfRun[T](ctx, r) {
			if err != nil {
				yield(nil, err)
				return
			}
			item := &found
			if m != nil {
				item, err = q.repo.adopt(ctx, m, item, since)
			}
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				r.TakeBack()
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

var errPart = errors.New("the query brings items in part")

// adopt returns the instance of an item that a query found.
func (r *Repo[T]) adopt(ctx context.Context, m *instances.Map, found *T, since int) (*T, error) {
	t, v := r.table, reflect.ValueOf(found).Elem()
	id, err := t.ItemID(v)
	if err != nil {
		return nil, t.Fail("Load", "", t.Keys.Names, fault.Because(ErrDecode, err))
	}
	if held, ok := m.Adopt(t, id, found, t.EndOf(v), since, r.db.cfg.Now()).(*T); ok {
		return held, nil
	}
	return r.Load(ctx, t.KeyValue(v))
}
