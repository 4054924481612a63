package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// largest asks for the ten largest cities of a division: one partition, against
// the order of its sort key.
func (d *demo) largest(ctx context.Context) error {
	d.title("The ten largest cities of California")
	cities, err := d.repo.Query(key.Of("US", "CA")).Descending().RecordLimit(10).Collect(ctx)
	if err != nil {
		return err
	}
	d.cities(cities)
	return same("the largest cities", cities, pick(d.file, in("US", "CA"), largestFirst)[:10])
}

// pages asks for five cities, and by the cursor for the next five. Population
// is the first part of the sort key, so that a range of it is one of the key.
func (d *demo) pages(ctx context.Context) error {
	const size = 5
	file := pick(d.file, func(c City) bool {
		return in("IN", "36")(c) && c.Population >= 100_000 && c.Population <= 300_000
	}, largestFirst)
	q := d.repo.Query(key.Of("IN", "36")).Where(population.Between(100_000, 300_000)).Descending().RecordLimit(size)

	d.title("Uttar Pradesh, 100,000 to 300,000 inhabitants: the first five")
	first, err := dyniter.First(q.Pages(ctx))
	if err != nil {
		return err
	}
	d.cities(first.Items)
	if err := same("the first page", first.Items, file[:size]); err != nil {
		return err
	}

	// The token is what a client of an API gets, and hands back for more. It is
	// signed, so that it can be trusted when it comes back.
	token := first.Cursor.String()
	d.printf("cursor: %s\n", token)
	if err := d.forged(ctx, q, token); err != nil {
		return err
	}
	cursor, err := dyniter.ParseCursor(token)
	if err != nil {
		return err
	}
	d.title("The next five, from the cursor on")
	second, err := dyniter.First(q.From(cursor).Pages(ctx))
	if err != nil {
		return err
	}
	d.cities(second.Items)
	return same("the second page", second.Items, file[size:2*size])
}

// forged changes one letter of a token and asks with it: that is refused before
// any request.
func (d *demo) forged(ctx context.Context, q repo.Query[City], token string) error {
	at := len(token) / 2
	letter := "A"
	if token[at] == 'A' {
		letter = "B"
	}
	cursor, err := dyniter.ParseCursor(token[:at] + letter + token[at+1:])
	if err == nil {
		_, err = q.From(cursor).Collect(ctx)
	}
	if !errors.Is(err, dyniter.ErrCursor) {
		return fmt.Errorf("a forged cursor: want dyniter.ErrCursor, got: %w", err)
	}
	d.printf("with one letter changed: %v\n", errors.Unwrap(err))
	return nil
}

// limits filters a partition, which DynamoDB does after reading, and shows what
// that costs: with a limit on the cities returned, with one more on the cities
// read, and with requests of a size of the caller's instead of one that adapts
// to how many pass.
func (d *demo) limits(ctx context.Context) error {
	const records, scan = 10, 50
	north := func(c City) bool { return c.Latitude > 38 }
	file := pick(d.file, in("US", "CA"), largestFirst)
	q := d.repo.Query(key.Of("US", "CA")).Where(latitude.Gt(38)).Descending().RecordLimit(records)
	asks := []struct {
		limits string
		query  repo.Query[City]
		want   []City
	}{
		{"record limit 10", q, pick(file, north, largestFirst)[:records]},
		{"record limit 10, batch size 10", q.BatchSize(records), pick(file, north, largestFirst)[:records]},
		{"record limit 10, batch size 100", q.BatchSize(100), pick(file, north, largestFirst)[:records]},
		{"record limit 10, scan limit 50", q.ScanLimit(scan), pick(file[:scan], north, largestFirst)},
	}

	d.title("California north of 38 degrees, from the largest on: a filter, and what it costs")
	var rows [][]string
	for i, ask := range asks {
		metered, meter := repo.WithMeter(ctx)
		cities, err := ask.query.Collect(metered)
		if err != nil {
			return err
		}
		if i == 0 {
			d.cities(cities)
			d.printf("\n")
		}
		if err := same(ask.limits, cities, ask.want); err != nil {
			return err
		}
		rows = append(rows, []string{
			ask.limits, strconv.Itoa(meter.Stats().Requests), strconv.Itoa(meter.Stats().Evaluated), strconv.Itoa(meter.Stats().Returned),
			strconv.FormatFloat(meter.Stats().Consumed, 'f', 1, 64), meter.Stats().Stop.String(),
		})
	}
	d.table([]string{"LIMITS", "REQUESTS", "READ", "RETURNED", "UNITS", "ENDED BY"}, rows)
	return nil
}

// byName asks for the cities of a name. The conditions alone say that the
// global index serves them, and the plan says why.
func (d *demo) byName(ctx context.Context) error {
	d.title("Springfield, 50,000 inhabitants or more: an index chosen by conditions alone")
	q := d.repo.Where(name.Eq("Springfield"), population.Gte(50_000)).Descending()
	if err := d.plan(q, "name_idx"); err != nil {
		return err
	}
	cities, err := q.Collect(ctx)
	if err != nil {
		return err
	}
	d.cities(cities)
	return same("Springfield", cities, pick(d.file, func(c City) bool {
		return c.Name == "Springfield" && c.Population >= 50_000
	}, largestFirst))
}

// prefix asks for the cities of a division whose names begin alike. Both parts of
// the composite hash key are equal to something, so this is a query, and the
// local index serves it.
func (d *demo) prefix(ctx context.Context) error {
	d.title("California, names that begin with %q", "San J")
	q := d.repo.Where(country.Eq("US"), division.Eq("CA"), name.BeginsWith("San J"))
	if err := d.plan(q, "division_name_idx"); err != nil {
		return err
	}
	cities, err := q.Collect(ctx)
	if err != nil {
		return err
	}
	d.cities(cities)
	return same("names that begin alike", cities, pick(d.file, func(c City) bool {
		return in("US", "CA")(c) && strings.HasPrefix(c.Name, "San J")
	}, byName))
}

// plan prints what q will send and why, and checks that it reads that index.
func (d *demo) plan(q repo.Query[City], index string) error {
	plan, err := q.Plan()
	if err != nil {
		return err
	}
	d.printf("%v\n\n", plan)
	if plan.Index != index {
		return fmt.Errorf("the plan does not use index %s", index)
	}
	return nil
}
