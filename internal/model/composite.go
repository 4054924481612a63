package model

import (
	"bytes"
	"reflect"
	"strconv"
	"sync"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// A part is a composite key attribute with the fields that it is made of.
type part struct {
	key.Part

	names   []string
	fields  []*fields.Field
	direct  bool // every field is a plain string or integer, which takes no encoding
	ofTable bool
}

func newPart(p key.Part, s *fields.Struct, ofTable bool) part {
	j := part{Part: p, direct: true, ofTable: ofTable}
	for _, f := range p.Fields() {
		field := s.Field(f.Name())
		j.names = append(j.names, f.Name())
		j.fields = append(j.fields, field)
		j.direct = j.direct && field != nil && isDirect(field, f.Inside(door.Key{}).IsInt())
	}
	return j
}

// isDirect reports whether a field is stored as the string, or the integer, that
// it holds.
func isDirect(f *fields.Field, integer bool) bool {
	if len(f.Index) == 0 || fields.Custom(f.Type, f.Tag) || fields.IsNumber(f.Type) || f.Tag != (fields.Tag{OmitEmpty: f.Tag.OmitEmpty}) {
		return false
	}
	if integer {
		return f.Type.Kind() >= reflect.Int && f.Type.Kind() <= reflect.Int64
	}
	return f.Type.Kind() == reflect.String
}

// scratch is working memory for the text of one composite, which is written
// before it is read.
type scratch struct {
	text   []byte
	fields []door.Field
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// appendText appends the composite as v's fields make it. ok is false if that
// takes encoding.
func (p *part) appendText(dst []byte, room []door.Field, v reflect.Value) (text []byte, ok bool) {
	if !p.direct {
		return dst, false
	}
	for i, f := range p.fields {
		fv, ok := f.Value(v)
		if !ok {
			return dst, false
		}
		if fv.Kind() == reflect.String {
			room[i] = door.Field{Text: fv.String()}
		} else {
			room[i] = door.Field{Int: fv.Int()}
		}
	}
	text, err := p.Inside(door.Key{}).AppendFields(dst, room)
	return text, err == nil
}

// maxDirect is how many fields are read without an allocation.
const maxDirect = 8

// text returns a composite that is certain to be stored as it is.
func (p *part) text(v reflect.Value) (string, bool) {
	var room [maxDirect]door.Field
	if len(p.fields) > len(room) || !p.direct {
		return "", false
	}
	for _, f := range p.fields {
		fv, ok := f.Value(v)
		if !ok || f.Tag.OmitEmpty && fv.IsZero() || !p.ofTable && fv.Kind() == reflect.String && fv.Len() == 0 {
			return "", false
		}
	}
	text, ok := p.appendText(nil, room[:len(p.fields)], v)
	if !ok || len(text) == 0 || len(text) > maxSortBytes {
		return "", false
	}
	return string(text), true
}

// agrees reports whether v's fields make the stored text.
func (p *part) agrees(v reflect.Value, stored []byte) bool {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if len(s.fields) < len(p.fields) {
		s.fields = make([]door.Field, len(p.fields))
	}
	text, ok := p.appendText(s.text[:0], s.fields[:len(p.fields)], v)
	s.text = text
	return ok && bytes.Equal(text, stored)
}

// A plainKey is a key attribute that is stored as a field is.
type plainKey struct {
	field *fields.Field
	text  bool
	limit int // bytes of a key of the table; 0 for an index's, which may be left out
	known bool
}

func newPlainKey(f *fields.Field, limit int) plainKey {
	k := plainKey{field: f, limit: limit, text: isDirect(f, false)}
	number := isDirect(f, true) || f.Type == reflect.TypeFor[float64]() && f.Tag == (fields.Tag{})
	k.known = k.text || number
	return k
}

// fits reports whether the field is certain to make a good key of the table,
// or to need no leaving out of an index.
func (k *plainKey) fits(v reflect.Value) bool {
	fv, ok := k.field.Value(v)
	switch {
	case !k.known || !ok:
		return false
	case k.text && k.limit > 0:
		return fv.Len() > 0 && fv.Len() <= k.limit
	case k.text:
		return fv.Len() <= maxSortBytes && (fv.Len() > 0 || k.field.Tag.OmitEmpty)
	}
	return k.limit == 0 || !k.field.Tag.OmitEmpty || !fv.IsZero()
}

// An idAttr is a key attribute of the table as an item's fields hold it.
type idAttr struct {
	join  *part         // of a composite
	field *fields.Field // of any other
	text  bool          // the field is a plain string; else it is a plain integer
}

// newIDs returns how to make the id of an item from its fields; nil where that
// takes encoding.
func newIDs(k *Keys, joins []part) []idAttr {
	var all []idAttr
	for _, a := range k.Attrs {
		if a.IsComposite() {
			for i := range joins {
				if joins[i].Name() == a.Name() && joins[i].direct {
					all = append(all, idAttr{join: &joins[i]})
				}
			}
			continue
		}
		f := k.plan.Field(a.Name())
		if text := isDirect(f, false); text || isDirect(f, true) {
			all = append(all, idAttr{field: f, text: text})
		}
	}
	if len(all) < len(k.Attrs) {
		return nil
	}
	return all
}

// append appends what the attribute holds. ok is false if that takes encoding.
func (a *idAttr) append(dst []byte, v reflect.Value) (text []byte, ok bool) {
	if a.join != nil {
		var room [maxDirect]door.Field
		if len(a.join.fields) > len(room) {
			return nil, false
		}
		return a.join.appendText(dst, room[:len(a.join.fields)], v)
	}
	fv, ok := a.field.Value(v)
	switch {
	case !ok:
		return nil, false
	case a.text:
		return append(dst, fv.String()...), fv.Len() > 0
	}
	return strconv.AppendInt(dst, fv.Int(), 10), true
}
