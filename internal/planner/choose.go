package planner

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/expr"
	facts "github.com/dynarepo/dynarepo/internal/values"
)

// Choose plans r by rules C1 to C5, C7, D1 and K4 to K7. It sends nothing and
// returns the same plan for the same request. Errors are [ErrPlan] and
// [ErrIndex].
//
// An index serves only if it projects what the filter reads, since DynamoDB
// refuses a filter on anything else. The plan finds all items that the terms hold
// for, unless an index was named, or is meant, not to have them: those that lack its
// sort key or a part of it (rule F7). A range over the string that is the last part of
// a composite follows the order of the stored text, in which a delimiter within that
// part is escaped; [Plan.Escaped] tells.
func Choose(r Request) (Plan, error) {
	if err := r.reversed(); err != nil {
		return Plan{}, err
	}
	switch {
	case r.Forced != "":
		return r.forced()
	case r.Scan:
		return r.scan(nil, RuleAsked)
	case len(r.Terms) == 0:
		return r.scan(nil, RuleNoConditions)
	}
	table := r.match(nil)
	if table.sorted && table.err == nil {
		return table.plan(RuleTableSort), nil
	}
	var bySort, byHash *match
	named := ""
	for i := range r.Indexes {
		idx := &r.Indexes[i]
		if !r.offers(idx, table) {
			continue
		}
		m := r.match(idx)
		if m.hash && m.err == nil && (m.sorted || !idx.IsLocal()) {
			if lacks := m.lacks(); lacks != "" {
				named = cmp.Or(named, m.named(lacks))
				continue
			}
		}
		switch {
		case !m.hash, m.err != nil:
		case idx.IsLocal() && m.sorted:
			return m.plan(RuleLocalSort), nil
		case idx.IsLocal():
		case m.sorted && bySort == nil:
			bySort = m
		case byHash == nil:
			byHash = m
		}
	}
	switch {
	case bySort != nil:
		return bySort.plan(RuleGlobalSort), nil
	case table.hash && table.err == nil:
		return table.plan(RuleTableHash), nil
	case byHash != nil:
		return byHash.plan(RuleGlobalHash), nil
	case table.hash:
		return Plan{}, table.err
	}
	p, err := r.scan(nil, RuleNone)
	p.Unserved, p.Suggest = r.unserved(), cmp.Or(named, r.suggest())
	return p, err
}

// offers reports whether an index may be chosen without being named (rule C3).
func (r *Request) offers(idx *index.Spec, table *match) bool {
	switch {
	case r.Sorted:
		return false
	case idx.IsLocal():
		return true
	case r.Consistent, r.Partition && table.hash:
		return false
	}
	return covers(idx, r.Key, r.Projected)
}

func (r *Request) forced() (Plan, error) {
	at := slices.IndexFunc(r.Indexes, func(s index.Spec) bool { return s.Name() == r.Forced })
	if at < 0 {
		return Plan{}, undeclared(r.Forced)
	}
	idx := &r.Indexes[at]
	if !idx.IsLocal() {
		if r.Consistent {
			return Plan{}, &Error{Index: idx.Name(), Rule: "a global index has no consistent reads"}
		}
		var errs []error
		for _, a := range r.Projected {
			if !projects(idx, r.Key, a) {
				errs = append(errs, &Error{Index: idx.Name(), Attr: a, Rule: "asked for, and the index does not project it"})
			}
		}
		if err := errors.Join(errs...); err != nil {
			return Plan{}, err
		}
	}
	if r.Scan {
		return r.scan(idx, RuleForced)
	}
	m := r.match(idx)
	switch {
	case !m.hash:
		return r.scan(idx, RuleForced)
	case m.err != nil:
		return Plan{}, m.err
	}
	return m.plan(RuleForced), nil
}

// scan plans a Scan of the table, or of idx, with every term in the filter.
func (r *Request) scan(idx *index.Spec, rule Rule) (Plan, error) {
	m := &match{req: r, idx: idx, own: r.keys(idx), scan: true, used: make([]bool, len(r.Terms))}
	if err := m.unprojected(); err != nil {
		return Plan{}, err
	}
	return m.plan(rule), nil
}

// reversed refuses a between that nothing can hold for, as DynamoDB does in
// keys and filters alike.
func (r *Request) reversed() error {
	for _, t := range r.Terms {
		if t.Op == expr.OpBetween && compare(t.Values[0], t.Values[1]) > 0 {
			return &Error{Attr: t.Attr, Rule: "the bounds of between are reversed"}
		}
	}
	return nil
}

func (r *Request) unserved() []string {
	var names []string
	for _, t := range r.Terms {
		for _, a := range t.attributes() {
			if !slices.Contains(names, a) {
				names = append(names, a)
			}
		}
	}
	return names
}

// suggest writes the declaration of a global index that the terms could use:
// the first equality as its hash key, the first range as its sort key.
func (r *Request) suggest() string {
	var hash, sort Term
	for _, t := range r.Terms {
		switch {
		case t.Op == expr.OpNone || facts.TypeOf(t.Values[0]) == "":
		case t.Op == expr.OpEq && hash.Attr == "":
			hash = t
		case t.Op != expr.OpEq && sort.Attr == "":
			sort = t
		}
	}
	switch {
	case hash.Attr == "":
		return ""
	case sort.Attr == "" || sort.Attr == hash.Attr:
		return fmt.Sprintf("index.Global(%q, %s)", "...", declaration(hash))
	}
	return fmt.Sprintf("index.Global(%q, %s, %s)", "...", declaration(hash), declaration(sort))
}

func declaration(t Term) string {
	kind := map[types.ScalarAttributeType]string{
		types.ScalarAttributeTypeS: "String",
		types.ScalarAttributeTypeN: "Number",
		types.ScalarAttributeTypeB: "Binary",
	}[facts.TypeOf(t.Values[0])]
	return fmt.Sprintf("key.%s(%q)", kind, t.Attr)
}
