package model

import (
	"reflect"
	"strconv"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// ID returns a text that is the same for the same key of the table.
func (k *Keys) ID(m values.Item) string {
	var room [96]byte
	return string(k.AppendID(room[:0], m))
}

// AppendID appends what [Keys.ID] returns.
func (k *Keys) AppendID(dst []byte, m values.Item) []byte {
	for _, a := range k.Attrs {
		dst = values.AppendID(dst, m[a.Name()])
	}
	return dst
}

// Same reports whether two keys are one, or both none.
func (k *Keys) Same(a, b values.Item) bool {
	return (a == nil) == (b == nil) && k.ID(a) == k.ID(b)
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
		var room [maxDirect]key.Field
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

// ItemID returns the id of an item's key, as [Keys.ID] does, from its fields.
func (t *Table) ItemID(v reflect.Value) (string, error) {
	var room [96]byte
	id, err := t.AppendItemID(room[:0], v)
	return string(id), err
}

// AppendItemID appends what [Table.ItemID] returns.
func (t *Table) AppendItemID(dst []byte, v reflect.Value) ([]byte, error) {
	own, v, err := t.Of(v)
	if err != nil {
		return dst, err
	}
	var room [96]byte
	id := dst
	for i := range own.ids {
		text, ok := own.ids[i].append(room[:0], v)
		if !ok {
			return own.encodedID(dst, v)
		}
		id = values.AppendIDText(id, text)
	}
	if own.ids == nil {
		return own.encodedID(dst, v)
	}
	return id, nil
}

func (it *Item) encodedID(dst []byte, v reflect.Value) ([]byte, error) {
	m, err := it.Key(v)
	if err != nil {
		return dst, err
	}
	return it.Keys.AppendID(dst, m), nil
}
