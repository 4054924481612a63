package scaffold

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A field is one line of a struct.
type field struct {
	name, typ, tag string
	attr           string
	notes          []string
	record         *record // its own struct, if it is one
	inside         bool    // and the selector reaches it: it is in no list or map
}

// A record is one struct type.
type record struct {
	name   string
	fields []field
	notes  []string
}

// An inferrer makes structs of shapes.
type inferrer struct {
	records []*record
	taken   map[string]bool
	keys    map[string]string // key attributes of the table and its indexes, and their types
	own     map[string]bool   // those of the table
}

// record makes the struct of maps of shape s, of which there are n.
func (f *inferrer) record(name string, s *shape, n int, top bool) *record {
	r := &record{name: f.unique(name)}
	f.records = append(f.records, r)
	names := map[string]bool{}
	for _, attr := range f.order(s, top) {
		goName := goName(attr)
		if goName == "" || attr == "-" || strings.ContainsAny(attr, ",\"`\\") {
			r.notes = append(r.notes, fmt.Sprintf("attribute %q has no field, since no tag can name it: writing an item drops it", attr))
			continue
		}
		for i := 2; names[goName]; i++ {
			goName = strings.TrimRight(goName, "0123456789") + strconv.Itoa(i)
		}
		names[goName] = true
		r.fields = append(r.fields, f.field(r.name, goName, attr, s.fields[attr], n, top))
	}
	return r
}

// order puts the keys first, those of the table before those of indexes.
func (f *inferrer) order(s *shape, top bool) []string {
	attrs := slices.Sorted(maps.Keys(s.fields))
	if !top {
		return attrs
	}
	rank := func(attr string) int {
		switch {
		case f.own[attr]:
			return 0
		case f.keys[attr] != "":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(attrs, func(a, b string) int { return rank(a) - rank(b) })
	return attrs
}

func (f *inferrer) unique(name string) string {
	for i := 2; f.taken[name]; i++ {
		name = strings.TrimRight(name, "0123456789") + strconv.Itoa(i)
	}
	f.taken[name] = true
	return name
}

func (f *inferrer) field(parent, name, attr string, s *shape, n int, top bool) field {
	out := field{name: name, attr: attr}
	isKey := top && f.keys[attr] != ""
	if s.seen == 0 {
		out.typ, out.tag = f.unseen(attr), "dynamodbav:"+strconv.Quote(attr)
		if !f.own[attr] {
			out.tag = "dynamodbav:" + strconv.Quote(attr+",omitempty")
		}
		out.notes = append(out.notes, "in no item of the sample: the type is that of the key")
		return out
	}
	typ, options, own, more := f.goType(parent+name, s, isKey)
	out.record, out.inside = more.record, more.inside
	kind, single := s.kind()
	nils := s.kinds["NULL"]
	missing := n - s.seen
	switch {
	case !single:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(s.kinds)) {
			parts = append(parts, fmt.Sprintf("%s in %d", k, s.kinds[k]))
		}
		out.notes = append(out.notes, "the sample disagrees: "+strings.Join(parts, ", "))
	case kind == "":
		out.notes = append(out.notes, "nothing but NULL in the sample")
	case nils > 0:
		out.notes = append(out.notes, fmt.Sprintf("NULL in %d of %d", nils, s.seen))
		if !canBeNil(typ) {
			typ = "*" + typ
		}
		if missing == 0 && s.zeros == 0 {
			options += ",nullempty"
		} else {
			out.notes = append(out.notes, "NULL is written as missing, which means the same")
		}
	}
	if missing > 0 {
		out.notes = append(out.notes, fmt.Sprintf("missing in %d of %d", missing, n))
		switch {
		case single && kind != "" && nils > 0: // nil is left out as it is
		case typ == "types.AttributeValue":
			options += ",omitempty"
		case s.zeros > 0 || more.inside || typ == "time.Time": // no struct is empty to omitempty
			typ = "*" + typ
			options += ",omitempty"
		default:
			options += ",omitempty"
		}
	}
	if d := s.texts.delimiter(); isKey && d != "" && typ == "string" {
		out.notes = append(out.notes, fmt.Sprintf("each value has %q in it: key.Composite may take it apart", d))
	}
	out.notes = append(out.notes, more.notes...)
	out.typ, out.tag = typ, "dynamodbav:"+strconv.Quote(attr+options)
	if own != "" {
		out.tag += " dynarepo:" + strconv.Quote(own)
	}
	return out
}

func canBeNil(typ string) bool {
	return strings.HasPrefix(typ, "[]") || strings.HasPrefix(typ, "map[") || strings.HasPrefix(typ, "*") || typ == "types.AttributeValue"
}

// unseen is the type of a key attribute that no item has.
func (f *inferrer) unseen(attr string) string {
	switch f.keys[attr] {
	case "N":
		return "int64"
	case "B":
		return "[]byte"
	}
	return "string"
}

// A found is what is known of a type beside its text.
type found struct {
	record *record
	inside bool
	notes  []string
}

// goType returns the Go type of the values, and the options of its tags.
func (f *inferrer) goType(name string, s *shape, isKey bool) (typ, options, own string, more found) {
	kind, ok := s.kind()
	if !ok || kind == "" {
		return "types.AttributeValue", "", "", more
	}
	switch kind {
	case "S":
		switch {
		case isKey || s.texts.noFixed && s.texts.noSDK:
			return "string", "", "", more
		case s.texts.noFixed:
			return "time.Time", "", "sdktime", more
		}
		return "time.Time", "", "", more
	case "N":
		return s.numbers.goType(), "", "", more
	case "BOOL":
		return "bool", "", "", more
	case "B":
		return "[]byte", "", "", more
	case "SS":
		return "[]string", ",stringset", "", more
	case "NS":
		return "[]" + s.numbers.goType(), ",numberset", "", more
	case "BS":
		return "[][]byte", ",binaryset", "", more
	case "L":
		elem, more := f.elem(singular(name), s)
		return "[]" + elem, "", "", more
	}
	if s.isRecord() {
		more.record, more.inside = f.record(name, s, s.maps, false), true
		return more.record.name, "", "", more
	}
	elem, more := f.elem(name+"Value", s)
	return "map[string]" + elem, "", "", more
}

// elem returns the type of what a list or a map holds: one that needs no
// options of its own, since tags have none for elements.
func (f *inferrer) elem(name string, s *shape) (string, found) {
	raw := func() (string, found) { return "types.AttributeValue", found{} }
	if s.elem == nil {
		return raw()
	}
	if kind, ok := s.elem.kind(); !ok || kind == "" || strings.HasSuffix(kind, "S") && kind != "S" || s.elem.kinds["NULL"] > 0 {
		return raw()
	}
	typ, _, own, more := f.goType(name, s.elem, false)
	if own != "" {
		typ = "string"
	}
	more.inside = false
	return typ, more
}
