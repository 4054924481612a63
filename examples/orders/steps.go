package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/table"
)

// demo is one walk through the shop.
type demo struct {
	*shop
	out io.Writer
}

func (d *demo) printf(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

func (d *demo) title(text string) { d.printf("\n%s", text) }

// fill makes the table and fills it: products and shelves in a batch, who is
// on which shelf by a relation that both ends keep.
func (d *demo) fill(ctx context.Context) error {
	if _, err := table.Create(ctx, d.rows, nil); err != nil {
		return err
	}
	var puts []repo.Op
	for _, p := range catalogue {
		puts = append(puts, d.products.Ops().Put(&p))
	}
	for _, s := range shelves {
		puts = append(puts, d.shelves.Ops().Put(&s))
	}
	for _, c := range buyers {
		puts = append(puts, d.customers.Ops().Put(&c))
	}
	if err := d.rows.DB().Batch(ctx, puts...); err != nil {
		return err
	}
	for _, p := range catalogue {
		var on []*Shelf
		for _, name := range placing[p.SKU] {
			on = append(on, &Shelf{Name: name})
		}
		if err := d.shelved.Add(ctx, &p, on...); err != nil {
			return err
		}
	}
	d.printf("%d products on %d shelves, %d customers, in table %s", len(catalogue), len(shelves), len(buyers), d.rows.Table())
	return nil
}

// sell writes an order, its lines, and the stock that is left, together or not
// at all.
func (d *demo) sell(ctx context.Context) error {
	d.title("Each order with its lines and the stock in one transaction")
	for _, s := range sales {
		order := Order{ID: s.order, CustomerID: s.buyer, Placed: s.date}
		ops := []repo.Op{d.orders.Ops().Create(&order), d.customers.Ops().Check(key.Of(s.buyer).Range(s.buyer))}
		for _, l := range s.lines {
			l.OrderID = s.order
			l.Cents = catalogue[slices.IndexFunc(catalogue, func(p Product) bool { return p.SKU == l.SKU })].Cents
			ops = append(ops, d.lines.Ops().Create(&l),
				d.products.If(inStock.Gte(l.Quantity)).Ops().Update(key.Of(l.SKU).Range(l.SKU), inStock.Add(-l.Quantity)))
		}
		err := d.rows.DB().Transact(ctx, ops...)
		failed, refused := errors.AsType[*repo.TransactError](err)
		switch {
		case refused && errors.Is(err, repo.ErrConditionFailed):
			d.printf("  %s  refused: operation %d of %d, %s", s.order, failed.Failed[0].Position, len(ops), failed.Failed[0].Code)
		case err != nil:
			return err
		default:
			d.printf("  %s  %d operations", s.order, len(ops))
		}
	}
	return nil
}

// showCustomers walks has many, over an index, and belongs to.
func (d *demo) showCustomers(ctx context.Context) error {
	d.title("Has many: the orders of all customers, the last first for one")
	loaded, err := d.ordersOf.Load(ctx, buyers)
	if err != nil {
		return err
	}
	for i, c := range buyers {
		d.printf("  %-16s %s", c.Name, ids(loaded[i].Items))
	}
	q, err := d.ordersOf.Query(&buyers[0])
	if err != nil {
		return err
	}
	for o, err := range q.Descending().RecordLimit(1).All(ctx) {
		if err != nil {
			return err
		}
		c, err := d.customerOf.Of(&o).First(ctx)
		if err != nil {
			return err
		}
		d.printf("  the last of %s: %s, placed %s", c.Name, o.ID, o.Placed)
	}
	return nil
}

// showOrder reads an order and its lines, which are in one partition, in one
// query, each as its own type.
func (d *demo) showOrder(ctx context.Context) error {
	d.title("One query: an order and its lines")
	var order *Order
	var lines []Line
	if err := sti.Gather(d.whole.Query(key.Of("1003")).All(ctx), sti.One(&order), sti.Into(&lines)); err != nil {
		return err
	}
	if order == nil {
		return repo.ErrNotFound
	}
	d.printf("  order %s, placed %s", order.ID, order.Placed)
	total := 0
	for _, l := range lines {
		total += l.Quantity * l.Cents
		d.printf("  %3d %-8s %8s", l.Quantity, l.SKU, money(l.Quantity*l.Cents))
	}
	d.printf("  %21s", money(total))
	return nil
}

// showProducts walks many to many over the lines, which are links with more in
// them.
func (d *demo) showProducts(ctx context.Context) error {
	d.title("Many to many by link items: products of orders, orders of a product")
	var orders []Order
	for _, s := range sales {
		orders = append(orders, Order{ID: s.order})
	}
	loaded, err := d.productsOf.Load(ctx, orders)
	if err != nil {
		return err
	}
	for i, o := range orders {
		d.printf("  %s  %s", o.ID, skus(loaded[i].Items))
	}
	with, err := d.ordersFor.Of(&Product{SKU: "lamp"}).Collect(ctx)
	if err != nil {
		return err
	}
	d.printf("  the lamp is in %s", ids(with))
	return nil
}

// showShelves walks many to many by ids that both ends keep.
func (d *demo) showShelves(ctx context.Context) error {
	d.title("Many to many by ids at both ends")
	gifts, err := d.shelves.Get(ctx, key.Of("gifts").Range("gifts"))
	if err != nil {
		return err
	}
	cheap, err := d.onShelf.Of(&gifts).Where(func(p *Product) bool { return p.Cents < 5000 }).Collect(ctx)
	if err != nil {
		return err
	}
	d.printf("  gifts below 50.00: %s", skus(cheap))
	if err := d.onShelf.Replace(ctx, &gifts, &Product{SKU: "kettle"}, &Product{SKU: "teapot"}); err != nil {
		return err
	}
	lamp, err := d.product(ctx, "lamp")
	if err != nil {
		return err
	}
	d.printf("  gifts are now %s, and the lamp is on %s", strings.Join(sorted(gifts.SKUs), ", "), strings.Join(lamp.Shelves, ", "))
	return nil
}

// discontinue removes a product: its shelves lose it in the same transaction,
// the lines of old orders keep its id, which reads tell.
func (d *demo) discontinue(ctx context.Context) error {
	d.title("A product is removed")
	lamp, err := d.product(ctx, "lamp")
	if err != nil {
		return err
	}
	if err := assoc.Destroy(ctx, d.products, &lamp, d.shelved); err != nil {
		return err
	}
	study, err := d.shelves.Get(ctx, key.Of("study").Range("study"))
	if err != nil {
		return err
	}
	var gone []key.Value
	left, err := d.productsOf.Of(&Order{ID: "1003"}).Missing(&gone).Collect(ctx)
	if err != nil {
		return err
	}
	d.printf("  the study has %s; of order 1003 there are %s, and %d is gone", strings.Join(sorted(study.SKUs), ", "), skus(left), len(gone))
	return nil
}

// product returns a product as it is now.
func (d *demo) product(ctx context.Context, sku string) (Product, error) {
	return d.products.Get(ctx, key.Of(sku).Range(sku))
}

func ids(orders []Order) string {
	var all []string
	for _, o := range orders {
		all = append(all, o.ID)
	}
	return list(all)
}

func skus(products []Product) string {
	var all []string
	for _, p := range products {
		all = append(all, p.SKU)
	}
	return list(sorted(all))
}

func list(texts []string) string {
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}

// sorted returns texts in order: a set has none of its own.
func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }

func money(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
