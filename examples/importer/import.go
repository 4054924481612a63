package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// chunk is how many records are written between two times that the place is kept.
const chunk = 250

// options are how a file is imported.
type options struct {
	rate     float64                        // write capacity units a second at most; 0 is as fast as it goes
	refused  func(record int, reason error) // told of each record that is left out, by its number
	progress func(status)                   // told after each answer, and when a chunk is done
}

// status is how far an import has come.
type status struct {
	bytes    int64   // of the file, read so far
	records  int     // read so far, those of earlier runs included
	left     int     // of these, not written yet; 0 when a chunk is done
	consumed float64 // write capacity units of this chunk so far
}

// importFile puts the products of a CSV file into the table. It goes on behind the
// place that an earlier run of that name has kept; what was written behind that is
// written again, which changes nothing. It holds a chunk in memory.
func (s *store) importFile(ctx context.Context, name string, file io.Reader, o options) (Place, error) {
	place, err := s.places.Get(ctx, key.Of(name))
	if errors.Is(err, repo.ErrNotFound) {
		place, err = Place{File: name}, nil
	}
	if err != nil {
		return place, err
	}
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1 // one of another length is refused by itself
	for n := range place.Records {
		if _, err := r.Read(); err != nil && !isBadRecord(err) {
			return place, errors.Join(errors.New("the file is shorter than what was imported of it"), err)
		} else if n%chunk == 0 && ctx.Err() != nil {
			return place, ctx.Err()
		}
	}
	for {
		c, err := s.read(r, place.Records, o)
		if err != nil {
			return place, err
		}
		if c.records == 0 {
			return place, nil
		}
		at := status{bytes: r.InputOffset(), records: place.Records + c.records}
		if err := s.write(ctx, &c, &at, o); err != nil {
			return place, err
		}
		place.Records += c.records
		place.Refused += c.refused
		if err := s.places.Put(ctx, &place); err != nil {
			return place, err
		}
		at.left = 0
		o.progress(at)
	}
}

// isBadRecord reports whether one record alone can't be read.
func isBadRecord(err error) bool {
	_, ok := errors.AsType[*csv.ParseError](err)
	return ok
}

// lot is what was read of a chunk.
type lot struct {
	records, refused int
	products         []Product
	at               []int // the record of each product
}

// read returns the records behind a place, up to a chunk. Of two with one key the
// later holds.
func (s *store) read(r *csv.Reader, behind int, o options) (c lot, err error) {
	places := map[string]int{}
	for c.records < chunk {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !isBadRecord(err) {
			return c, err
		}
		c.records++
		var p Product
		if err == nil {
			p, err = parse(record)
		}
		if err != nil {
			c.refused++
			o.refused(behind+c.records, err)
			continue
		}
		if n, twice := places[p.SKU]; twice {
			c.products[n] = p
			continue
		}
		places[p.SKU] = len(c.products)
		c.products, c.at = append(c.products, p), append(c.at, behind+c.records)
	}
	return c, nil
}

// write stores the products of a chunk, but for those that can't be, and keeps at
// what it has come to.
func (s *store) write(ctx context.Context, c *lot, at *status, o options) error {
	var puts []repo.Op
	for _, p := range c.products {
		puts = append(puts, s.products.Ops().Put(&p))
	}
	err := s.db.Rate(o.rate).Progress(func(p repo.Progress) {
		if at.left, at.consumed = p.Left, p.Consumed; p.Left > 0 {
			o.progress(*at)
		}
	}).Batch(ctx, puts...)
	left, ok := errors.AsType[*repo.BatchError](err)
	if !ok {
		return err
	}
	if slices.ContainsFunc(left.Errs, func(err error) bool { return !errors.Is(err, repo.ErrInvalid) }) {
		return err // what is left may be done later
	}
	for i, position := range left.Left {
		c.refused++
		o.refused(c.at[position], left.Errs[i])
	}
	return nil
}
