package repo

import (
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
)

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
	if p.meetsMarkers() {
		filters = append(filters, p.schema.noMarker())
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
	e, err := b.Build()
	p.expr = e
	return errors.Join(err, checkExpressions(e.KeyCondition(), e.Filter(), e.Projection()))
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
	if !p.spec.hydrate {
		names = append(names, p.schema.tells...)
	}
	return distinct(names)
}

// literals returns the composite keys with literals that what is read has, and
// what tells the kinds apart if items of unknown ones are left out.
func (p *prepared) literals() []string {
	var names []string
	for _, c := range p.schema.composites {
		if hasLiteral(c) && p.has(c.Name()) {
			names = append(names, c.Name())
		}
	}
	if k := p.schema.kind; k != nil && k.skip && !k.view {
		names = append(names, p.schema.identity()...)
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
