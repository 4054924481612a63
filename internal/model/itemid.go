package model

import (
	"reflect"

	"github.com/dynarepo/dynarepo/internal/values"
)

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
