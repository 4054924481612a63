package codec

import (
	"slices"
	"strings"
)

const (
	chunkSize  = 1 << 10
	chunkShare = chunkSize / 8 // longer strings have memory of their own

	slabSize  = 32 // strings a slab, so that keeping one list keeps 32 chunks at most
	slabShare = 8  // longer lists have memory of their own
)

// arena hands out strings and short []string cut from chunks of bounded size:
// what is kept of a page keeps its chunks, not the page.
type arena struct {
	chunk strings.Builder
	slab  []string
	plain bool
}

func (a *arena) string(b []byte) string {
	if a.plain || len(b) > chunkShare {
		return string(b)
	}
	if a.chunk.Cap()-a.chunk.Len() < len(b) {
		a.chunk = strings.Builder{}
		a.chunk.Grow(chunkSize)
	}
	start := a.chunk.Len()
	a.chunk.Write(b)
	return a.chunk.String()[start:]
}

// strings returns a copy of list that the caller may append to.
func (a *arena) strings(list []string) []string {
	if len(list) == 0 {
		return []string{}
	}
	long := func(s string) bool { return len(s) > chunkShare }
	if a.plain || len(list) > slabShare || slices.ContainsFunc(list, long) {
		return append(make([]string, 0, len(list)), list...)
	}
	if len(a.slab) < len(list) {
		a.slab = make([]string, slabSize)
	}
	out := a.slab[:len(list):len(list)]
	a.slab = a.slab[len(list):]
	copy(out, list)
	return out
}
