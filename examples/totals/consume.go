package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
)

// every is how many changes there are between two times that the place is kept.
const every = 4

// consume counts the changes behind the place that a consumer of this name had,
// and tells of each whether it was new. It ends when there are no more, or with the
// error of told. After a crash some changes come again: none is counted twice.
func (l *ledger) consume(ctx context.Context, name string, told func(stream.Change[Order], bool) error) error {
	from, err := l.place(ctx, name)
	if err != nil {
		return err
	}
	s, err := stream.New(l.orders, &stream.Options{From: from})
	if err != nil {
		return err
	}
	n := 0
	for change, err := range s.Changes(ctx) {
		if err != nil {
			return err
		}
		isNew, err := l.count(ctx, change)
		if err != nil {
			return err
		}
		if err := told(change, isNew); err != nil {
			return err
		}
		if n++; n%every == 0 {
			if err := l.keep(ctx, name, s.Checkpoint()); err != nil {
				return err
			}
		}
	}
	return l.keep(ctx, name, s.Checkpoint())
}

// count adds a change to the totals and marks it as counted, in one transaction;
// false if it was counted before.
func (l *ledger) count(ctx context.Context, change stream.Change[Order]) (bool, error) {
	ops := []repo.Op{l.marks.Ops().Create(&Mark{Change: change.Shard + "/" + change.Sequence})}
	for customer, by := range difference(change) {
		ops = append(ops, l.totals.Ops().Upsert(key.Of(customer), ordersOf.Add(by.Orders), centsOf.Add(by.Cents)))
	}
	err := l.marks.DB().Transact(ctx, ops...)
	if errors.Is(err, repo.ErrExists) {
		return false, nil
	}
	return err == nil, err
}

// difference is what a change makes of the totals, by customer: an order may pass
// from one to another.
func difference(change stream.Change[Order]) map[string]Total {
	by := map[string]Total{}
	add := func(o *Order, sign int) {
		if o == nil {
			return
		}
		t := by[o.Customer]
		t.Orders += sign
		t.Cents += sign * o.Cents
		by[o.Customer] = t
	}
	add(change.Old, -1)
	add(change.New, 1)
	return by
}

// place is the checkpoint of a consumer, the beginning of the stream for a new one.
func (l *ledger) place(ctx context.Context, name string) (at stream.Checkpoint, err error) {
	p, err := l.places.Get(ctx, key.Of(name))
	if errors.Is(err, repo.ErrNotFound) {
		return at, nil
	}
	if err == nil {
		err = json.Unmarshal(p.Checkpoint, &at)
	}
	return at, err
}

func (l *ledger) keep(ctx context.Context, name string, at stream.Checkpoint) error {
	text, err := json.Marshal(at)
	if err != nil {
		return err
	}
	return l.places.Put(ctx, &Place{Consumer: name, Checkpoint: text})
}
