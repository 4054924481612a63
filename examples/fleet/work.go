package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// The variables that make a process a worker.
const (
	segmentVariable  = "FLEET_SEGMENT"
	endpointVariable = "FLEET_ENDPOINT"
	regionVariable   = "FLEET_REGION"
	hangVariable     = "FLEET_HANG" // set: it hangs in the middle, to be killed
)

// hung is what a worker prints that hangs.
const hung = "hung"

// count counts the orders of a segment from where its tally stands. It calls
// saving before it saves a page.
func (s *store) count(ctx context.Context, segment int, saving func()) error {
	tally, err := s.tallies.Consistent().Get(ctx, key.Of(segment))
	if errors.Is(err, repo.ErrNotFound) {
		tally, err = Tally{Segment: segment}, nil
	}
	if err != nil || tally.Done {
		return err
	}
	at, err := dyniter.ParseCursor(tally.Cursor)
	if err != nil {
		return err
	}
	for page, err := range s.orders.Scan().Segment(segment, workers).From(at).BatchSize(40).Pages(ctx) {
		if err != nil {
			return err
		}
		for _, o := range page.Items {
			tally.Orders++
			tally.Cents += o.Cents
		}
		tally.Cursor, tally.Done = page.Cursor.String(), page.Cursor.IsZero()
		saving()
		if err := s.tallies.Save(ctx, &tally); err != nil {
			return err
		}
	}
	return nil
}

// workFromEnvironment does the work that the variables name.
func workFromEnvironment(ctx context.Context, out io.Writer) error {
	segment, err := strconv.Atoi(os.Getenv(segmentVariable))
	if err != nil {
		return err
	}
	cfg := config
	cfg.Endpoint, cfg.Region = os.Getenv(endpointVariable), os.Getenv(regionVariable)
	db, err := repo.Open(ctx, &cfg)
	if err != nil {
		return err
	}
	s, err := newStore(db)
	if err != nil {
		return err
	}
	pages := 0
	return s.count(ctx, segment, func() {
		if pages++; pages == 3 && os.Getenv(hangVariable) != "" {
			fmt.Fprintln(out, hung) // with a page counted and not saved
			<-ctx.Done()
		}
	})
}
