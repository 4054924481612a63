// Package model reads the attributes of a struct from its source, as the library
// reads them when a program runs.
package model

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// A Field is one attribute of a struct.
type Field struct {
	Attr string   // its name
	Path []string // the Go selector
	Type types.Type

	tagged bool
}

// Fields returns the attributes of a struct in the order of its fields. What the
// library refuses, such as one name for two fields, is left out.
func Fields(s *types.Struct) []Field {
	all := collect(s, nil, map[*types.Struct]bool{s: true})
	beats := func(a, b Field) bool {
		if len(a.Path) != len(b.Path) {
			return len(a.Path) < len(b.Path)
		}
		return a.tagged && !b.tagged
	}
	var out []Field
	for i, f := range all {
		hidden := false
		for j, o := range all {
			hidden = hidden || i != j && o.Attr == f.Attr && !beats(f, o)
		}
		if !hidden {
			out = append(out, f)
		}
	}
	return out
}

func collect(s *types.Struct, path []string, above map[*types.Struct]bool) []Field {
	var out []Field
	for i := range s.NumFields() {
		v := s.Field(i)
		if !v.Exported() && !v.Embedded() {
			continue
		}
		tag := reflect.StructTag(s.Tag(i)).Get("dynamodbav")
		name, _, _ := strings.Cut(tag, ",")
		if name == "-" {
			continue
		}
		at := append(slices.Clone(path), v.Name())
		if inner := Struct(v.Type()); v.Embedded() && name == "" && inner != nil {
			if !above[inner] {
				above[inner] = true
				out = append(out, collect(inner, at, above)...)
				delete(above, inner)
			}
			continue
		}
		if !v.Exported() {
			continue
		}
		f := Field{Attr: name, Path: at, Type: v.Type(), tagged: name != ""}
		if name == "" {
			f.Attr = v.Name()
		}
		out = append(out, f)
	}
	return out
}

// Struct returns the struct that t or what it points to is stored as: a map of
// its fields. It is nil for everything else, such as a time.
func Struct(t types.Type) *types.Struct {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || isWhole(t) {
		return nil
	}
	return s
}

// isWhole tells whether a type says itself how it is stored.
func isWhole(t types.Type) bool {
	set := types.NewMethodSet(types.NewPointer(t))
	for _, m := range []string{"MarshalDynamoDBAttributeValue", "UnmarshalDynamoDBAttributeValue", "MarshalText", "MarshalBinary"} {
		if set.Lookup(nil, m) != nil {
			return true
		}
	}
	return false
}

// Find tells whether a document path, such as "lines[0].sku", is an attribute of
// the struct; also where the types end before the path does, since what lies in
// an interface, or in a map, is nobody's to tell.
func Find(s *types.Struct, path string) bool {
	if has(s, path) != nil {
		return true
	}
	t := types.Type(s)
	for part := range strings.SplitSeq(path, ".") {
		name, indexes, _ := strings.Cut(part, "[")
		in := Struct(t)
		if in == nil {
			return !isLeaf(t)
		}
		f := has(in, name)
		if f == nil {
			return false
		}
		t = f.Type
		for range strings.Count(indexes, "]") {
			t = elem(t)
		}
	}
	return true
}

func has(s *types.Struct, attr string) *Field {
	for _, f := range Fields(s) {
		if f.Attr == attr {
			return &f
		}
	}
	return nil
}

// elem is the type of an element of a list; t itself if it is none.
func elem(t types.Type) types.Type {
	u := t.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	switch u := u.(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	}
	return t
}

// isLeaf tells whether nothing can lie within a value of the type.
func isLeaf(t types.Type) bool {
	_, basic := t.Underlying().(*types.Basic)
	return basic
}
