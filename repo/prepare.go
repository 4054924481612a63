package repo

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
)

// prepared is a query that was planned: what every request of it has in
// common.
type prepared struct {
	schema   *schema
	spec     *querySpec
	plan     index.Plan
	expr     expression.Expression
	filtered bool
	position []key.Part // attributes of a cursor: the table's keys, then the index's (rule B2)
	attrs    []string   // asked for; nil for all, or for none of a count
	terms    []index.Term
	nodes    []*cond.Node // of which the terms were made; nil for those of the key value
}

// prepare plans a query and compiles its expressions. It sends nothing.
func (s *schema) prepare(q *querySpec, now time.Time) (*prepared, error) {
	p := &prepared{schema: s, spec: q}
	errs := slices.Clone(q.errs)
	terms, nodes, err := s.terms(q)
	errs = append(errs, err)
	for _, name := range q.project {
		if !s.known(name) {
			errs = append(errs, fmt.Errorf("attribute %s: the model has no such attribute", name))
		}
	}
	if q.key == nil && len(q.sorts) > 0 && len(terms) == 0 {
		errs = append(errs, errors.New("Sort needs a query of one partition"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := s.telling(q); err != nil {
		return nil, err
	}
	if p.terms, p.nodes, err = s.narrowed(q, terms, nodes); err != nil {
		return nil, err
	}
	wanted := q.project
	if q.hydrate || q.count {
		wanted = nil // of the index itself nothing but the keys is needed
	}
	filtered, err := s.filtered(q)
	if err != nil {
		return nil, err
	}
	p.plan, err = index.Choose(index.Request{
		Key:        s.spec.Key,
		Indexes:    s.spec.Indexes,
		Terms:      p.terms,
		Forced:     q.index,
		Scan:       q.scan,
		Partition:  q.key != nil,
		Consistent: q.consistent,
		Projected:  wanted,
		Filtered:   filtered,
		Sorted:     len(q.sorts) > 0,
		Literals:   !s.spec.RefuseForeign,
	})
	if err != nil {
		return nil, err
	}
	if p.plan.Rule == index.RuleNone && len(p.unserved()) == 0 { // but for that of a view
		p.plan.Rule, p.plan.Suggest = index.RuleNoConditions, ""
	}
	if q.segments > 0 && !p.plan.Scan {
		return nil, &index.PlanError{Index: p.plan.Index, Rule: "a query has no segments, a scan has"}
	}
	for _, c := range p.plan.Key {
		if err := s.reserved(c.Attr, c.Values[0]); err != nil {
			return nil, err
		}
	}
	p.position = s.position(p.plan.Index)
	p.attrs = p.projected()
	return p, p.compile(now)
}

// filtered returns the attributes that the filter reads beside those of the
// query's conditions.
func (s *schema) filtered(q *querySpec) ([]string, error) {
	var names []string
	if s.hides() {
		names = append(names, s.ends.Name)
	}
	for _, f := range q.filters {
		more, err := cond.AttributesOf(f)
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	return names, nil
}

// terms returns the conditions of a query as the planner takes them, with the
// node that each was made of; those of the key value have none.
func (s *schema) terms(q *querySpec) (terms []index.Term, nodes []*cond.Node, err error) {
	var errs []error
	if q.key != nil {
		errs = append(errs, s.keyTerms(q, &terms))
		nodes = make([]*cond.Node, len(terms))
	}
	for _, n := range flatten(q.conds) {
		if _, err := n.Compile(); err != nil {
			errs = append(errs, err)
			continue
		}
		attrs := n.Attributes()
		for _, name := range attrs {
			if !s.known(name) {
				errs = append(errs, &cond.AttrError{Type: s.plan.Type, Attr: name, Rule: "the model has no such attribute"})
			}
		}
		t := index.Term{Op: keyOp(n), Values: n.Values}
		if t.Attr = attrs[0]; len(attrs) > 1 || len(n.Path) != 1 {
			t.Attr, t.Attrs = "", attrs
		}
		terms, nodes = append(terms, t), append(nodes, n)
	}
	return terms, nodes, errors.Join(errs...)
}

// keyTerms appends the equalities that a query's key value stands for.
func (s *schema) keyTerms(q *querySpec, terms *[]index.Term) error {
	own := s.spec.Key
	if q.index != "" {
		idx := s.index(q.index)
		if idx == nil {
			return nil // the planner tells
		}
		own = idx.Key(s.spec.Key)
	}
	hash, sort := own.Hash.Fields(), own.Range.Fields()
	given, ranged := q.key.HashParts(), q.key.RangeParts()
	if len(given) != len(hash) {
		return &key.Error{Attr: own.Hash.Name(), Rule: fmt.Sprintf("the hash key has %d parts, not %d", len(hash), len(given))}
	}
	if len(ranged) > len(sort) {
		return &key.Error{Attr: own.Range.Name(), Rule: fmt.Sprintf("the sort key has %d parts, not %d", len(sort), len(ranged))}
	}
	fields := slices.Concat(hash, sort[:len(ranged)])
	values, err := encodeParts(nil, s.keyFields(fields), append(given, ranged...))
	if err != nil {
		return err
	}
	for i, f := range fields {
		*terms = append(*terms, index.Term{Attr: f.Name(), Op: index.Eq, Values: values[i : i+1]})
	}
	return nil
}

// flatten takes the ANDs at the top apart.
func flatten(nodes []*cond.Node) []*cond.Node {
	var out []*cond.Node
	for _, n := range nodes {
		if n != nil && n.Op == cond.OpAnd && len(n.Nodes) > 0 {
			out = append(out, flatten(n.Nodes)...)
			continue
		}
		out = append(out, n)
	}
	return out
}

// keyOp returns the operator of a condition that can be on a key.
func keyOp(n *cond.Node) index.Op {
	if n.Size || len(n.Path) != 1 {
		return index.Other
	}
	switch n.Op {
	case cond.OpEq:
		return index.Eq
	case cond.OpLt:
		return index.Lt
	case cond.OpLte:
		return index.Lte
	case cond.OpGt:
		return index.Gt
	case cond.OpGte:
		return index.Gte
	case cond.OpBetween:
		return index.Between
	case cond.OpBeginsWith:
		return index.BeginsWith
	default:
		return index.Other
	}
}

// position returns the key attributes that tell a place in the table or an
// index, each once.
func (s *schema) position(idx string) []key.Part {
	parts := slices.Clone(s.keyAttrs)
	if x := s.index(idx); x != nil {
		own := x.Key(s.spec.Key)
		for _, a := range slices.Concat(own.Hash.Attributes(), own.Range.Attributes()) {
			if !slices.ContainsFunc(parts, func(p key.Part) bool { return p.Name() == a.Name() }) {
				parts = append(parts, a)
			}
		}
	}
	return parts
}

// unserved returns the attributes whose conditions forced a scan that was not
// asked for: of the table, or of an index that was named without its hash key.
func (p *prepared) unserved() []string {
	if !p.plan.Scan || p.spec.scan {
		return nil
	}
	var names []string
	for i, t := range p.terms {
		if p.schema.isView() && p.nodes[i] == p.schema.kind.node {
			continue
		}
		if names = append(names, t.Attrs...); t.Attr != "" {
			names = append(names, t.Attr)
		}
	}
	return distinct(names)
}

// admit applies the scan policy to a scan that conditions forced (rule C5).
func (p *prepared) admit(cfg *Config) error {
	if len(p.unserved()) == 0 {
		return nil
	}
	names := strings.Join(p.unserved(), ", ")
	switch cfg.ScanPolicy {
	case ScanRefuse:
		return because(ErrScanRefused, fmt.Errorf("%v: %s", index.RuleNone, names))
	case ScanWarn:
		cfg.Logger.Warn("dynarepo: conditions force a scan", slog.String("table", p.schema.table), slog.String("index", p.plan.Index),
			slog.String("conditions", names), slog.String("suggest", p.plan.Suggest))
	case ScanAllow:
	}
	return nil
}

// binding is what a cursor of the query belongs to.
func (p *prepared) binding() dyniter.Binding {
	b := dyniter.Binding{
		Table: p.schema.table, Index: p.plan.Index, Segments: p.spec.segments,
		Descending: p.spec.descending && !p.plan.Scan,
	}
	if !p.plan.Scan {
		for i := range p.keys().Hash.Attributes() {
			b.Partition += string(appendValueID(nil, p.plan.Key[i].Values[0]))
		}
	}
	return b
}
