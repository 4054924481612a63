package read

import (
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/values"
)

// Decode makes items of type typ of what came on the standard path, a slice of
// them, and tells the attributes of each. Items of other models are left out,
// or refused if the model says so.
func Decode(t *model.Table, typ reflect.Type, raw []values.Item) (items reflect.Value, of []values.Item, err error) {
	items, of = reflect.MakeSlice(reflect.SliceOf(typ), len(raw), len(raw)), make([]values.Item, 0, len(raw))
	for _, m := range raw {
		switch err := t.Decode(m, items.Index(len(of))); {
		case errors.Is(err, codec.ErrSkip):
		case err != nil:
			return reflect.Value{}, nil, err
		default:
			of = append(of, m)
		}
	}
	return items.Slice(0, len(of)), of, nil
}
