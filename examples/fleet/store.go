package main

import (
	"context"
	"fmt"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// Order is what is counted.
type Order struct {
	ID    string `dynamodbav:"id"`
	Cents int    `dynamodbav:"cents"`
}

// Tally is how far a worker has come: what it counted, and the cursor behind it.
// They are one item, so that both are written or neither.
type Tally struct {
	Segment int    `dynamodbav:"segment"`
	Orders  int    `dynamodbav:"orders"`
	Cents   int    `dynamodbav:"cents"`
	Cursor  string `dynamodbav:"cursor"`
	Done    bool   `dynamodbav:"done"`
	Version int64  `dynamodbav:"version"`
}

type store struct {
	db      *repo.DB
	orders  *repo.Repo[Order]
	tallies *repo.Repo[Tally]
}

func newStore(db *repo.DB) (*store, error) {
	orders, err := repo.New[Order](db, repo.Spec{Table: "fleet_orders", Key: key.Spec{Hash: key.String("id")}, OnDemand: true})
	if err != nil {
		return nil, err
	}
	tallies, err := repo.New[Tally](db, repo.Spec{
		Table: "fleet_tallies", Key: key.Spec{Hash: key.Int("segment")}, OnDemand: true,
		Lock: lock.Version("version"), // two workers of one segment find each other
	})
	if err != nil {
		return nil, err
	}
	return &store{db, orders, tallies}, nil
}

// fill stores the orders and returns what they come to.
func (s *store) fill(ctx context.Context) (all Tally, err error) {
	var puts []repo.Op
	for i := range orderCount {
		o := Order{ID: fmt.Sprintf("order-%04d", i), Cents: 100 + i*37%900}
		puts = append(puts, s.orders.Ops().Put(&o))
		all.Orders++
		all.Cents += o.Cents
	}
	return all, s.db.Batch(ctx, puts...)
}

// total adds up what the workers counted.
func (s *store) total(ctx context.Context) (all Tally, err error) {
	for t, err := range s.tallies.Scan().Consistent().All(ctx) {
		if err != nil {
			return all, err
		}
		all.Orders += t.Orders
		all.Cents += t.Cents
	}
	return all, nil
}
