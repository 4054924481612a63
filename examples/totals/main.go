// Command totals consumes a stream: it keeps the totals of customers by what changes
// in a table of orders. The consumer crashes once and goes on where it stood; what
// comes again is not counted twice. It exits with 0 only if the totals are those of
// the orders.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
	"github.com/dynarepo/dynarepo/table"
)

func main() { program.Main("totals", config, run) }

var config = repo.Config{Namespace: "demo", OnDemand: true}

var errCrash = errors.New("crashed")

func run(ctx context.Context, out io.Writer, db *repo.DB) error {
	l, err := newLedger(db)
	if err != nil {
		return err
	}
	designs, err := l.designs()
	if err != nil {
		return err
	}
	for _, d := range designs {
		if _, err := table.Create(ctx, d, nil); err != nil {
			return err
		}
	}
	for i, customer := range []string{"ada", "bob", "ada", "cleo", "bob"} {
		if err := l.orders.Create(ctx, &Order{ID: fmt.Sprint(1001 + i), Customer: customer, Cents: 1000 * (i + 1)}); err != nil {
			return err
		}
	}
	if err := l.orders.Put(ctx, &Order{ID: "1003", Customer: "cleo", Cents: 3500}); err != nil {
		return err
	}
	if err := l.orders.Delete(ctx, key.Of("1002")); err != nil {
		return err
	}

	fmt.Fprintln(out, "The consumer crashes behind its sixth change")
	left := 6
	err = l.consume(ctx, "totals", func(c stream.Change[Order], isNew bool) error {
		tell(out, c, isNew)
		if left--; left == 0 {
			return errCrash
		}
		return nil
	})
	if !errors.Is(err, errCrash) {
		return fmt.Errorf("want a crash, not %w", err)
	}
	fmt.Fprintln(out, "\nIt goes on where it last kept its place")
	err = l.consume(ctx, "totals", func(c stream.Change[Order], isNew bool) error {
		tell(out, c, isNew)
		return nil
	})
	if err != nil {
		return err
	}
	return l.compare(ctx, out)
}

func tell(out io.Writer, c stream.Change[Order], isNew bool) {
	what := "counted"
	if !isNew {
		what = "was counted before"
	}
	of := c.New
	if of == nil {
		of = c.Old
	}
	fmt.Fprintf(out, "  %s %s of %s: %s\n", c.Kind, of.ID, of.Customer, what)
}

// compare prints the totals; an error if they are not those of the orders.
func (l *ledger) compare(ctx context.Context, out io.Writer) error {
	want := map[string]Total{}
	for o, err := range l.orders.Scan().All(ctx) {
		if err != nil {
			return err
		}
		t := want[o.Customer]
		want[o.Customer] = Total{o.Customer, t.Orders + 1, t.Cents + o.Cents}
	}
	got := map[string]Total{}
	for t, err := range l.totals.Scan().Where(ordersOf.Gt(0)).All(ctx) {
		if err != nil {
			return err
		}
		got[t.Customer] = t
	}
	fmt.Fprintln(out, "\nThe totals")
	for _, name := range slices.Sorted(maps.Keys(got)) {
		fmt.Fprintf(out, "  %-5s %d orders, %d cents\n", name, got[name].Orders, got[name].Cents)
	}
	if !maps.Equal(got, want) {
		return errors.New("the totals are not those of the orders")
	}
	return nil
}
