package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Note is one of a user's, by number.
type Note struct {
	User string `dynamodbav:"user"`
	ID   int    `dynamodbav:"id"`
	Text string `dynamodbav:"text"`
}

var text = cond.Field(func(n *Note) *string { return &n.Text })

func run(ctx context.Context) error {
	db, err := repo.Open(ctx, &repo.Config{Endpoint: os.Getenv("ENDPOINT"), OnDemand: true})
	if err != nil {
		return err
	}
	notes, err := repo.New[Note](db, repo.Spec{
		Table: "notes",
		Key:   key.Spec{Hash: key.String("user"), Range: key.Int("id")},
	})
	if err != nil {
		return err
	}
	if _, err := table.Create(ctx, notes, nil); err != nil {
		return err
	}
	for i, text := range []string{"buy milk", "call Ada", "buy bread"} {
		if err := notes.Create(ctx, &Note{User: "me", ID: i, Text: text}); err != nil {
			return err
		}
	}
	for note, err := range notes.Query(key.Of("me")).Where(text.BeginsWith("buy")).All(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(note.ID, note.Text)
	}
	return nil
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
