package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

//go:embed cities.tsv.gz
var packed []byte

// readCities returns the cities of the file, in its order.
func readCities() ([]City, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(unpacked)
	r.Comma, r.LazyQuotes = '\t', true
	lines, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var cities []City
	for _, line := range lines[1:] { // the first has the names of the columns
		c, err := parseCity(line)
		if err != nil {
			return nil, fmt.Errorf("cities.tsv.gz, line %d: %w", len(cities)+2, err)
		}
		cities = append(cities, c)
	}
	return cities, nil
}

func parseCity(line []string) (City, error) {
	var errs [4]error
	c := City{Country: line[1], Division: line[2], Name: line[3], Feature: line[5]}
	c.ID, errs[0] = strconv.ParseInt(line[0], 10, 64)
	c.Population, errs[1] = strconv.Atoi(line[4])
	c.Longitude, errs[2] = strconv.ParseFloat(line[6], 64)
	c.Latitude, errs[3] = strconv.ParseFloat(line[7], 64)
	return c, errors.Join(errs[:]...)
}

// pick returns the cities that match, in the order of compare.
func pick(cities []City, match func(City) bool, compare func(a, b City) int) []City {
	var found []City
	for _, c := range cities {
		if match(c) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, compare)
	return found
}

// in matches the cities of a division.
func in(country, division string) func(City) bool {
	return func(c City) bool { return c.Country == country && c.Division == division }
}

// largestFirst compares by population, and of equals by id, both descending: the
// order of the table's sort key, backwards.
func largestFirst(a, b City) int {
	return cmp.Or(cmp.Compare(b.Population, a.Population), cmp.Compare(b.ID, a.ID))
}

// byName compares by name, in the order of bytes.
func byName(a, b City) int { return cmp.Compare(a.Name, b.Name) }

// same returns an error that says where the answers to a question differ.
func same(question string, table, file []City) error {
	for i := range max(len(table), len(file)) {
		if i >= len(table) || i >= len(file) || table[i] != file[i] {
			return fmt.Errorf("%s: the table has %d cities, the file %d, and they differ from city %d on", question, len(table), len(file), i+1)
		}
	}
	return nil
}
