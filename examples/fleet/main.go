// Command fleet counts the orders of one table by eight processes, one for each
// segment of a scan. Two of them are killed in the middle and started again. It
// exits with 0 only if every order was counted once.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func main() {
	if os.Getenv(segmentVariable) != "" {
		os.Exit(worker())
	}
	program.Main("fleet", config, run)
}

var config = repo.Config{
	Namespace:  "demo",
	CursorKeys: [][]byte{[]byte("the key of the demo, known to all")},
}

const (
	orderCount = 4000
	workers    = 8
)

// run fills the table, has the fleet count it, and compares.
func run(ctx context.Context, out io.Writer, db *repo.DB) error {
	s, err := newStore(db)
	if err != nil {
		return err
	}
	for _, m := range []table.Model{s.orders, s.tallies} {
		if _, err := table.Create(ctx, m, nil); err != nil {
			return err
		}
	}
	want, err := s.fill(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d orders, %d workers\n", want.Orders, workers)
	f := fleet{out: out, env: environment(db)}
	if err := f.count(ctx, map[int]bool{2: true, 5: true}); err != nil {
		return err
	}
	got, err := s.total(ctx)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the fleet counted %d orders of %d cents, there are %d of %d", got.Orders, got.Cents, want.Orders, want.Cents)
	}
	fmt.Fprintf(out, "%d orders counted, of %d.%02d in all: each once\n", got.Orders, got.Cents/100, got.Cents%100)
	return nil
}

// worker is what a process of the fleet does; it returns the exit code.
func worker() int {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := workFromEnvironment(ctx, os.Stdout); err != nil {
		log.Print("fleet worker: ", err)
		return 1
	}
	return 0
}
