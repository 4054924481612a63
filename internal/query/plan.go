package query

import (
	"fmt"
	"slices"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/planner"

	"github.com/dynarepo/dynarepo/internal/pager"
	"github.com/dynarepo/dynarepo/internal/place"
)

// A Plan is what a query would send, and why, field by field as package query's.
type Plan struct {
	Operation  string   // "Query" or "Scan"
	Table      string   // with its namespace
	Index      string   // "" for the table itself
	Rule       string   // why this operation and index
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

// Plan returns what the query would send.
func (q Query) Plan() (Plan, error) {
	p, err := q.Prepare()
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{
		Operation:  "Query",
		Table:      p.table.Name,
		Index:      p.plan.Index,
		Rule:       p.plan.Rule.String(),
		Projection: slices.Clone(q.Spec.project),
		Partial:    p.plan.Partial && !q.Spec.hydrate,
		Hydrated:   q.Spec.hydrate,
		Consistent: q.Spec.consistent,
		Descending: q.Spec.descending && !p.plan.Scan,
		Unserved:   p.unserved(),
		Suggest:    p.plan.Suggest,
	}
	for _, c := range p.plan.Key {
		plan.Key = append(plan.Key, keyText(c))
	}
	for range q.Spec.sorts {
		plan.Key = append(plan.Key, "an expression of the caller")
	}
	plan.Filter = p.filterTexts()
	if p.plan.Scan {
		plan.Operation, plan.Segments = "Scan", q.Spec.segments
	}
	limits := p.run(q.Conn, nil, make([]place.Place, max(1, q.Spec.segments))).limits
	sizing := pager.NewPager(limits)
	plan.FirstLimit, _ = sizing.Next()
	plan.Cost = p.cost(limits)
	if p.plan.Escaped != "" {
		plan.Cost += "; of " + p.plan.Escaped + ", values that hold the delimiter are in the order of '%'"
	}
	return plan, nil
}

func keyText(c planner.KeyCond) string {
	if c.Op == expr.OpBetween {
		return c.Attr + " between ? and ?"
	}
	return c.Attr + " " + c.Op.String() + " ?"
}

func (p *Prepared) filterTexts() []string {
	var all []string
	for _, i := range p.plan.Filter {
		switch n := p.nodes[i]; {
		case n == nil:
			all = append(all, p.terms[i].Attr+" = ?")
		case n.Op == expr.OpOr:
			all = append(all, "("+n.String()+")")
		default:
			all = append(all, n.String())
		}
	}
	for _, c := range p.plan.Literals {
		all = append(all, keyText(c))
	}
	if s := p.table.Stamps; s.Hides() {
		all = append(all, s.Ends.Name+" not in the past")
	}
	if p.meetsMarkers() {
		all = append(all, p.table.Keys.Names[0]+" of no marker")
	}
	for range p.spec.filters {
		all = append(all, "an expression of the caller")
	}
	return all
}

// cost says what is known of how much will be read.
func (p *Prepared) cost(l pager.Limits) string {
	var what string
	switch where := p.where(); {
	case p.spec.part.of > 0:
		what = fmt.Sprintf("Segment(%d, %d) of %s", p.spec.part.segment, p.spec.part.of, where)
	case p.plan.Scan:
		what = "the whole of " + where
	case p.sorted():
		what = "a range of one partition of " + where
	default:
		what = "a whole partition of " + where
	}
	switch {
	case l.Scan > 0:
		return fmt.Sprintf("at most %d items of %s", l.Scan, what)
	case l.Records > 0 && !l.Filtered:
		return fmt.Sprintf("at most %d items of %s", l.Records, what)
	case l.Records > 0:
		return fmt.Sprintf("%s, until %d items pass the filter", what, l.Records)
	}
	return what
}

func (p *Prepared) where() string {
	if p.plan.Index != "" {
		return "index " + p.plan.Index
	}
	return "table " + p.table.Name
}

// sorted reports whether a condition narrows the partition.
func (p *Prepared) sorted() bool {
	return len(p.sortConds()) > 0 || len(p.spec.sorts) > 0
}
