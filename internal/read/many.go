package read

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/key"
)

// Many returns what was found of items of type typ, and the keys of those that
// are not there, both in the order of the keys.
func Many(ctx context.Context, c *send.Conn, t *model.Table, typ reflect.Type, keys []key.Value, o Options) (found []reflect.Value, missing []key.Value, err error) {
	const op = "GetMany"
	b := NewBatch(c, t, typ, o, len(keys))
	places := make([]int, len(keys))
	var errs []error
	for i, k := range keys {
		var room [2]codec.Attribute
		attrs, err := t.Keys.Append(room[:0], k)
		if err != nil {
			errs = append(errs, fmt.Errorf("key %d: %w", i, err))
			continue
		}
		places[i] = b.Want(attrs)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, t.Refuse(op, err)
	}
	unfit, err := b.Run(ctx)
	var unread []key.Value
	for i, place := range places {
		switch got := &b.wanted[place]; {
		case got.found.IsValid():
			found = append(slices.Grow(found, len(keys)-i), got.found)
		case got.left:
			unread = append(unread, keys[i])
		case !got.unfit:
			missing = append(missing, keys[i])
		}
	}
	if len(unread) > 0 {
		err = c.Make.Unprocessed(unread, err)
	}
	return found, missing, t.Fail(op, "", t.Keys.Names, errors.Join(unfit, err))
}
