// Command cities does the main job of the library on real data, the cities of
// the world, and exits with 0 only if every answer is what the data says.
package main

import (
	"context"
	"io"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/repo"
)

func main() { program.Main("cities", config, run) }

// config is what the program sets; a real one takes its keys from where it
// keeps secrets.
var config = repo.Config{
	Namespace:  "demo",
	CursorKeys: [][]byte{[]byte("the key of the demo, known to all")},
}

// demo is one run: the cities as the file has them and as the table has them.
type demo struct {
	out      io.Writer
	terminal bool
	file     []City
	repo     *repo.Repo[City]
}

// run creates the table, loads the cities, asks its questions, and removes the
// table if it made it. It returns an error at the first answer that is not the
// file's.
func run(ctx context.Context, out io.Writer, db *repo.DB) error {
	d := &demo{out: out, terminal: isTerminal(out)}
	var err error
	if d.file, err = readCities(); err != nil {
		return err
	}
	if d.repo, err = repo.New[City](db, citySpec); err != nil {
		return err
	}
	d.printf("%s cities of the world, by GeoNames (CC BY 4.0)\n", grouped(len(d.file)))
	created, err := d.createTable(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		d.load, d.compareAll, d.largest, d.pages, d.limits, d.byName, d.prefix, d.failures,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if !created {
		return nil
	}
	return d.dropTable(ctx)
}
