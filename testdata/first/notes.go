package main

import (
	"context"
	"fmt"
	"io"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A Note is one of a user's, by number.
type Note struct {
	User string `dynamodbav:"user"`
	ID   int    `dynamodbav:"id"`
	Text string `dynamodbav:"text"`
}

var text = cond.Field(func(n *Note) *string { return &n.Text })

func newNotes(db *repo.DB) (*repo.Repo[Note], error) {
	return repo.New[Note](db, repo.Spec{
		Table: "notes",
		Key:   key.Spec{Hash: key.String("user"), Range: key.Int("id")},
	})
}

// printNotes prints the notes of a user that begin with a text.
func printNotes(ctx context.Context, out io.Writer, notes *repo.Repo[Note], user, start string) error {
	for note, err := range notes.Query(key.Of(user)).Where(text.BeginsWith(start)).All(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, note.ID, note.Text)
	}
	return nil
}
