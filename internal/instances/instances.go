// Package instances is the identity map of a context: one instance of each item
// that was loaded under it.
package instances

import (
	"context"
	"sync"
	"time"

	"github.com/dynarepo/dynarepo/internal/model"
)

// With returns a context that has a map of its own.
func With(ctx context.Context) context.Context {
	return context.WithValue(ctx, mapKey{}, &Map{places: map[[2]string]*place{}})
}

type mapKey struct{}

// Of returns the map of a context; nil if it has none.
func Of(ctx context.Context) *Map {
	if ctx == nil {
		return nil
	}
	m, _ := ctx.Value(mapKey{}).(*Map)
	return m
}

// A Map holds the instances of one context.
type Map struct {
	mu     sync.Mutex
	places map[[2]string]*place // by table and id of the key
	writes int                  // how many there were
}

// A place is one key of one table.
type place struct {
	written int // the number of the last write; 0 if there was none
	slots   map[*model.Table]*Slot
}

// A Slot is where a repository's instance is, or is about to be.
type Slot struct {
	Turn chan struct{} // held by who loads it
	item any           // a *T; nil before it is loaded
	end  int64         // when it is to be hidden, in Unix seconds
}

func (m *Map) place(t *model.Table, id string) *place {
	at := [2]string{t.Name, id}
	p := m.places[at]
	if p == nil {
		p = &place{slots: map[*model.Table]*Slot{}}
		m.places[at] = p
	}
	return p
}

// Slot returns the slot of a key, a new one in its place if it is to be fresh.
func (m *Map) Slot(t *model.Table, id string, fresh bool) *Slot {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.place(t, id)
	if fresh || p.slots[t] == nil {
		p.slots[t] = &Slot{Turn: make(chan struct{}, 1)}
	}
	return p.slots[t]
}

// Instance returns what a slot holds; nil if that is nothing or has expired.
func (m *Map) Instance(own *Slot, now time.Time) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return own.at(now)
}

func (s *Slot) at(now time.Time) any {
	if model.Over(s.end, now) {
		return nil
	}
	return s.item
}

// Fill puts what was loaded into a slot.
func (m *Map) Fill(own *Slot, found any, end int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	own.item, own.end = found, end
}

// Adopt returns the instance of an item that was found: the one that is there
// or, where there was none and no write since, found. It returns nil where the
// item must be loaded.
func (m *Map) Adopt(t *model.Table, id string, found any, end int64, since int, now time.Time) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.place(t, id)
	if own := p.slots[t]; own != nil {
		return own.at(now)
	}
	if p.written > since {
		return nil
	}
	p.slots[t] = &Slot{Turn: make(chan struct{}, 1), item: found, end: end}
	return found
}

// Writes returns how many writes there were; a nil map has none.
func (m *Map) Writes() int {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

// Forget takes what was written out of the context's map, but for an instance
// that is itself as it was stored: mine, which ends then.
func (m *Map) Forget(t *model.Table, id string, mine any, end int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	p := m.place(t, id)
	p.written = m.writes
	for other, own := range p.slots {
		if mine != nil && own.item == mine {
			own.end = end
		} else {
			delete(p.slots, other)
		}
	}
}
