package repo

import (
	"reflect"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// StartAfter starts behind an item, exclusively (rule B1): itemOrKey is a T, a
// pointer to one, or the key value of one. A key value tells a place in the
// table alone; for an index, whose place needs the index's keys as well
// (rule B2), give an item or use [Query.From]. It works in both directions and
// with a filter on (rule B3). The last call of StartAfter, From and Resume wins.
func (q Query[T]) StartAfter(itemOrKey any) Query[T] {
	return Query[T]{q.repo, q.spec.StartAfter(itemOrKey, reflect.TypeFor[T]())}
}

// From goes on at a cursor: one of a page, of [Query.CursorAfter], or one that
// dyniter.ParseCursor made of a token. A zero cursor is the beginning. A cursor
// of another table, index, direction or partition, and a token that was
// tampered with, is dyniter.ErrCursor before any request (rule B4).
func (q Query[T]) From(c dyniter.Cursor) Query[T] { return Query[T]{q.repo, q.spec.GoOn(c)} }

// Resume goes on at the cursor at points to, as [Query.From] does, and sets it when
// the loop has ended, however it did: behind the last item that the loop was given,
// and zero after the last of all. So every item comes exactly once over any number
// of loops, wherever each was left, with [Query.Prefetch] and [Query.Segments] too,
// where it holds the place of each segment:
//
//	for s, err := range q.Resume(&at).All(ctx) { ... break ... }
//
// Within the loop the cursor is where the loop began; a process that may be killed
// takes that of [Query.Pages]. It is for one loop at a time, and the key of an item
// must not be changed in it. Verbs that hand out no items refuse it as [ErrInvalid].
func (q Query[T]) Resume(at *dyniter.Cursor) Query[T] { return Query[T]{q.repo, q.spec.Resume(at)} }

// CursorAfter returns the cursor behind item, exact wherever the loop was left
// (rule A6). It is made from the declared keys and sends nothing (rule B2).
// A parallel scan has no such cursor, since an item tells the place of one
// segment only: use that of a page, or [Query.Resume].
func (q Query[T]) CursorAfter(item T) (dyniter.Cursor, error) {
	return q.of().CursorAfter(reflect.ValueOf(&item).Elem())
}
