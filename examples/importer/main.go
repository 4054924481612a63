// Command importer puts the records of a CSV file into a table: in batches, held to a
// rate, with progress; it tells which it refuses, and goes on where an earlier
// run was stopped. Without a file it makes one, and stops itself in the middle.
//
//	go run ./importer [-rate UNITS] [FILE]
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

var rate = flag.Float64("rate", 0, "write capacity units a second at most; 0 is as fast as it goes")

func main() {
	flag.Parse()
	program.Main("importer", config, run)
}

var config = repo.Config{Namespace: "demo", OnDemand: true}

// stopAt is the record at which the demo stops itself: early in a chunk, so that
// much of it is left.
const stopAt = 760

func run(ctx context.Context, out io.Writer, db *repo.DB) error {
	s, err := newStore(db)
	if err != nil {
		return err
	}
	for _, m := range s.models() {
		if _, err := table.Create(ctx, m, nil); err != nil {
			return err
		}
	}
	if name := flag.Arg(0); name != "" {
		return s.importNamed(ctx, out, name)
	}

	text := sample(2000)
	stopped, stop := context.WithCancel(ctx)
	defer stop()
	err = s.show(stopped, out, "sample.csv", strings.NewReader(text), int64(len(text)), func(at status) {
		if at.records-at.left >= stopAt {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("want it stopped, not %w", err)
	}
	fmt.Fprintln(out, "stopped in the middle, and begun again")
	return s.show(ctx, out, "sample.csv", strings.NewReader(text), int64(len(text)), func(status) {})
}

func (s *store) importNamed(ctx context.Context, out io.Writer, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return err
	}
	return s.show(ctx, out, name, bufio.NewReader(file), about.Size(), func(status) {})
}

// show imports a file and prints a line for each chunk, and for each record that was
// refused.
func (s *store) show(ctx context.Context, out io.Writer, name string, file io.Reader, size int64, told func(status)) error {
	place, err := s.importFile(ctx, name, file, options{
		rate:    *rate,
		refused: func(record int, reason error) { fmt.Fprintf(out, "  record %d refused: %v\n", record, reason) },
		progress: func(at status) {
			if at.left == 0 {
				fmt.Fprintf(out, "  %3d %%, %d records\n", 100*at.bytes/max(size, 1), at.records)
			}
			told(at)
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d records, %d refused\n", name, place.Records, place.Refused)
	return nil
}
