package key

import (
	"fmt"
	"io"
	"slices"
)

// A Value is the key of an item, or the hash part of one, as Go values. It is
// immutable and knows no declaration: who uses it compares it with one. However
// it is printed, it shows how many parts it has and never what they hold.
type Value struct {
	_     [0]func() // no ==, which would compare addresses
	parts *parts    // a pointer, since fmt looks into unexported fields of what holds a Value
}

type parts struct{ hash, sort []any }

// Of returns a key value with the parts of a hash key: one for a plain
// attribute, as many as it has fields for a composite.
func Of(hash ...any) Value {
	return Value{parts: &parts{hash: append([]any(nil), hash...)}}
}

// Range returns a new value with the hash parts of v and the parts of a sort
// key.
func (v Value) Range(sort ...any) Value {
	next := &parts{sort: append([]any(nil), sort...)}
	if v.parts != nil {
		next.hash = v.parts.hash
	}
	return Value{parts: next}
}

// HashParts returns a copy of the hash parts, in order; nil if there are none.
func (v Value) HashParts() []any {
	if v.parts == nil {
		return nil
	}
	return slices.Clone(v.parts.hash)
}

// RangeParts returns a copy of the sort parts, in order; nil if there are none.
func (v Value) RangeParts() []any {
	if v.parts == nil {
		return nil
	}
	return slices.Clone(v.parts.sort)
}

// IsZero tells whether v has no parts.
func (v Value) IsZero() bool { return v.parts == nil || len(v.parts.hash)+len(v.parts.sort) == 0 }

// String returns a text such as "key(2 hash parts, 1 range part)".
func (v Value) String() string {
	var p parts
	if v.parts != nil {
		p = *v.parts
	}
	return "key(" + count(len(p.hash), "hash part") + ", " + count(len(p.sort), "range part") + ")"
}

// GoString returns what String does.
func (v Value) GoString() string { return v.String() }

// Format writes what String returns, whatever the verb.
func (v Value) Format(f fmt.State, _ rune) {
	io.WriteString(f, v.String()) //nolint:errcheck // a Formatter has no way to tell
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
