package iter_test

import (
	"errors"
	"fmt"
	"iter"

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
func ExamplePager() {
	pager := dyniter.NewPager(dyniter.Limits{Records: 10, Filtered: true})
	for {
		limit, ok := pager.Next()
		if !ok {
			break
		}
		first := pager.Evaluated()
		last := min(first+limit, 1000)
		passed := last/50 - first/50
		keep := pager.Take(last-first, passed, last-first == limit)
		fmt.Printf("limit %d: %d of %d\n", limit, keep, passed)
	}
	fmt.Println(pager.Requests(), "requests,", pager.Evaluated(), "evaluated, stopped by", pager.Stop())
	// Output:
	// limit 10: 0 of 0
	// limit 10: 0 of 0
	// limit 20: 0 of 0
	// limit 40: 1 of 1
	// limit 80: 2 of 2
	// limit 160: 3 of 3
	// limit 214: 4 of 4
	// 7 requests, 534 evaluated, stopped by record limit
}

func ExampleCursor() {
	query := dyniter.Binding{Table: "scores", Partition: "model_1|42"}
	keys := [][]byte{[]byte("a signing key of at least 32 bytes")}
	after := dyniter.Place{Key: []dyniter.Value{
		{Name: "id", Kind: 'S', Data: "model_1|42"},
		{Name: "position", Kind: 'N', Data: "7"},
	}}
	token := dyniter.NewCursor(query, keys, after).String()

	cursor, err := dyniter.ParseCursor(token)
	if err != nil {
		fmt.Println(err)
		return
	}
	places, err := cursor.Places(query, keys)
	fmt.Println(places[0].Key[1].Data, err)

	query.Partition = "model_2|42"
	_, err = cursor.Places(query, keys)
	fmt.Println(err)
	// Output:
	// 7 <nil>
	// iter: cursor refused: made for another query
}
