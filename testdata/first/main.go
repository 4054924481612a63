package main

import (
	"context"
	"log"
	"os"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func run(ctx context.Context) error {
	db, err := repo.Open(ctx, &repo.Config{Endpoint: os.Getenv("ENDPOINT"), OnDemand: true})
	if err != nil {
		return err
	}
	notes, err := newNotes(db)
	if err != nil {
		return err
	}
	if _, err := table.Create(ctx, notes, nil); err != nil {
		return err
	}
	if err := notes.Put(ctx, &Note{User: "me", ID: 1, Text: "buy milk"}); err != nil {
		return err
	}
	return printNotes(ctx, os.Stdout, notes, "me", "buy")
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
