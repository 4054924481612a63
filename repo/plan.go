package repo

import (
	"fmt"
	"strings"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/bulk"
)

// A Plan is what a query would send, and why (rule C6). It holds no values.
type Plan struct {
	Operation  string   // "Query" or "Scan"
	Table      string   // with its namespace
	Index      string   // "" for the table itself
	Rule       string   // why this operation and index, in words (rule C2)
	Key        []string // key conditions, as "id = ?"; nil for a Scan
	Filter     []string // what only the filter holds; nil if there is none
	Projection []string // attributes asked for; nil for all that the table or index has
	Partial    bool     // items come without what the index does not project
	Hydrated   bool     // items are then read by key as a whole
	Consistent bool
	Descending bool
	FirstLimit int      // Limit of the first request, in items; 0 for none
	Segments   int      // of a parallel scan; 0 if it is none, and of one segment, which Cost names
	Unserved   []string // attributes whose conditions forced a scan
	Suggest    string   // the declaration of an index that would serve them; "" if there is none
	Cost       string   // what is known of it, in words
}

// Plan returns what the query would send, without sending; with changes, what it
// would read for [Query.Update] with them, Cost telling whether all keys are read
// before the first item is changed (rule O5). What would keep it from being sent is
// the error; the scan policy does not.
func (q Query[T]) Plan(changes ...cond.Change[T]) (Plan, error) {
	p, err := bulk.Plan(q.of(), edits(changes))
	return Plan(p), err
}

// String returns the plan as a short text of one line a fact.
func (p Plan) String() string {
	var b strings.Builder
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name+":", text)
		}
	}
	where := p.Table
	if p.Index != "" {
		where += ", index " + p.Index
	}
	fmt.Fprintf(&b, "%s of %s\n", p.Operation, where)
	line("because", p.Rule)
	line("key", strings.Join(p.Key, " and "))
	line("filter", strings.Join(p.Filter, " and "))
	switch {
	case p.Projection != nil:
		line("projection", strings.Join(p.Projection, ", ")+" and the keys")
	case p.Partial:
		line("projection", "what the index projects; the rest is missing")
	case p.Hydrated:
		line("projection", "all attributes, read by key")
	default:
		line("projection", "all attributes")
	}
	var how []string
	if p.Consistent {
		how = append(how, "strongly consistent")
	}
	if p.Descending {
		how = append(how, "descending")
	}
	if p.Segments > 1 {
		how = append(how, fmt.Sprintf("%d segments", p.Segments))
	}
	line("read", strings.Join(how, ", "))
	if p.FirstLimit > 0 {
		line("first limit", fmt.Sprint(p.FirstLimit))
	}
	line("cost", "reads "+p.Cost)
	line("no index", strings.Join(p.Unserved, ", "))
	line("suggestion", p.Suggest)
	return strings.TrimSuffix(b.String(), "\n")
}
