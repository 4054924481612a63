package key

import (
	"fmt"

	"github.com/dynarepo/dynarepo/internal/door"
)

// A Value is the key of an item, or the hash part of one, as Go values. It is
// immutable and knows no declaration: who uses it compares it with one. However
// it is printed, it shows how many parts it has and never what they hold.
type Value struct {
	_    [0]func() // no ==, which would compare addresses
	veil *veil
}

// A veil keeps the parts two pointers away: fmt calls no method of what an
// unexported field holds, and looks through one pointer there, never through two.
type veil struct{ parts *parts }

type parts struct {
	veil       veil // of these parts
	hash, sort []any
	room       [2]any // memory of the one that was set
}

// Of returns a key value with the parts of a hash key: one for a plain
// attribute, as many as it has fields for a composite.
func Of(hash ...any) Value {
	p := new(parts)
	p.hash = append(p.room[:0:len(p.room)], hash...)
	return veiled(p)
}

// Range returns a new value with the hash parts of v and the parts of a sort
// key.
func (v Value) Range(sort ...any) Value {
	p := &parts{hash: v.get().hash}
	p.sort = append(p.room[:0:len(p.room)], sort...)
	return veiled(p)
}

func veiled(p *parts) Value {
	p.veil.parts = p
	return Value{veil: &p.veil}
}

var noParts parts

func (v Value) get() *parts {
	if v.veil == nil {
		return &noParts
	}
	return v.veil.parts
}

// HashParts returns a copy of the hash parts, in order; nil if there are none.
func (v Value) HashParts() []any { return append([]any(nil), v.get().hash...) }

// RangeParts returns a copy of the sort parts, in order; nil if there are none.
func (v Value) RangeParts() []any { return append([]any(nil), v.get().sort...) }

// AppendParts is for the packages of this module: it appends the hash parts and
// then the sort parts, in order, and returns how many of them are hash parts.
func (v Value) AppendParts(_ door.Key, dst []any) (parts []any, hash int) {
	p := v.get()
	return append(append(dst, p.hash...), p.sort...), len(p.hash)
}

// IsZero tells whether v has no parts.
func (v Value) IsZero() bool { return len(v.get().hash)+len(v.get().sort) == 0 }

// String returns a text such as "key(2 hash parts, 1 range part)".
func (v Value) String() string {
	p := v.get()
	return "key(" + count(len(p.hash), "hash part") + ", " + count(len(p.sort), "range part") + ")"
}

// Format writes what String returns, whatever the verb.
func (v Value) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, v.String())
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
