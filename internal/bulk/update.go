package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"sync"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/query"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/key"
)

// Update makes the same changes to every item that the query finds, several at
// once, and returns how many it changed.
func Update(ctx context.Context, q query.Query, edits []*expr.Edit) (int, error) {
	const op = updateOp
	if q.Table == nil {
		return 0, q.Zero
	}
	one := write.NewWriter(q.Conn, q.Table).Returning(write.Nothing)
	if err := one.CheckEdits(edits); err != nil {
		return 0, q.Table.Refuse(op, err)
	}
	r, err := q.Keys()
	if err != nil {
		return 0, err
	}
	found := keys(ctx, q, r)
	if r.Moves(one.Changes(edits)) {
		// What is changed would be met again further on: all keys are read first.
		if found, err = readFirst(found); err != nil {
			return 0, q.Fail(op, err)
		}
	}
	n, err := each(ctx, q.Conn.AtOnce, found, func(k key.Value) error {
		return one.Change(ctx, write.Order{Verb: life.Update, Key: k, Edits: edits}, reflect.Value{})
	})
	return n, q.Fail(op, err)
}

// Plan returns what a query would send; with edits, for an update by them.
func Plan(q query.Query, edits []*expr.Edit) (query.Plan, error) {
	p, err := q.Plan()
	if err != nil || len(edits) == 0 {
		return p, err
	}
	one := write.NewWriter(q.Conn, q.Table)
	if err := one.CheckEdits(edits); err != nil {
		return p, q.Table.Refuse(updateOp, err)
	}
	r, err := q.Keys()
	if err != nil {
		return p, err
	}
	if r.Moves(one.Changes(edits)) {
		p.Cost += "; all keys are read before the first change, which moves items within the index"
	} else {
		p.Cost += "; each item is changed as it is found"
	}
	return p, nil
}

const updateOp = "Update"

// keys yields the keys of what a run finds.
func keys(ctx context.Context, q query.Query, r *query.Run) iter.Seq2[key.Value, error] {
	return func(yield func(key.Value, error) bool) {
		for v, err := range items(ctx, r) {
			var k key.Value
			if err == nil {
				k = q.Table.KeyValue(v)
			}
			if !yield(k, err) || err != nil {
				return
			}
		}
	}
}

// maxReadFirst bounds how many keys are held in memory.
const maxReadFirst = 100_000

var errReadFirst = fmt.Errorf("the change moves items within the index that is read, so their keys are read first, and there are more than %d: "+
	"limit the query, or read the table", maxReadFirst)

// readFirst takes all keys before it yields the first.
func readFirst(found iter.Seq2[key.Value, error]) (iter.Seq2[key.Value, error], error) {
	var all []key.Value
	for k, err := range found {
		switch {
		case err != nil:
			return nil, err
		case len(all) == maxReadFirst:
			return nil, errReadFirst // nothing was changed
		}
		all = append(all, k)
	}
	return func(yield func(key.Value, error) bool) {
		for _, k := range all {
			if !yield(k, nil) {
				return
			}
		}
	}, nil
}

// each does one thing with each key, so many at once, and returns with how many
// it was done. A missing item is left out, another error ends it.
func each(ctx context.Context, atOnce int, found iter.Seq2[key.Value, error], do func(k key.Value) error) (n int, _ error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed, readErr error
	slots := make(chan struct{}, atOnce)
	for k, err := range found {
		slots <- struct{}{}
		if readErr = cmp.Or(err, reading.Err()); readErr != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			err := do(k)
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
	return n, cmp.Or(failed, readErr)
}
