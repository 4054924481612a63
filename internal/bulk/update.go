package bulk

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"sync"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/query"
	"github.com/dynarepo/dynarepo/internal/write"
)

// Update makes the same changes to every item that the query finds, several at
// once, and returns how many it changed.
func Update(ctx context.Context, q query.Query, edits []*expr.Edit) (int, error) {
	const op = "Update"
	if _, err := q.Prepare(); err != nil {
		return 0, err
	}
	one := write.NewWriter(q.Conn, q.Table).Returning(write.Nothing)
	if err := one.CheckEdits(edits); err != nil {
		return 0, q.Table.Refuse(op, err)
	}
	r, err := q.Keys()
	if err != nil {
		return 0, err
	}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed, readErr error
	n := 0
	slots := make(chan struct{}, q.Conn.AtOnce)
	for v, err := range items(reading, r) {
		slots <- struct{}{}
		if readErr = cmp.Or(err, reading.Err()); readErr != nil {
			break
		}
		k := q.Table.KeyValue(v)
		wg.Go(func() {
			defer func() { <-slots }()
			err := one.Change(ctx, write.Order{Verb: life.Update, Key: k, Edits: edits}, reflect.Value{})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				n++
			case !errors.Is(err, fault.ErrNotFound):
				failed = cmp.Or(failed, err)
				stop()
			}
		})
	}
	wg.Wait()
	return n, q.Fail(op, cmp.Or(failed, readErr))
}
