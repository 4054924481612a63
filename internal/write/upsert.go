package write

import (
	"context"
	"errors"

	"github.com/dynarepo/dynarepo/internal/upkeep"
)

// upsert builds the write of Upsert.
func (w *Writer) upsert(ctx context.Context, o *Order, _ bool) (*Write, error) {
	t := w.table
	attrs, keyErr := t.Keys.Of(o.Key)
	one := &Write{table: t, verb: o.Verb, key: attrs}
	one.guard.means = kindOrFailed
	err := one.change(o.Edits, upkeep.Updated{Known: w.known(o.Key), Creates: true}, w.conn.Now())
	if t.Kind != nil && t.Kind.Name == "" {
		err = errors.Join(err, errKindless)
	}
	one.seen()
	one.fresh(w.conn.Now())
	if err := errors.Join(keyErr, err, w.guarded(ctx, one)); err != nil {
		return nil, t.Refuse(o.Verb.String(), err)
	}
	return one, nil
}

var errKindless = errors.New("which type of item to make is not told: upsert through a repository of it")
