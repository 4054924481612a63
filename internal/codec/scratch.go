package codec

import (
	"math/bits"
	"reflect"
)

const (
	maxScratch = 64 << 10 // bytes of a buffer that is kept for the next page
	maxList    = 1 << 10  // elements of a scratch list that is kept
)

// scratch is what the decoding of one item fills and empties. It belongs to
// that item: every decoding begins with [scratch.begin], which finds it empty or
// makes it so, whatever became of the one before. So an error or a panic in the
// midst of an item has nothing to tidy up.
type scratch struct {
	busy    bool // an item was begun and did not end well
	depth   int
	lists   []levels // by node id
	strs    []string // stack of the elements of []string
	bits    []uint64 // stack of the fields met, the item's own at the bottom
	scalars []Scalar
	watched []byte // memory of the scalars
}

// levels are the scratch lists of one list type, one for each level on which
// the type holds itself.
type levels struct {
	open  int
	lists []reflect.Value
}

// begin makes the scratch that of the next item.
func (s *scratch) begin() {
	if s.busy {
		s.wipe()
	}
	s.busy = true
	s.bits = s.bits[:0]
	s.watched = s.watched[:0]
	clear(s.scalars)
}

// end tells that an item was decoded to its end. Its marks and scalars stay
// readable until the next begins.
func (s *scratch) end() { s.busy = false }

// wipe empties the scratch, so that it is as good as new.
func (s *scratch) wipe() {
	s.busy, s.depth = false, 0
	s.bits = s.bits[:0]
	s.watched = s.watched[:0]
	clear(s.scalars)
	clear(s.strs[:cap(s.strs)])
	s.strs = s.strs[:0]
	for i := range s.lists {
		s.lists[i].open = 0
		for _, v := range s.lists[i].lists {
			empty(v)
		}
	}
}

// trim wipes the scratch and drops memory that is too large to be kept.
func (s *scratch) trim() {
	s.wipe()
	if cap(s.watched) > maxScratch {
		s.watched = nil
	}
	if cap(s.strs) > maxList {
		s.strs = nil
	}
	for i := range s.lists {
		for j, v := range s.lists[i].lists {
			if v.Cap() > maxList {
				s.lists[i].lists[j] = reflect.New(v.Type()).Elem()
			}
		}
	}
}

func (s *scratch) enter() error {
	if s.depth++; s.depth > maxDepth {
		return ErrDepth
	}
	return nil
}

func (s *scratch) leave() { s.depth-- }

// mark notes that field i was met, in the words from base on, and reports
// whether it was met before.
func (s *scratch) mark(base, i int) bool {
	w := &s.bits[base+i/bits.UintSize]
	bit := uint64(1) << (i % bits.UintSize)
	was := *w&bit != 0
	*w |= bit
	return was
}

// push makes room for n marks and returns where they start.
func (s *scratch) push(n int) int {
	base := len(s.bits)
	for range (n + bits.UintSize - 1) / bits.UintSize {
		s.bits = append(s.bits, 0)
	}
	return base
}

// list returns an empty list for the elements of n.
func (s *scratch) list(n *node) (*levels, reflect.Value) {
	l := &s.lists[n.id]
	if l.open == len(l.lists) {
		l.lists = append(l.lists, reflect.New(n.typ).Elem())
	}
	v := l.lists[l.open]
	l.open++
	return l, v
}

// grow makes v, a slice, one longer. The new element is zero if the memory
// beyond the length is.
func grow(v reflect.Value) {
	n := v.Len()
	if n == v.Cap() {
		v.Grow(max(n, 4))
	}
	v.SetLen(n + 1)
}

// settle moves the elements of scratch list from into v, in memory of its own.
func settle(v, from reflect.Value) {
	if n := from.Len(); n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	} else {
		v.Grow(n)
		v.SetLen(n)
		reflect.Copy(v, from)
	}
	empty(from)
}

// empty drops the elements of v, a slice whose memory beyond its length is zero,
// and leaves none of them in its memory.
func empty(v reflect.Value) {
	v.Clear()
	v.SetLen(0)
}

// A Scalar is a watched attribute as it stood in an item.
type Scalar struct {
	Kind byte   // 'S', 'N' or 'B'; 0 if the item has no such attribute; '?' if it is no scalar
	Data []byte // text, number or bytes; valid during Check only
}
