// Package bulk removes or changes each item that a query finds.
package bulk

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/query"
	"github.com/dynarepo/dynarepo/internal/upkeep"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// Delete removes what the query finds and returns how many items it removed.
func Delete(ctx context.Context, q query.Query) (int, error) {
	if t := q.Table; t != nil && len(t.Unkept) > 0 && t.Kind.Name != "" { // it reads all kinds as its own
		return 0, t.Refuse("DeleteAll", upkeep.ErrUnkept)
	}
	r, err := q.Keys()
	if err != nil {
		return 0, err
	}
	d := deletion{q: q, removals: write.NewWriter(q.Conn, q.Table).Removals()}
	for v, err := range items(ctx, r) {
		if err != nil {
			return d.done, errors.Join(err, d.flush(ctx))
		}
		if err := d.add(ctx, v); err != nil {
			return d.done, err
		}
	}
	err = d.flush(ctx)
	return d.done, err
}

// A deletion is the removal of what was found, as many at once as fill the
// requests under way.
type deletion struct {
	q        query.Query
	removals *write.Removals
	writes   []*write.Write
	keys     []key.Value // of the writes
	done     int
}

func (d *deletion) add(ctx context.Context, v reflect.Value) error {
	one, err := d.removals.Of(ctx, v)
	if err != nil {
		return err
	}
	d.writes, d.keys = append(d.writes, one), append(d.keys, d.q.Table.KeyValue(v))
	if len(d.writes) < d.removals.Most() {
		return nil
	}
	return d.flush(ctx)
}

func (d *deletion) flush(ctx context.Context) error {
	left := d.removals.Send(ctx, d.writes)
	d.done += len(d.writes) - len(left)
	if len(left) == 0 {
		d.writes, d.keys = d.writes[:0], d.keys[:0]
		return nil
	}
	var errs []error
	told := map[string]bool{} // by their texts: not every error can be compared
	unread := make([]key.Value, len(left))
	for i, one := range left {
		unread[i] = d.keys[one.At]
		if text := fault.Text(one.Err); !errors.Is(one.Err, fault.ErrUnprocessed) && !told[text] {
			told[text], errs = true, append(errs, one.Err)
		}
	}
	err := errors.Join(errs...)
	return d.q.Fail("DeleteAll", d.q.Conn.Make.Unprocessed(unread, err))
}

// items yields the items of a run, as a range over the query does.
func items(ctx context.Context, r *query.Run) iter.Seq2[reflect.Value, error] {
	return func(yield func(reflect.Value, error) bool) {
		for piece := range r.Pieces(ctx) {
			if piece.Err != nil {
				yield(reflect.Value{}, piece.Err)
				return
			}
			for i := range piece.Items.Len() {
				if !yield(piece.Items.Index(i), nil) {
					return
				}
			}
		}
	}
}
