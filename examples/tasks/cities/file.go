package cities

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Read returns the cities of a file, such as examples/cities/cities.tsv.gz, as
// the first version of the program knew them: without Search.
func Read(path string) ([]City, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r := csv.NewReader(unpacked)
	r.Comma, r.LazyQuotes = '\t', true
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var all []City
	for _, line := range lines[1:] { // the first has the names of the columns
		id, err := strconv.ParseInt(line[0], 10, 64)
		population, perr := strconv.Atoi(line[4])
		if err := errors.Join(err, perr); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(all)+2, err)
		}
		all = append(all, City{ID: id, Country: line[1], Name: line[3], Population: population})
	}
	return all, nil
}

// SearchName returns what a city of that name is found by.
func SearchName(name string) string { return strings.ToLower(name) }
