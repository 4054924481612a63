package repo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A Plan is what a query would send, and why (rule C6). It holds no values.
type Plan struct {
	Operation  string     // "Query" or "Scan"
	Table      string     // with its namespace
	Index      string     // "" for the table itself
	Rule       index.Rule // why this operation and index
	Key        []string   // key conditions, as "id = ?"; nil for a Scan
	Filter     []string   // what only the filter holds; nil if there is none
	Projection []string   // attributes asked for; nil for all that the table or index has
	Partial    bool       // items come without what the index does not project
	Hydrated   bool       // items are then read by key as a whole
	Consistent bool
	Descending bool
	FirstLimit int      // Limit of the first request, in items; 0 for none
	Segments   int      // of a parallel scan; 0 if it is none
	Unserved   []string // attributes whose conditions forced a scan
	Suggest    string   // the declaration of an index that would serve them; "" if there is none
	Cost       string   // what is known of it, in words
}

// Plan returns what the query would send, without sending. What would keep it
// from being sent is the error; the scan policy does not.
func (q Query[T]) Plan() (Plan, error) { return q.of().plan() }

func (q query) plan() (Plan, error) {
	p, err := q.prepare()
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{
		Operation:  "Query",
		Table:      p.schema.table,
		Index:      p.plan.Index,
		Rule:       p.plan.Rule,
		Projection: slices.Clone(q.spec.project),
		Partial:    p.plan.Partial && !q.spec.hydrate,
		Hydrated:   q.spec.hydrate,
		Consistent: q.spec.consistent,
		Descending: q.spec.descending && !p.plan.Scan,
		Unserved:   p.unserved(),
		Suggest:    p.plan.Suggest,
	}
	for _, c := range p.plan.Key {
		plan.Key = append(plan.Key, keyText(c))
	}
	for range q.spec.sorts {
		plan.Key = append(plan.Key, "an expression of the caller")
	}
	plan.Filter = p.filterTexts()
	if p.plan.Scan {
		plan.Operation, plan.Segments = "Scan", q.spec.segments
	}
	limits := p.run(q.db, nil, make([]dyniter.Place, max(1, q.spec.segments))).limits
	pager := dyniter.NewPager(limits)
	plan.FirstLimit, _ = pager.Next()
	plan.Cost = p.cost(limits)
	return plan, nil
}

func keyText(c index.KeyCond) string {
	if c.Op == index.Between {
		return c.Attr + " between ? and ?"
	}
	return c.Attr + " " + c.Op.String() + " ?"
}

func (p *prepared) filterTexts() []string {
	var all []string
	for _, i := range p.plan.Filter {
		switch n := p.nodes[i]; {
		case n == nil:
			all = append(all, p.terms[i].Attr+" = ?")
		case n.Op == cond.OpOr:
			all = append(all, "("+n.String()+")")
		default:
			all = append(all, n.String())
		}
	}
	for _, c := range p.plan.Literals {
		all = append(all, keyText(c))
	}
	if s := p.schema; s.hides() {
		all = append(all, s.ends.Name+" not in the past")
	}
	if p.meetsMarkers() {
		all = append(all, p.schema.keyAttrs[0].Name()+" of no marker")
	}
	for range p.spec.filters {
		all = append(all, "an expression of the caller")
	}
	return all
}

// cost says what is known of how much will be read.
func (p *prepared) cost(l dyniter.Limits) string {
	var what string
	switch where := p.where(); {
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

func (p *prepared) where() string {
	if p.plan.Index != "" {
		return "index " + p.plan.Index
	}
	return "table " + p.schema.table
}

// sorted reports whether a condition narrows the partition.
func (p *prepared) sorted() bool {
	return len(p.sortConds()) > 0 || len(p.spec.sorts) > 0
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
	line("because", p.Rule.String())
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
