package main

import (
	"errors"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Customer has an e-mail address that no other has, and a version, which is the
// ETag of the service.
type Customer struct {
	ID      string    `dynamodbav:"id" json:"id"`
	Email   string    `dynamodbav:"email" json:"email"`
	Name    string    `dynamodbav:"name" json:"name"`
	Version int64     `dynamodbav:"version" json:"-"`
	Created time.Time `dynamodbav:"created" json:"-"`
}

// A Product is in one category.
type Product struct {
	SKU      string `dynamodbav:"sku" json:"sku"`
	Category string `dynamodbav:"category" json:"category"`
	Name     string `dynamodbav:"name" json:"name"`
	Cents    int    `dynamodbav:"cents" json:"cents"`
	Stock    int    `dynamodbav:"stock" json:"stock"`
}

// An Order has the prices of the day it was placed.
type Order struct {
	ID       string    `dynamodbav:"id" json:"id"`
	Customer string    `dynamodbav:"customer" json:"customer"`
	Lines    []Line    `dynamodbav:"lines" json:"lines"`
	Cents    int       `dynamodbav:"cents" json:"cents"`
	Placed   time.Time `dynamodbav:"placed" json:"-"`
}

// A Line is a product of an order.
type Line struct {
	SKU      string `dynamodbav:"sku" json:"sku"`
	Quantity int    `dynamodbav:"quantity" json:"quantity"`
	Cents    int    `dynamodbav:"cents" json:"cents"` // of one piece
}

var (
	email   = cond.Field(func(c *Customer) *string { return &c.Email })
	name    = cond.Field(func(c *Customer) *string { return &c.Name })
	version = cond.Field(func(c *Customer) *int64 { return &c.Version })
	cents   = cond.Field(func(p *Product) *int { return &p.Cents })
	stock   = cond.Field(func(p *Product) *int { return &p.Stock })
)

// A shop is three repositories.
type shop struct {
	db        *repo.DB
	customers *repo.Repo[Customer]
	products  *repo.Repo[Product]
	orders    *repo.Repo[Order]
}

func newShop(db *repo.DB) (*shop, error) {
	s, errs := &shop{db: db}, make([]error, 3)
	id := key.Spec{Hash: key.String("id")}
	s.customers, errs[0] = repo.New[Customer](db, repo.Spec{
		Table:      "customers",
		Key:        id,
		ID:         repo.UUIDv7,
		Unique:     []repo.Unique{repo.UniqueOn(email)},
		Lock:       lock.Version("version"),
		Timestamps: repo.Timestamps{Created: "created"},
	})
	s.products, errs[1] = repo.New[Product](db, repo.Spec{
		Table:   "products",
		Key:     key.Spec{Hash: key.String("sku")},
		Indexes: []index.Spec{index.Global("by_category", key.String("category"), key.String("name"))},
	})
	s.orders, errs[2] = repo.New[Order](db, repo.Spec{
		Table:      "orders",
		Key:        id,
		ID:         repo.UUIDv7,
		Timestamps: repo.Timestamps{Created: "placed"},
	})
	return s, errors.Join(errs...)
}

// models are what has a table.
func (s *shop) models() []table.Model { return []table.Model{s.customers, s.products, s.orders} }
