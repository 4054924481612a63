package iter_test

import (
	"errors"
	"fmt"
	"iter"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/dynarepo/dynarepo/internal/place"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// players stands for what a query returns.
func players(names ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range names {
			if !yield(name, nil) {
				return
			}
		}
	}
}

func ExampleCollect() {
	names, err := dyniter.Collect(players("ann", "bob", "cleo"))
	fmt.Println(names, err)
	// Output: [ann bob cleo] <nil>
}

func ExampleFirst() {
	name, err := dyniter.First(players("ann", "bob"))
	fmt.Println(name, err)

	_, err = dyniter.First(players())
	fmt.Println(errors.Is(err, dyniter.ErrEmpty))
	// Output:
	// ann <nil>
	// true
}

func ExampleChunk() {
	for chunk, err := range dyniter.Chunk(players("ann", "bob", "cleo"), 2) {
		fmt.Println(chunk, err)
	}
	// Output:
	// [ann bob] <nil>
	// [cleo] <nil>
}

func ExampleMap() {
	length := func(name string) (int, error) { return len(name), nil }
	lengths, err := dyniter.Collect(dyniter.Map(players("ann", "cleo"), length))
	fmt.Println(lengths, err)
	// Output: [3 4] <nil>
}

// Of 1,000 items every 50th passes the filter, and 10 are wanted.
func ExampleCursor() {
	query := place.Binding{Table: "scores", Partition: "model_1|42"}
	keys := [][]byte{[]byte("a signing key of at least 32 bytes")}
	after := place.Place{Key: []place.Value{
		{Name: "id", Kind: 'S', Data: "model_1|42"},
		{Name: "position", Kind: 'N', Data: "7"},
	}}
	token := dyniter.NewCursor(door.Key{}, query, keys, after).String()

	cursor, err := dyniter.ParseCursor(token)
	if err != nil {
		fmt.Println(err)
		return
	}
	places, err := cursor.Places(door.Key{}, query, keys)
	fmt.Println(places[0].Key[1].Data, err)

	query.Partition = "model_2|42"
	_, err = cursor.Places(door.Key{}, query, keys)
	fmt.Println(err)
	// Output:
	// 7 <nil>
	// iter: cursor refused: made for another query
}
