package main

import (
	"errors"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

// A Customer has many orders, which an index finds.
type Customer struct {
	ID   string `dynamodbav:"customer_id"`
	Name string `dynamodbav:"name"`
}

// An Order belongs to a customer and has many lines, which are in its
// partition.
type Order struct {
	ID         string `dynamodbav:"order_id"`
	CustomerID string `dynamodbav:"buyer,omitempty"`
	Placed     string `dynamodbav:"placed"` // a date, as it sorts
}

// A Line links an order and a product: the adjacency list.
type Line struct {
	OrderID  string `dynamodbav:"order_id"`
	SKU      string `dynamodbav:"sku"`
	Quantity int    `dynamodbav:"quantity"`
	Cents    int    `dynamodbav:"cents"` // of one piece, when it was sold
}

// A Product is on any number of shelves, and knows which.
type Product struct {
	SKU     string   `dynamodbav:"sku"`
	Name    string   `dynamodbav:"name"`
	Cents   int      `dynamodbav:"cents"`
	Stock   int      `dynamodbav:"stock"`
	Shelves []string `dynamodbav:"shelves,stringset,omitempty"`
}

// A Shelf holds any number of products, and knows which.
type Shelf struct {
	Name string   `dynamodbav:"shelf"`
	SKUs []string `dynamodbav:"skus,stringset,omitempty"`
}

var (
	buyer       = cond.Field(func(o *Order) *string { return &o.CustomerID })
	orderOfLine = cond.Field(func(l *Line) *string { return &l.OrderID })
	skuOfLine   = cond.Field(func(l *Line) *string { return &l.SKU })
	inStock     = cond.Field(func(p *Product) *int { return &p.Stock })
	shelvesOf   = cond.Field(func(p *Product) *[]string { return &p.Shelves })
	skusOnShelf = cond.Field(func(s *Shelf) *[]string { return &s.SKUs })
)

// A row is any item of the table, as its key and its indexes see it: with it
// the table is made.
type row struct {
	PK     string `dynamodbav:"pk"`
	SK     string `dynamodbav:"sk"`
	Buyer  string `dynamodbav:"buyer"`
	Placed string `dynamodbav:"placed"`
}

var (
	orderPart = part("pk", "ORDER", "order_id")
	linePart  = part("sk", "LINE", "sku")
	byBuyer   = index.Global("by_buyer", key.String("buyer"), key.String("placed")).Sparse() // every order is placed
)

// A shop is five repositories over one table, and their relations.
type shop struct {
	rows      *repo.Repo[row]
	customers *repo.Repo[Customer]
	orders    *repo.Repo[Order]
	lines     *repo.Repo[Line]
	products  *repo.Repo[Product]
	shelves   *repo.Repo[Shelf]
	whole     *repo.Repo[any] // orders and their lines

	ordersOf   *assoc.Relation[Customer, Order]
	customerOf *assoc.Relation[Order, Customer]
	productsOf *assoc.Relation[Order, Product]
	ordersFor  *assoc.Relation[Product, Order]
	shelved    *assoc.Relation[Product, Shelf]
	onShelf    *assoc.Relation[Shelf, Product]
}

// part is a key attribute that says what the item is about and which one.
func part(attr, what, id string) key.Part {
	return key.Composite(attr, key.Literal(what), key.String(id))
}

// about is the key of an item that is about itself and nothing else.
func about(what, id string) key.Spec {
	return key.Spec{Hash: part("pk", what, id), Range: part("sk", what, id)}
}

func newShop(db *repo.DB) (*shop, error) {
	const table = "shop"
	s, errs := &shop{}, make([]error, 13)
	s.customers, errs[0] = repo.New[Customer](db, repo.Spec{Table: table, Key: about("CUSTOMER", "customer_id")})
	s.orders, errs[1] = repo.New[Order](db, repo.Spec{
		Table: table, Key: about("ORDER", "order_id"),
		Indexes: []index.Spec{byBuyer},
	})
	s.lines, errs[2] = repo.New[Line](db, repo.Spec{
		Table: table, Key: key.Spec{Hash: orderPart, Range: linePart},
		Indexes: []index.Spec{index.Global("inverse", linePart, orderPart)},
	})
	s.products, errs[3] = repo.New[Product](db, repo.Spec{Table: table, Key: about("PRODUCT", "sku")})
	s.shelves, errs[4] = repo.New[Shelf](db, repo.Spec{Table: table, Key: about("SHELF", "shelf")})
	s.rows, errs[11] = repo.New[row](db, repo.Spec{
		Table: table, Key: key.Spec{Hash: key.String("pk"), Range: key.String("sk")},
		Indexes:  []index.Spec{byBuyer, index.Global("inverse", key.String("sk"), key.String("pk"))},
		OnDemand: true,
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s.whole, errs[12] = sti.Union[any](s.orders, s.lines)
	s.ordersOf, errs[5] = assoc.HasMany(assoc.Bare(s.customers), assoc.Keep(s.orders, buyer))
	s.productsOf, errs[6] = assoc.Linked(s.orders, s.products, s.lines, orderOfLine, skuOfLine)
	s.shelved, errs[7] = assoc.ManyToMany(assoc.Keep(s.products, shelvesOf), assoc.Keep(s.shelves, skusOnShelf))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s.customerOf, errs[8] = s.ordersOf.Inverse()
	s.ordersFor, errs[9] = s.productsOf.Inverse()
	s.onShelf, errs[10] = s.shelved.Inverse()
	return s, errors.Join(errs...)
}
