package repo

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"sync"
	"time"

	"github.com/dynarepo/dynarepo/internal/wire"
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
	return context.WithValue(ctx, identityMapKey{}, &identityMap{places: map[[2]string]*place{}})
}

// Load returns the item with the key. Under a context of [WithIdentityMap] it is
// the instance that was loaded before, without a request; goroutines that ask
// for one item at once share one request. Otherwise, for an item that has expired
// meanwhile, and if [Consistent] asks for what is stored now, it is a new
// instance by one GetItem request, which takes the place of the one before. An
// item that is not there is not remembered. Errors are those of [Repo.Get].
func (r *Repo[T]) Load(ctx context.Context, k key.Value, opts ...GetOption) (*T, error) {
	s, m := r.schema, identityMapOf(ctx)
	load := func() (*T, error) {
		found, err := r.read(ctx, "Load", k, opts)
		if err != nil {
			return nil, err
		}
		return &found, nil
	}
	if m == nil {
		return load()
	}
	attrs, err := s.keyOf(k)
	if err != nil {
		return nil, s.refuse("Load", err)
	}
	own := m.slot(s, s.keyID(attrs), newGetOptions(opts).consistent)
	select {
	case own.turn <- struct{}{}:
		defer func() { <-own.turn }()
	case <-ctx.Done():
		return nil, s.fail("Load", "", s.keyNames, ctx.Err())
	}
	if held, ok := m.instance(own, r.db.cfg.Now()).(*T); ok {
		return held, nil
	}
	found, err := load()
	if err == nil {
		m.fill(own, found, s.endOf(reflect.ValueOf(found).Elem()))
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
		p, err := q.prepare()
		if err == nil && (len(q.spec.project) > 0 || p.plan.Partial && !q.spec.hydrate) {
			err = q.repo.schema.refuse("Load", errPart)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		m := identityMapOf(ctx)
		since := m.now()
		for found, err := range q.All(ctx) {
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
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

var errPart = errors.New("the query brings items in part")

// adopt returns the instance of an item that a query found.
func (r *Repo[T]) adopt(ctx context.Context, m *identityMap, found *T, since int) (*T, error) {
	s, v := r.schema, reflect.ValueOf(found).Elem()
	id, err := s.itemID(v)
	if err != nil {
		return nil, s.fail("Load", "", s.keyNames, because(ErrDecode, err))
	}
	if held, ok := m.adopt(s, id, found, s.endOf(v), since, r.db.cfg.Now()).(*T); ok {
		return held, nil
	}
	return r.Load(ctx, s.keyValue(v))
}

type identityMapKey struct{}

func identityMapOf(ctx context.Context) *identityMap {
	m, _ := ctx.Value(identityMapKey{}).(*identityMap)
	return m
}

// An identityMap holds the instances of one context.
type identityMap struct {
	mu     sync.Mutex
	places map[[2]string]*place // by table and id of the key
	writes int                  // how many there were
}

// A place is one key of one table.
type place struct {
	written int // the number of the last write; 0 if there was none
	slots   map[*schema]*slot
}

// A slot is where a repository's instance is, or is about to be.
type slot struct {
	turn chan struct{} // held by who loads it
	item any           // a *T; nil before it is loaded
	end  int64         // when it is to be hidden, in Unix seconds
}

func (m *identityMap) place(s *schema, id string) *place {
	at := [2]string{s.table, id}
	p := m.places[at]
	if p == nil {
		p = &place{slots: map[*schema]*slot{}}
		m.places[at] = p
	}
	return p
}

// slot returns the slot of a key, a new one in its place if it is to be fresh.
func (m *identityMap) slot(s *schema, id string, fresh bool) *slot {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.place(s, id)
	if fresh || p.slots[s] == nil {
		p.slots[s] = &slot{turn: make(chan struct{}, 1)}
	}
	return p.slots[s]
}

// instance returns what a slot holds; nil if that is nothing or has expired.
func (m *identityMap) instance(own *slot, now time.Time) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return own.at(now)
}

func (s *slot) at(now time.Time) any {
	if over(s.end, now) {
		return nil
	}
	return s.item
}

func (m *identityMap) fill(own *slot, found any, end int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	own.item, own.end = found, end
}

// adopt returns the instance of an item that was found: the one that is there
// or, where there was none and no write since, found. It returns nil where the
// item must be loaded.
func (m *identityMap) adopt(s *schema, id string, found any, end int64, since int, now time.Time) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.place(s, id)
	if own := p.slots[s]; own != nil {
		return own.at(now)
	}
	if p.written > since {
		return nil
	}
	p.slots[s] = &slot{turn: make(chan struct{}, 1), item: found, end: end}
	return found
}

// now returns how many writes there were; a nil map has none.
func (m *identityMap) now() int {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

// forget takes what was written out of the context's map, but for an instance
// that is itself as it was stored.
func forget(ctx context.Context, err error, writes ...*write) {
	m := identityMapOf(ctx)
	if m == nil || errors.Is(err, wire.ErrBody) { // which was not sent yet
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range writes {
		if w.check {
			continue
		}
		id := w.id
		if id == "" && w.put {
			id, _ = w.schema.itemID(w.value) // it was encoded, so it has one
		} else if id == "" {
			id = w.schema.keyID(w.key)
		}
		m.writes++
		p := m.place(w.schema, id)
		p.written = m.writes
		for s, own := range p.slots {
			if err == nil && w.mine != nil && own.item == w.mine {
				own.end = w.end
			} else {
				delete(p.slots, s)
			}
		}
	}
}
