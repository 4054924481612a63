package main

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// An Order is what the shop writes. Its table has a stream.
type Order struct {
	ID       string `dynamodbav:"id"`
	Customer string `dynamodbav:"customer"`
	Cents    int    `dynamodbav:"cents"`
}

// A Total is what the orders of a customer come to.
type Total struct {
	Customer string `dynamodbav:"customer"`
	Orders   int    `dynamodbav:"orders"`
	Cents    int    `dynamodbav:"cents"`
}

// A Mark says that a change was counted.
type Mark struct {
	Change string `dynamodbav:"change"`
}

// A Place is where a consumer stands: a checkpoint, as JSON.
type Place struct {
	Consumer   string `dynamodbav:"consumer"`
	Checkpoint []byte `dynamodbav:"checkpoint"`
}

var (
	ordersOf = cond.Field(func(t *Total) *int { return &t.Orders })
	centsOf  = cond.Field(func(t *Total) *int { return &t.Cents })
)

// A ledger is the orders and what is made of them.
type ledger struct {
	orders *repo.Repo[Order]
	totals *repo.Repo[Total]
	marks  *repo.Repo[Mark]
	places *repo.Repo[Place]
}

func newLedger(db *repo.DB) (*ledger, error) {
	hash := func(attr string) key.Spec { return key.Spec{Hash: key.String(attr)} }
	l, errs := &ledger{}, make([]error, 4)
	l.orders, errs[0] = repo.New[Order](db, repo.Spec{Table: "orders", Key: hash("id")})
	l.totals, errs[1] = repo.New[Total](db, repo.Spec{Table: "totals", Key: hash("customer")})
	l.marks, errs[2] = repo.New[Mark](db, repo.Spec{Table: "marks", Key: hash("change")})
	l.places, errs[3] = repo.New[Place](db, repo.Spec{Table: "places", Key: hash("consumer")})
	return l, errors.Join(errs...)
}

// designs are the tables, that of the orders with a stream.
func (l *ledger) designs() ([]table.Model, error) {
	orders, err := table.Of(table.Settings{Stream: types.StreamViewTypeNewAndOldImages}, l.orders)
	return []table.Model{orders, l.totals, l.marks, l.places}, err
}
