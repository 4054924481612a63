package repotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/dynarepo/dynarepo/repo"
)

// Fixtures creates the items of a JSON file, in their order, as [repo.Repo.Create]
// does, a request each at least, and returns them as created. The file holds one of
// two forms:
//
//   - an array of items as encoding/json reads them, by the names of the fields or
//     of their json tags; a name that T has not is a fault,
//   - what "aws dynamodb scan" prints: an object whose Items are in DynamoDB's
//     JSON. Items of other models in it are left out.
//
// The test fails now if there is no item, or one can't be read or created.
func Fixtures[T any](tb testing.TB, r *repo.Repo[T], file string) []T {
	tb.Helper()
	items, err := read(r, file)
	if err == nil && len(items) == 0 {
		err = errors.New("it has no items")
	}
	if err != nil {
		tb.Fatalf("repotest: %s: %v", file, err)
	}
	for i := range items {
		if err := r.Create(tb.Context(), &items[i]); err != nil {
			tb.Fatalf("repotest: %s: item %d: %v", file, i+1, err)
		}
	}
	return items
}

// read returns the items of a file.
func read[T any](r *repo.Repo[T], file string) ([]T, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	decode := strict[T]
	list := json.RawMessage(text)
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		var scan struct{ Items json.RawMessage }
		if err := json.Unmarshal(text, &scan); err != nil {
			return nil, err
		}
		if scan.Items == nil {
			return nil, errors.New(`want an array, or an object with "Items"`)
		}
		list, decode = scan.Items, r.DecodeJSON
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(list, &raw); err != nil {
		return nil, err
	}
	var items []T
	for i, one := range raw {
		switch item, err := decode(one); {
		case errors.Is(err, repo.ErrForeign):
		case err != nil:
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		default:
			items = append(items, item)
		}
	}
	return items, nil
}

// strict reads an item by the names of T alone.
func strict[T any](text []byte) (T, error) {
	var item T
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&item)
	return item, err
}
