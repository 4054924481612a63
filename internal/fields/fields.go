// Package fields reads struct types and their dynamodbav tags, once a type, into
// the list of attributes that an item of the type has.
//
// It is the only reader of struct tags. Names, precedence of embedded fields
// and options are those of the SDK's attributevalue package
// (https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue),
// but strict: what that package drops in silence is an error here. An unknown
// or repeated option, options that contradict each other or the type, a name
// used twice, a tagged field that is not exported, a field whose type can't be
// stored: each is a fault that names type and field, in the struct itself and
// in every struct it holds.
//
// Names match exactly. On load attributevalue falls back to a match that
// ignores case; here "userid" is never stored into field UserID, since two
// names that differ in case are two attributes to DynamoDB.
package fields

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
)

// A Field is one attribute of an item: a field of the struct, or of a struct
// embedded in it.
type Field struct {
	Name  string       // of the attribute
	Path  string       // the Go selector, such as "Base.ID", for messages
	Index []int        // for reflect.Value.FieldByIndex
	Type  reflect.Type // as declared
	Tag   Tag

	tagged bool
}

// A Struct is the plan of one struct type. It is immutable.
type Struct struct {
	Type   reflect.Type
	Fields []Field // in the order of the declaration

	byName map[string]int
}

// Error tells what is wrong with a type that can't be an item.
type Error struct {
	Type  reflect.Type
	Field string // Go selector; "" for the type itself
	Rule  string
}

// Error names the type, the field and the rule.
func (e *Error) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%v: %s", e.Type, e.Rule)
	}
	return fmt.Sprintf("%v: field %s: %s", e.Type, e.Field, e.Rule)
}

type result struct {
	plan *Struct
	err  error
}

var cache sync.Map // reflect.Type -> result

// Of returns the plan of struct type t, or every fault of its declaration and
// of the struct types that its fields hold, joined, each an [*Error] (rule
// L2). Types may hold themselves. The plan is read once and is then the same
// for every caller.
func Of(t reflect.Type) (*Struct, error) {
	if r, ok := cache.Load(t); ok {
		return r.(result).plan, r.(result).err
	}
	s, err := readAll(t)
	r, _ := cache.LoadOrStore(t, result{s, err})
	return r.(result).plan, r.(result).err
}

// Field returns the attribute with that name, or nil.
func (s *Struct) Field(name string) *Field {
	if i, ok := s.byName[name]; ok {
		return &s.Fields[i]
	}
	return nil
}

// Value returns the field in v, a struct of the plan's type. ok is false if it
// lies in an embedded struct whose pointer is nil.
func (f *Field) Value(v reflect.Value) (field reflect.Value, ok bool) {
	for i, x := range f.Index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// Alloc returns the field in v, an addressable struct of the plan's type, and
// allocates the embedded structs on the way to it.
func (f *Field) Alloc(v reflect.Value) reflect.Value {
	for i, x := range f.Index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}

func readAll(root reflect.Type) (*Struct, error) {
	if root.Kind() != reflect.Struct {
		return nil, &Error{Type: root, Rule: "want a struct"}
	}
	s, nested, errs := read(root)
	seen := map[reflect.Type]bool{root: true}
	for len(nested) > 0 {
		t := nested[0]
		nested = nested[1:]
		if seen[t] {
			continue
		}
		seen[t] = true
		_, more, faults := read(t)
		nested = append(nested, more...)
		errs = append(errs, faults...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// read returns the plan of t alone and the struct types its fields hold.
func read(t reflect.Type) (s *Struct, nested []reflect.Type, errs []error) {
	r := reader{root: t, visited: map[reflect.Type]bool{t: true}}
	r.enum(t, nil, "")
	s = &Struct{Type: t, byName: make(map[string]int)}
	s.Fields = r.dominant()
	for i, f := range s.Fields {
		s.byName[f.Name] = i
		found := map[reflect.Type]bool{}
		if rule := storable(f.Type, f.Tag, found); rule != "" {
			r.fault(f.Path, rule)
		}
		nested = slices.AppendSeq(nested, maps.Keys(found))
	}
	return s, nested, r.errs
}

// reader collects the candidates for the fields of one struct type.
type reader struct {
	root    reflect.Type
	visited map[reflect.Type]bool // on the way down: a struct embedded in itself adds nothing
	fields  []Field
	errs    []error
}

func (r *reader) fault(path, rule string) {
	r.errs = append(r.errs, &Error{Type: r.root, Field: path, Rule: rule})
}

func (r *reader) enum(t reflect.Type, index []int, prefix string) {
	for i := range t.NumField() {
		sf := t.Field(i)
		path := prefix + sf.Name
		text, has := sf.Tag.Lookup("dynamodbav")
		if !sf.IsExported() && !sf.Anonymous {
			if has && text != "-" {
				r.fault(path, "a tagged field must be exported")
			}
			continue
		}
		name, tag, err := parseTag(text)
		if err != nil {
			r.fault(path, err.Error())
		}
		if name == "-" {
			continue
		}
		if err := parseOwn(sf.Tag.Get("dynarepo"), &tag); err != nil {
			r.fault(path, err.Error())
		}
		ft := sf.Type
		if ft.Name() == "" && ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		at := append(slices.Clone(index), i)
		if sf.Anonymous && name == "" && ft.Kind() == reflect.Struct {
			if Whole(ft, Tag{}) {
				r.fault(path, fmt.Sprintf("an embedded %v would lose its value; give the attribute a name in the tag", ft))
				continue
			}
			if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
				r.fault(path, "an embedded pointer must be to an exported type, or it can't be allocated on load")
				continue
			}
			if !r.visited[ft] {
				r.visited[ft] = true
				r.enum(ft, at, path+".")
				delete(r.visited, ft)
			}
			continue
		}
		if !sf.IsExported() {
			continue // an embedded unexported type that is no struct
		}
		if err := tag.check(sf.Type); err != nil {
			r.fault(path, err.Error())
		}
		f := Field{Name: name, Path: path, Index: at, Type: sf.Type, Tag: tag, tagged: name != ""}
		if name == "" {
			f.Name = sf.Name
		}
		if other := unread(sf.Tag, has, f.Name); other != "" {
			r.fault(path, fmt.Sprintf("the tag %s is not read and names another attribute than %q; write the name in dynamodbav", other, f.Name))
		}
		r.fields = append(r.fields, f)
	}
}

// dominant leaves one field a name: the shallowest, and among equally deep
// ones the tagged one; what remains equal is a fault.
func (r *reader) dominant() []Field {
	byName := map[string][]Field{}
	for _, f := range r.fields {
		byName[f.Name] = append(byName[f.Name], f)
	}
	beats := func(a, b Field) bool {
		if len(a.Index) != len(b.Index) {
			return len(a.Index) < len(b.Index)
		}
		return a.tagged && !b.tagged
	}
	var out []Field
	for _, f := range r.fields {
		same := byName[f.Name]
		if slices.ContainsFunc(same, func(o Field) bool { return beats(o, f) }) {
			continue
		}
		first := slices.IndexFunc(same, func(o Field) bool { return !beats(f, o) })
		if !slices.Equal(same[first].Index, f.Index) {
			r.fault(f.Path, fmt.Sprintf("attribute %q is also field %s", f.Name, same[first].Path))
			continue
		}
		out = append(out, f)
	}
	return out
}
