package faults

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// Unprocessed returns the fault that leaves the last n entries of a
// BatchGetItem or BatchWriteItem undone. They are taken out of the request, so
// the engine truly neither reads nor writes them, and put into the
// UnprocessedKeys or UnprocessedItems of its answer, beside what the engine
// itself left. The tables of a request are taken in the order of their names.
//
// If that leaves nothing to do, nothing is sent and the answer is that of
// [Throttle], as DynamoDB says of a batch none of which could be done. Any other
// operation is [ErrMisfit].
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
func Unprocessed(n int) Fault {
	return withhold(func(total int) int { return total - max(n, 0) })
}

// Processed returns the fault that leaves all but the first n entries of a
// batch undone, in the way of [Unprocessed].
func Processed(n int) Fault {
	return withhold(func(total int) int { return min(n, total) })
}

// leftovers names, for each batch operation, the member of its answer that
// holds what was not done. It has the form of RequestItems.
var leftovers = map[string]string{
	"BatchGetItem":   "UnprocessedKeys",
	"BatchWriteItem": "UnprocessedItems",
}

// withhold leaves all but the first kept(total) entries of a batch undone.
func withhold(kept func(total int) int) Fault {
	return func(req *http.Request, send Send) (*http.Response, error) {
		member, ok := leftovers[operation(req)]
		if !ok {
			return nil, fmt.Errorf("%w: %s is no batch", ErrMisfit, operation(req))
		}
		body, err := bodyOf(req)
		if err != nil {
			return nil, err
		}
		in, err := decode(body)
		if err != nil {
			return nil, fmt.Errorf("faults: reading the request: %w", err)
		}
		sent, left := split(object(in["RequestItems"]), kept)
		if len(sent) == 0 && len(left) > 0 {
			return Throttle()(req, send)
		}
		in["RequestItems"] = sent
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
		return edit(withBody(req, body), send, func(out map[string]any) error {
			out[member] = merge(object(out[member]), left)
			return nil
		})
	}
}

// split divides the entries of a batch, by table name, into the first
// kept(total) of them and the others. A table without entries is in neither.
func split(tables map[string]any, kept func(total int) int) (first, rest map[string]any) {
	total := 0
	for _, table := range tables {
		total += len(entries(table))
	}
	room := max(kept(total), 0)
	first, rest = map[string]any{}, map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		list := entries(tables[name])
		n := min(room, len(list))
		room -= n
		if n > 0 {
			first[name] = withEntries(tables[name], list[:n])
		}
		if n < len(list) {
			rest[name] = withEntries(tables[name], list[n:])
		}
	}
	return first, rest
}

// merge returns the entries of both, by table name.
func merge(a, b map[string]any) map[string]any {
	merged := maps.Clone(a)
	for name, table := range b {
		merged[name] = withEntries(table, slices.Concat(entries(a[name]), entries(table)))
	}
	return merged
}

// entries returns the keys or writes of one table in a batch: a list in
// BatchWriteItem, the member Keys in BatchGetItem.
func entries(table any) []any {
	if get, ok := table.(map[string]any); ok {
		table = get["Keys"]
	}
	list, _ := table.([]any)
	return list
}

// withEntries returns table with list for its entries.
func withEntries(table any, list []any) any {
	get, ok := table.(map[string]any)
	if !ok {
		return list
	}
	get = maps.Clone(get)
	get["Keys"] = list
	return get
}

// object returns v if it is a JSON object, else an empty one.
func object(v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	return map[string]any{}
}
