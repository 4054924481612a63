// Ratios measures dynarepo against its peers in interleaved rounds. It prints a
// table and writes the ratios to a directory; with -report it also writes
// a page with a plot.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"

	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/report"
)

func main() {
	log.SetFlags(0)
	var s settings
	flag.TextVar(&s.only, "run", regexp.MustCompile(""), "run the benchmarks whose `name` matches")
	flag.IntVar(&s.rounds, "rounds", 30, "how many rounds to run of each benchmark")
	flag.DurationVar(&s.batch, "batch", 10*time.Millisecond, "how long a batch of runs takes")
	out := flag.String("out", "out", "write ratios.tsv and memory.tsv to this `directory`")
	page := flag.String("report", "", "write RESULTS.md and its plot to this `directory`")
	flag.Parse()
	if flag.NArg() > 0 || s.rounds < 1 || s.batch < 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, &s, os.Stdout, *out, *page)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, s *settings, table io.Writer, out, page string) error {
	results, err := s.measure(ctx)
	if err != nil {
		return err
	}
	if err := results.Table(table); err != nil {
		return err
	}
	if err := write(out, "ratios.tsv", results.Ratios); err != nil {
		return err
	}
	if err := write(out, "memory.tsv", results.Memories); err != nil || page == "" {
		return err
	}
	const plot = "results.svg"
	if err := write(page, plot, results.Plot); err != nil {
		return err
	}
	here := report.Here(time.Now().UTC().Format(time.DateOnly), s.options(inProcess))
	return write(page, "RESULTS.md", func(w io.Writer) error { return results.Page(w, here, plot) })
}

// write makes a file and says so.
func write(dir, name string, content func(io.Writer) error) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := content(f); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	log.Print("wrote ", path)
	return f.Close()
}

// A kind of benchmark is measured in its own way.
type kind int

const (
	inProcess kind = iota
	outside        // goes over sockets
	waiting        // what matters is what is done meanwhile
	streaming      // seconds a run
)

// options returns how benchmarks of a kind are measured. What is answered in the
// process takes as long on the wall as on the processor if nothing else runs.
func (s *settings) options(k kind) measure.Options {
	o := measure.Options{Rounds: s.rounds, Batch: s.batch, Procs: 1, Clock: measure.CPU, Warm: true, Seed: 1}
	switch k {
	case outside:
		o.Rounds, o.Clock = (s.rounds+1)/2, measure.Wall
	case waiting:
		o.Rounds, o.Procs, o.Clock, o.Warm = (s.rounds+2)/3, 0, measure.Wall, false
	case streaming:
		o.Rounds, o.Warm = (s.rounds+9)/10, false
	}
	return o
}
