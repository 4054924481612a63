package repo

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"reflect"
	"sync"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// DeleteAll removes what the query finds and returns how many items it
// removed. It reads the keys alone and deletes in BatchWriteItem requests of
// 25, as [DB.Batch] does, while it reads on; versions are not checked, and no
// callbacks run. Limits hold. It stops at the first error; keys that were left
// unprocessed are in an [*UnprocessedError].
func (q Query[T]) DeleteAll(ctx context.Context) (int, error) { return q.of().deleteAll(ctx) }

func (q query) deleteAll(ctx context.Context) (int, error) {
	r, err := q.keys()
	if err != nil {
		return 0, err
	}
	s := q.schema
	b := batchWrite{db: q.db}
	var pending []*write
	n := 0
	flush := func() error {
		left, err := b.run(ctx, pending)
		n += len(pending) - len(left)
		if len(left) > 0 {
			unprocessed := &UnprocessedError{}
			if !errors.Is(err, ErrUnprocessed) {
				unprocessed.Err = err
			}
			for _, i := range left {
				unprocessed.Keys = append(unprocessed.Keys, s.keyValue(pending[i].value))
			}
			return s.fail("DeleteAll", q.spec.index, nil, unprocessed)
		}
		pending = pending[:0]
		return nil
	}
	for v, err := range r.items(ctx) {
		if err != nil {
			err = errors.Join(err, flush())
			return n, err
		}
		attrs, err := s.itemAttrs(v, s.keyAttrs)
		if err != nil {
			return n, s.fail("DeleteAll", q.spec.index, nil, err)
		}
		one := &write{schema: s, op: "DeleteAll", key: attrs, id: s.keyID(attrs), value: v}
		one.mark(s.newMarks(attrs))
		if pending = append(pending, one); len(pending) == maxBatchWrite*q.db.cfg.Concurrency {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	err = flush()
	return n, err
}

// keys begins a range over the query that reads the keys of its items alone.
func (q query) keys() (*run, error) {
	if _, err := q.prepare(); err != nil {
		return nil, err
	}
	q.spec = q.spec.keysOnly(q.schema.keyNames)
	return q.run()
}

// items yields the items, as Query.All does.
func (r *run) items(ctx context.Context) iter.Seq2[reflect.Value, error] {
	return func(yield func(reflect.Value, error) bool) {
		for piece := range r.pieces(ctx) {
			if piece.err != nil {
				yield(reflect.Value{}, piece.err)
				return
			}
			for i := range piece.items.Len() {
				if !yield(piece.items.Index(i), nil) {
					return
				}
			}
		}
	}
}

// Update makes the same changes to every item that the query finds, each with
// an UpdateItem request, several at once (Config.Concurrency), and returns how
// many it changed. Items that are gone by then are left out. Conditions of the
// query are not checked again. Limits hold. It stops at the first error, when
// those under way have come back.
func (q Query[T]) Update(ctx context.Context, changes ...cond.Change[T]) (int, error) {
	return q.of().update(ctx, edits(changes))
}

func (q query) update(ctx context.Context, edits []*cond.Edit) (int, error) {
	if _, err := q.prepare(); err != nil {
		return 0, err
	}
	s := q.schema
	if err := (&write{schema: s}).change(edits, updated{}, q.db.cfg.now()); err != nil {
		return 0, s.refuse("Update", err)
	}
	r, err := q.keys()
	if err != nil {
		return 0, err
	}
	one := &writer{db: q.db, schema: s, returns: ReturnNothing}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed, readErr error
	n := 0
	slots := make(chan struct{}, q.db.cfg.Concurrency)
	for v, err := range r.items(reading) {
		slots <- struct{}{}
		if readErr = cmp.Or(err, reading.Err()); readErr != nil {
			break
		}
		k := s.keyValue(v)
		wg.Go(func() {
			defer func() { <-slots }()
			err := one.change(ctx, order{op: "Update", key: k, edits: edits}, reflect.Value{})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				n++
			case !errors.Is(err, ErrNotFound):
				failed = cmp.Or(failed, err)
				stop()
			}
		})
	}
	wg.Wait()
	return n, s.fail("Update", q.spec.index, nil, cmp.Or(failed, readErr))
}

// keyValue returns the table's key of an item, as its fields hold it.
func (s *schema) keyValue(v reflect.Value) key.Value {
	s, v, err := s.of(v)
	if err != nil {
		return key.Value{}
	}
	values := func(p key.Part) []any {
		var all []any
		for _, f := range p.Fields() {
			if value, ok := s.valueOf(s.plan.Field(f.Name()), v); ok {
				all = append(all, value)
			}
		}
		return all
	}
	return key.Of(values(s.spec.Key.Hash)...).Range(values(s.spec.Key.Range)...)
}
