package main

import (
	"context"
	"errors"
	"log"
	"regexp"
	"runtime"
	"time"

	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/report"
	"github.com/dynarepo/dynarepo/bench/internal/work"
	"github.com/dynarepo/dynarepo/internal/engine"
)

// settings are what the flags say.
type settings struct {
	only   regexp.Regexp
	rounds int
	batch  time.Duration
}

// measure runs all benchmarks, and needs the engine for the last.
func (s *settings) measure(ctx context.Context) (*report.Results, error) {
	r := &report.Results{}
	for _, w := range append(work.Canned(), work.Decode()) {
		if err := s.compare(ctx, r, w, inProcess); err != nil {
			return nil, err
		}
	}
	for _, w := range work.Loopback() {
		if err := s.compare(ctx, r, w, outside); err != nil {
			return nil, err
		}
	}
	for _, w := range work.Waits() {
		if err := s.compare(ctx, r, w, waiting); err != nil {
			return nil, err
		}
	}
	if err := s.stream(ctx, r); err != nil {
		return nil, err
	}
	if err := s.local(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

// compare measures the tasks of a work against each other.
func (s *settings) compare(ctx context.Context, r *report.Results, w work.Work, k kind) error {
	if !s.only.MatchString(w.Name) {
		return nil
	}
	log.Print(w.Name)
	tasks, closeAll, err := w.Open()
	if err != nil {
		return err
	}
	runtime.GC() // what the work before left
	figures, err := measure.Rounds(ctx, tasks, s.options(k))
	if err := errors.Join(err, closeAll()); err != nil {
		return err
	}
	byName := make(map[string]measure.Figure, len(figures))
	for _, f := range figures {
		byName[f.Name] = f
	}
	for _, c := range w.Compare {
		r.Lines = append(r.Lines, report.Line{
			Benchmark: c.Benchmark, Peer: c.Peer, Ours: byName[c.Ours], Theirs: byName[c.Peer],
		})
	}
	return nil
}

// stream also looks at the heap, and whether five times the items need more.
func (s *settings) stream(ctx context.Context, r *report.Results) error {
	const pages = 200
	w := work.Stream(pages)
	if !s.only.MatchString(w.Name) {
		return nil
	}
	if err := s.compare(ctx, r, w, streaming); err != nil {
		return err
	}
	for _, w := range []work.Work{w, work.Stream(5 * pages)} {
		log.Print(w.Name, ", heap")
		tasks, closeAll, err := w.Open()
		if err != nil {
			return err
		}
		for _, t := range tasks {
			if w.Ours(t.Name) || w.Items == 1000*pages {
				m, err := heap(ctx, w, t)
				if err != nil {
					return errors.Join(err, closeAll())
				}
				r.Memory = append(r.Memory, m)
			}
		}
		if err := closeAll(); err != nil {
			return err
		}
	}
	return nil
}

// heap runs a task once and watches its memory.
func heap(ctx context.Context, w work.Work, t measure.Task) (report.Memory, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	peak, err := measure.PeakLive(func() error { return t.Run(ctx) })
	runtime.ReadMemStats(&after)
	return report.Memory{
		Items: w.Items, Name: t.Name, Peak: peak, Allocated: float64(after.TotalAlloc - before.TotalAlloc),
	}, errors.Join(err, t.Finish(true))
}

// local measures on DynamoDB Local.
func (s *settings) local(ctx context.Context, r *report.Results) (err error) {
	if !s.only.MatchString("local/query/1000") {
		return nil
	}
	e, err := engine.Start(ctx, engine.Benchmark())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	works, err := work.Local(ctx, e.Client())
	if err != nil {
		return err
	}
	for _, w := range works {
		if err := s.compare(ctx, r, w, outside); err != nil {
			return err
		}
	}
	return nil
}
