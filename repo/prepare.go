package repo

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
	p.terms, p.nodes = terms, nodes
	wanted := q.project
	if q.hydrate || q.count {
		wanted = nil // of the index itself nothing but the keys is needed
	}
	var hidden []string
	if s.hides() {
		hidden = []string{s.ends.Name}
	}
	p.plan, err = index.Choose(index.Request{
		Key:        s.spec.Key,
		Indexes:    s.spec.Indexes,
		Terms:      terms,
		Forced:     q.index,
		Scan:       q.scan,
		Partition:  q.key != nil,
		Consistent: q.consistent,
		Projected:  wanted,
		Filtered:   hidden,
		Literals:   !s.spec.RefuseForeign,
	})
	if err != nil {
		return nil, err
	}
	if q.segments > 0 && !p.plan.Scan {
		return nil, &index.PlanError{Index: p.plan.Index, Rule: "a query has no segments, a scan has"}
	}
	p.position = s.position(p.plan.Index)
	p.attrs = p.projected()
	return p, p.compile(now)
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

// compile builds the expressions that every request of the query carries.
func (p *prepared) compile(now time.Time) error {
	q := p.spec
	b := expression.NewBuilder()
	empty := true
	if !p.plan.Scan {
		b, empty = b.WithKeyCondition(p.keyCondition()), false
	}
	if err := p.checkSort(); err != nil {
		return err
	}
	filters := slices.Clone(q.filters)
	for _, i := range p.plan.Filter {
		if p.nodes[i] == nil {
			filters = append(filters, termFilter(p.terms[i]))
			continue
		}
		c, err := p.nodes[i].Compile()
		if err != nil {
			return err
		}
		filters = append(filters, c)
	}
	for _, c := range p.plan.Literals {
		filters = append(filters, expression.NameNoDotSplit(c.Attr).BeginsWith(textOf(c.Values[0])))
	}
	if s := p.schema; s.hides() {
		filters = append(filters, s.alive(now))
	}
	if p.filtered = len(filters) > 0; p.filtered {
		b, empty = b.WithFilter(conjunction(filters)), false
	}
	if len(p.attrs) > 0 {
		b, empty = b.WithProjection(namesList(p.attrs)), false
	}
	if empty {
		return nil
	}
	var err error
	p.expr, err = b.Build()
	return err
}

// checkSort refuses a raw sort condition where there is no room for it.
func (p *prepared) checkSort() error {
	rule := ""
	switch {
	case len(p.spec.sorts) == 0:
		return nil
	case p.plan.Scan:
		rule = "Sort needs a query of one partition"
	case len(p.spec.sorts) > 1, slices.ContainsFunc(p.sortConds(), func(c index.KeyCond) bool { return !p.implied(c) }):
		rule = "a key takes one condition, and Sort is one"
	default:
		return nil
	}
	return &index.PlanError{Index: p.plan.Index, Rule: rule}
}

// sortConds returns the key conditions behind those of the hash key.
func (p *prepared) sortConds() []index.KeyCond {
	return p.plan.Key[len(p.keys().Hash.Attributes()):]
}

// keys returns the keys of the table or the index that is read.
func (p *prepared) keys() key.Spec {
	if idx := p.schema.index(p.plan.Index); idx != nil {
		return idx.Key(p.schema.spec.Key)
	}
	return p.schema.spec.Key
}

// implied reports whether a sort condition comes of literals alone, no term.
func (p *prepared) implied(c index.KeyCond) bool {
	for _, a := range p.keys().Range.Attributes() {
		if a.Name() == c.Attr {
			return !slices.ContainsFunc(p.terms, func(t index.Term) bool {
				return t.Attr == c.Attr || slices.Contains(partNames(a), t.Attr)
			})
		}
	}
	return false
}

// termFilter is the filter of an equality that a scan of an index can't use
// as a key.
func termFilter(t index.Term) expression.ConditionBuilder {
	return expression.NameNoDotSplit(t.Attr).Equal(expression.Value(t.Values[0]))
}

func conjunction(all []expression.ConditionBuilder) expression.ConditionBuilder {
	if len(all) == 1 {
		return all[0]
	}
	return expression.And(all[0], all[1], all[2:]...)
}

func (p *prepared) keyCondition() expression.KeyConditionBuilder {
	conds := p.plan.Key
	if len(p.spec.sorts) > 0 {
		conds = conds[:len(conds)-len(p.sortConds())] // an implied one gives way
	}
	var all []expression.KeyConditionBuilder
	for _, c := range conds {
		all = append(all, keyCondition(c))
	}
	all = append(all, p.spec.sorts...)
	if len(all) == 1 {
		return all[0]
	}
	return expression.KeyAnd(all...)
}

func keyCondition(c index.KeyCond) expression.KeyConditionBuilder {
	name, v := expression.Key(c.Attr), expression.Value(c.Values[0])
	switch c.Op {
	case index.Lt:
		return name.LessThan(v)
	case index.Lte:
		return name.LessThanEqual(v)
	case index.Gt:
		return name.GreaterThan(v)
	case index.Gte:
		return name.GreaterThanEqual(v)
	case index.Between:
		return name.Between(v, expression.Value(c.Values[1]))
	case index.BeginsWith:
		return name.BeginsWith(textOf(c.Values[0]))
	default:
		return name.Equal(v)
	}
}

func textOf(av types.AttributeValue) string {
	s, _ := av.(*types.AttributeValueMemberS)
	return s.Value
}

// projected returns the attributes to ask for: those named and the keys, or the
// keys alone where the items are read by key afterwards, or where a count has to
// tell which are of this model. It is nil for all, or for none of a count.
func (p *prepared) projected() []string {
	names := p.spec.project
	switch {
	case p.spec.count:
		if names = p.literals(); names == nil {
			return nil
		}
	case p.spec.hydrate:
		names = nil
	case len(names) == 0:
		return nil
	}
	names = slices.Clone(names)
	for _, a := range p.position {
		names = append(names, a.Name())
	}
	return distinct(names)
}

// literals returns the composite keys with literals that what is read has.
func (p *prepared) literals() []string {
	var names []string
	for _, c := range p.schema.composites {
		if hasLiteral(c) && p.has(c.Name()) {
			names = append(names, c.Name())
		}
	}
	return names
}

// has reports whether what is read has an attribute: a global index has its
// keys and those of the table, and what it projects.
func (p *prepared) has(attr string) bool {
	idx := p.schema.index(p.plan.Index)
	return !p.plan.Global || idx.Projection() == types.ProjectionTypeAll || slices.Contains(idx.Included(), attr) ||
		slices.ContainsFunc(p.position, func(a key.Part) bool { return a.Name() == attr })
}

// distinct returns names in order, each once.
func distinct(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func namesList(names []string) expression.ProjectionBuilder {
	var all expression.ProjectionBuilder
	for _, n := range names {
		all = all.AddNames(expression.NameNoDotSplit(n))
	}
	return all
}

// project builds the expression that asks for attrs alone.
func project(attrs []string) (expression.Expression, error) {
	return expression.NewBuilder().WithProjection(namesList(attrs)).Build()
}

// unserved returns the attributes whose conditions forced a scan that was not
// asked for: of the table, or of an index that was named without its hash key.
func (p *prepared) unserved() []string {
	if !p.plan.Scan || p.spec.scan {
		return nil
	}
	var names []string
	for _, t := range p.terms {
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
			b.Partition += valueID(p.plan.Key[i].Values[0])
		}
	}
	return b
}
