// Package program runs the programs of the examples.
package program

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/repo"
)

// A Run is what a program does: with db, printing to out.
type Run func(ctx context.Context, out io.Writer, db *repo.DB) error

// Main runs the program of that name on an engine of its own, or on that of
// DYNAREPO_ENDPOINT, until it is interrupted. If it fails, Main says why and
// exits with 1.
func Main(name string, cfg repo.Config, run Run) {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := start(ctx, os.Stdout, cfg, run)
	stop()
	if err != nil {
		log.Fatal(name, ": ", err)
	}
}

func start(ctx context.Context, out io.Writer, cfg repo.Config, run Run) (err error) {
	e, err := engine.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	cfg.Endpoint = e.Endpoint()
	db, err := repo.Open(ctx, &cfg)
	if err != nil {
		return err
	}
	return run(ctx, out, db)
}
