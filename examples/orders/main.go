// Command orders keeps a small shop in one table and walks its relations: has
// many, belongs to, many to many, in ids, foreign keys and link items. It exits
// with 0 only if every step goes as it should.
package main

import (
	"context"
	"io"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/repo"
)

func main() { program.Main("orders", config, run) }

var config = repo.Config{Namespace: "demo"}

// run walks through the shop.
func run(ctx context.Context, out io.Writer, db *repo.DB) error {
	s, err := newShop(db)
	if err != nil {
		return err
	}
	d := &demo{shop: s, out: out}
	for _, step := range []func(context.Context) error{
		d.fill, d.sell, d.showCustomers, d.showOrder, d.showProducts, d.showShelves, d.discontinue,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
