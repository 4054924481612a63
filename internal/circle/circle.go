// Package circle notices pages that go in a circle: a server that gives a token
// back which it gave before would be asked for ever.
package circle

// A Watch sees the tokens that pages end with. The zero Watch is ready for use. It
// keeps one token, and notices a circle of n pages behind m others within 3(n+m).
// https://en.wikipedia.org/wiki/Cycle_detection#Brent's_algorithm
type Watch[T any] struct {
	mark  T
	pages int // since the mark
	turn  int // pages until the next mark
}

// Closes reports whether a token is one that was seen, and keeps it if it is due.
func (w *Watch[T]) Closes(token T, same func(a, b T) bool) bool {
	if w.turn > 0 && same(w.mark, token) {
		return true
	}
	if w.pages++; w.pages >= w.turn {
		w.mark, w.pages, w.turn = token, 0, max(1, 2*w.turn)
	}
	return false
}
