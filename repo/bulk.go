package repo

import (
	"cmp"
	"context"
	"errors"
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
func (q Query[T]) DeleteAll(ctx context.Context) (int, error) {
	if _, err := q.prepare(); err != nil {
		return 0, err
	}
	r, s := q.repo, q.repo.schema
	q.spec = q.spec.keysOnly(s.keyNames)
	b := batchWrite{db: r.db}
	var pending []*write
	var items []T
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
				unprocessed.Keys = append(unprocessed.Keys, s.keyValue(reflect.ValueOf(&items[i]).Elem()))
			}
			return s.fail("DeleteAll", q.spec.index, nil, unprocessed)
		}
		pending, items = pending[:0], items[:0]
		return nil
	}
	for found, err := range q.All(ctx) {
		if err != nil {
			err = errors.Join(err, flush())
			return n, err
		}
		attrs, err := s.itemAttrs(reflect.ValueOf(&found).Elem(), s.keyAttrs)
		if err != nil {
			return n, s.fail("DeleteAll", q.spec.index, nil, err)
		}
		one := &write{schema: s, op: "DeleteAll", key: attrs, id: s.keyID(attrs)}
		one.mark(s.newMarks(attrs))
		pending = append(pending, one)
		items = append(items, found)
		if len(pending) == maxBatchWrite*r.db.cfg.Concurrency {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	err := flush()
	return n, err
}

// Update makes the same changes to every item that the query finds, each with
// an UpdateItem request, several at once (Config.Concurrency), and returns how
// many it changed. Items that are gone by then are left out. Conditions of the
// query are not checked again. Limits hold. It stops at the first error, when
// those under way have come back.
func (q Query[T]) Update(ctx context.Context, changes ...cond.Change[T]) (int, error) {
	if _, err := q.prepare(); err != nil {
		return 0, err
	}
	s := q.repo.schema
	if err := (&write{schema: s}).change(edits(changes), updated{}, q.repo.db.cfg.now()); err != nil {
		return 0, s.refuse("Update", err)
	}
	q.spec = q.spec.keysOnly(s.keyNames)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed, readErr error
	n := 0
	slots := make(chan struct{}, q.repo.db.cfg.Concurrency)
	for found, err := range q.All(reading) {
		slots <- struct{}{}
		if readErr = cmp.Or(err, reading.Err()); readErr != nil {
			break
		}
		k := s.keyValue(reflect.ValueOf(&found).Elem())
		wg.Go(func() {
			defer func() { <-slots }()
			_, err := q.repo.Returning(ReturnNothing).Update(ctx, k, changes...)
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
