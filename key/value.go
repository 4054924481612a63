package key

import (
	"fmt"
	"slices"
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

type parts struct{ hash, sort []any }

// Of returns a key value with the parts of a hash key: one for a plain
// attribute, as many as it has fields for a composite.
func Of(hash ...any) Value {
	return veiled(append([]any(nil), hash...), nil)
}

// Range returns a new value with the hash parts of v and the parts of a sort
// key.
func (v Value) Range(sort ...any) Value {
	return veiled(v.get().hash, append([]any(nil), sort...))
}

func veiled(hash, sort []any) Value {
	return Value{veil: &veil{&parts{hash, sort}}}
}

func (v Value) get() parts {
	if v.veil == nil {
		return parts{}
	}
	return *v.veil.parts
}

// HashParts returns a copy of the hash parts, in order; nil if there are none.
func (v Value) HashParts() []any { return slices.Clone(v.get().hash) }

// RangeParts returns a copy of the sort parts, in order; nil if there are none.
func (v Value) RangeParts() []any { return slices.Clone(v.get().sort) }

// IsZero tells whether v has no parts.
func (v Value) IsZero() bool { return len(v.get().hash)+len(v.get().sort) == 0 }

// String returns a text such as "key(2 hash parts, 1 range part)".
func (v Value) String() string {
	p := v.get()
	return "key(" + count(len(p.hash), "hash part") + ", " + count(len(p.sort), "range part") + ")"
}

// GoString returns what String does.
func (v Value) GoString() string { return v.String() }

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
