// Command orders keeps a small shop in one table and walks its relations: has
// many, belongs to, many to many, in ids, foreign keys and link items. It exits
// with 0 only if every step goes as it should.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/repo"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := start(ctx, os.Stdout)
	stop()
	if err != nil {
		log.Fatal("orders: ", err)
	}
}

// start runs the demo on an engine of its own, or on that of DYNAREPO_ENDPOINT.
func start(ctx context.Context, out io.Writer) (err error) {
	e, err := engine.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	db, err := repo.Open(ctx, &repo.Config{
		Namespace: "demo",
		Endpoint:  e.Endpoint(),
		Options: []func(*dynamodb.Options){func(o *dynamodb.Options) {
			// The engine's errors come without a checksum, of which the SDK would warn.
			o.DisableValidateResponseChecksum = true
		}},
	})
	if err != nil {
		return err
	}
	return run(ctx, out, db)
}

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
