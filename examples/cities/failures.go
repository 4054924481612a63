package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// failures creates a city that is there and loads one that is not: what a
// caller gets is told by errors.Is, and its text holds no data.
func (d *demo) failures(ctx context.Context) error {
	d.title("Errors")
	again := d.file[0]
	exists := d.repo.Create(ctx, &again)
	_, absent := d.repo.Get(ctx, key.Of("AQ", "").Range(0, 0))
	var rows [][]string
	for _, f := range []struct {
		what     string
		err      error
		sentinel error
		name     string
	}{
		{"a city created twice", exists, repo.ErrExists, "repo.ErrExists"},
		{"a city that is not there", absent, repo.ErrNotFound, "repo.ErrNotFound"},
	} {
		if !errors.Is(f.err, f.sentinel) {
			return fmt.Errorf("%s: want %s, got: %w", f.what, f.name, f.err)
		}
		rows = append(rows, []string{f.what, f.name, f.err.Error()})
	}
	d.table([]string{"", "ERRORS.IS", "TEXT"}, rows)
	return nil
}
