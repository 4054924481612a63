package main

import (
	"testing"

	"github.com/dynarepo/dynarepo/repotest"
)

func TestPrintNotes(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	notes, err := newNotes(db)
	if err != nil {
		t.Fatal(err)
	}
	repotest.Create(t, notes)
	for i, text := range []string{"buy milk", "call Ada", "buy bread"} {
		if err := notes.Create(t.Context(), &Note{User: "me", ID: i, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	repotest.Budget(t, db, repotest.Requests(1), repotest.NoScan())
	if err := printNotes(t.Context(), t.Output(), notes, "me", "buy"); err != nil {
		t.Fatal(err)
	}
}
