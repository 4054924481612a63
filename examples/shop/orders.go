package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

func (s *shop) placeOrder(req *http.Request) (answer, error) {
	var in struct {
		Customer string
		Lines    []struct {
			SKU      string
			Quantity int
		}
	}
	if err := read(req, &in); err != nil {
		return answer{}, err
	}
	o := Order{Customer: in.Customer}
	for _, l := range in.Lines {
		if l.Quantity < 1 {
			return answer{}, badRequest("%s: want a quantity", l.SKU)
		}
		o.Lines = append(o.Lines, Line{SKU: l.SKU, Quantity: l.Quantity})
	}
	if len(o.Lines) == 0 {
		return answer{}, badRequest("want lines")
	}
	if err := s.place(req.Context(), &o); err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, "", o}, nil
}

// place writes an order and takes its products out of stock, all or nothing: one
// BatchGetItem for the prices, and one transaction.
func (s *shop) place(ctx context.Context, o *Order) error {
	if err := s.price(ctx, o); err != nil {
		return err
	}
	ops := []repo.Op{s.customers.Ops().Check(key.Of(o.Customer))}
	for _, l := range o.Lines {
		enough := s.products.If(stock.Gte(l.Quantity), cents.Eq(l.Cents))
		ops = append(ops, enough.Ops().Update(key.Of(l.SKU), stock.Add(-l.Quantity)))
	}
	err := s.db.Transact(ctx, append(ops, s.orders.Ops().Create(o))...)
	if refused, ok := errors.AsType[*repo.TransactError](err); ok {
		for _, failed := range refused.Failed {
			unmet := errors.Is(failed.Err, repo.ErrNotFound) || errors.Is(failed.Err, repo.ErrConditionFailed)
			switch at := failed.Position; {
			case unmet && at == 0:
				return fault{http.StatusConflict, "there is no such customer"}
			case unmet && at <= len(o.Lines):
				return fault{http.StatusConflict, o.Lines[at-1].SKU + ": not enough in stock, or another price by now"}
			}
		}
	}
	return err
}

// price puts the prices of today into the lines, and their sum into the order.
func (s *shop) price(ctx context.Context, o *Order) error {
	var keys []key.Value
	for _, l := range o.Lines {
		keys = append(keys, key.Of(l.SKU))
	}
	found, err := s.products.GetMany(ctx, keys)
	if err != nil {
		return err
	}
	prices := map[string]int{}
	for _, p := range found.Items {
		prices[p.SKU] = p.Cents
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		price, ok := prices[l.SKU]
		if !ok {
			return fault{http.StatusConflict, l.SKU + ": there is no such product"}
		}
		l.Cents = price
		o.Cents += price * l.Quantity
	}
	return nil
}
