package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// createTable makes the table if it is not there and prints its keys.
func (d *demo) createTable(ctx context.Context) (created bool, err error) {
	created, err = table.Create(ctx, d.repo, nil)
	if err != nil {
		return false, err
	}
	about, err := table.Describe(ctx, d.repo)
	if err != nil {
		return false, err
	}
	what := "stood already"
	if created {
		what = "created"
	}
	d.title("Table %s, %s", about.Name, what)
	rows := [][]string{keyRow("table", "", about.Key)}
	for _, idx := range about.Indexes {
		kind := "global index"
		if idx.Local {
			kind = "local index"
		}
		rows = append(rows, keyRow(kind, idx.Name, idx.Key))
	}
	d.table([]string{"", "NAME", "HASH KEY", "SORT KEY"}, rows)
	return created, nil
}

func keyRow(kind, name string, k table.Keys) []string {
	return []string{kind, name, strings.Join(k.Hash, ", "), strings.Join(k.Range, ", ")}
}

// batch is how many cities are written between two signs of progress.
const batch = 500

// load puts every city of the file into the table.
func (d *demo) load(ctx context.Context) error {
	d.title("Loading")
	start, done := time.Now(), 0
	for chunk := range slices.Chunk(d.file, batch) {
		var puts []repo.Op
		for _, c := range chunk {
			puts = append(puts, d.repo.Ops().Put(&c))
		}
		if err := d.repo.DB().Batch(ctx, puts...); err != nil {
			return err
		}
		done += len(chunk)
		d.progress(done, len(d.file))
	}
	d.printf("loaded in %.1f s\n", time.Since(start).Seconds())
	return nil
}

// compareAll reads the whole table, in four segments at once, and compares each
// city with the file.
func (d *demo) compareAll(ctx context.Context) error {
	metered, meter := repo.WithMeter(ctx)
	stored, err := d.repo.Scan().Segments(4).Collect(metered)
	if err != nil {
		return err
	}
	byID := func(a, b City) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(stored, byID)
	if err := same("the whole table", stored, slices.SortedFunc(slices.Values(d.file), byID)); err != nil {
		return err
	}
	d.printf("read back by a scan of 4 segments at once: all %s cities are as in the file\n", grouped(len(stored)))
	d.printf("  requests %d, read %s, returned %s, units %.1f, ended by: %v\n",
		meter.Stats().Requests, grouped(meter.Stats().Evaluated), grouped(meter.Stats().Returned), meter.Stats().Consumed, meter.Stats().Stop)
	return nil
}

// dropTable removes the table.
func (d *demo) dropTable(ctx context.Context) error {
	deleted, err := table.Delete(ctx, d.repo, nil)
	if err != nil {
		return err
	}
	if !deleted {
		return errors.New("the table was gone already")
	}
	d.title("Table %s, deleted", d.repo.Table())
	return nil
}
