package query

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// compile builds the expressions that every request of the query carries.
func (p *Prepared) compile(now time.Time) error {
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
		filters = append(filters, expression.NameNoDotSplit(c.Attr).BeginsWith(values.Text(c.Values[0])))
	}
	if s := p.table.Stamps; s.Hides() {
		filters = append(filters, s.Alive(now))
	}
	if p.meetsMarkers() {
		filters = append(filters, p.table.Keys.NoMarker())
	}
	if p.filtered = len(filters) > 0; p.filtered {
		b, empty = b.WithFilter(Conjunction(filters)), false
	}
	if len(p.attrs) > 0 {
		b, empty = b.WithProjection(read.Names(p.attrs)), false
	}
	if empty {
		return nil
	}
	e, err := b.Build()
	p.expr = e
	return errors.Join(err, model.CheckExpressions(e.KeyCondition(), e.Filter(), e.Projection()), checkBound(e))
}

// checkBound refuses names and values of the SDK's own conditions that would be
// others when they arrive.
func checkBound(e expression.Expression) error {
	for _, name := range e.Names() {
		if !utf8.ValidString(name) {
			return errors.New("the name of an attribute is not UTF-8")
		}
	}
	for _, v := range e.Values() {
		if _, err := codec.EncodeAny(v); err != nil {
			return fmt.Errorf("a value of a condition: %w", err)
		}
	}
	return nil
}

// checkSort refuses a raw sort condition where there is no room for it.
func (p *Prepared) checkSort() error {
	rule := ""
	switch {
	case len(p.spec.sorts) == 0:
		return nil
	case p.plan.Scan:
		rule = "Sort needs a query of one partition"
	case len(p.spec.sorts) > 1, slices.ContainsFunc(p.sortConds(), func(c planner.KeyCond) bool { return !p.implied(c) }):
		rule = "a key takes one condition, and Sort is one"
	default:
		return nil
	}
	return &planner.Error{Index: p.plan.Index, Rule: rule}
}

// sortConds returns the key conditions behind those of the hash key.
func (p *Prepared) sortConds() []planner.KeyCond {
	return p.plan.Key[len(p.keys().Hash.Attributes()):]
}

// keys returns the keys of the table or the index that is read.
func (p *Prepared) keys() key.Spec { return p.table.KeySpec(p.plan.Index) }

// implied reports whether a sort condition comes of literals alone, no term.
func (p *Prepared) implied(c planner.KeyCond) bool {
	for _, a := range p.keys().Range.Attributes() {
		if a.Name() == c.Attr {
			return !slices.ContainsFunc(p.terms, func(t planner.Term) bool {
				return t.Attr == c.Attr || slices.Contains(model.PartNames(a), t.Attr)
			})
		}
	}
	return false
}

// termFilter is the filter of an equality that a scan of an index can't use
// as a key.
func termFilter(t planner.Term) expression.ConditionBuilder {
	return expression.NameNoDotSplit(t.Attr).Equal(expression.Value(t.Values[0]))
}

// Conjunction is that all conditions hold, of which there is one or more.
func Conjunction(all []expression.ConditionBuilder) expression.ConditionBuilder {
	if len(all) == 1 {
		return all[0]
	}
	return expression.And(all[0], all[1], all[2:]...)
}

func (p *Prepared) keyCondition() expression.KeyConditionBuilder {
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

func keyCondition(c planner.KeyCond) expression.KeyConditionBuilder {
	name, v := expression.Key(c.Attr), expression.Value(c.Values[0])
	switch c.Op {
	case expr.OpLt:
		return name.LessThan(v)
	case expr.OpLte:
		return name.LessThanEqual(v)
	case expr.OpGt:
		return name.GreaterThan(v)
	case expr.OpGte:
		return name.GreaterThanEqual(v)
	case expr.OpBetween:
		return name.Between(v, expression.Value(c.Values[1]))
	case expr.OpBeginsWith:
		return name.BeginsWith(values.Text(c.Values[0]))
	default:
		return name.Equal(v)
	}
}

// projected returns the attributes to ask for: those named and the keys, or the
// keys alone where the items are read by key afterwards, or where a count has to
// tell which are of this model. It is nil for all, or for none of a count.
func (p *Prepared) projected() []string {
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
		names = append(names, p.table.Tells...)
	}
	return model.Distinct(names)
}

// literals returns the composite keys with literals that what is read has, and
// what tells the kinds apart if items of unknown ones are left out.
func (p *Prepared) literals() []string {
	var names []string
	for _, c := range p.table.Keys.Composites {
		if model.HasLiteral(c) && p.has(c.Name()) {
			names = append(names, c.Name())
		}
	}
	if k := p.table.Kind; k != nil && k.Skip && !k.View {
		names = append(names, p.table.Identity()...)
	}
	return names
}

// has reports whether what is read has an attribute: a global index has its
// keys and those of the table, and what it projects.
func (p *Prepared) has(attr string) bool {
	idx := p.table.Index(p.plan.Index)
	return !p.plan.Global || idx.Projection() == types.ProjectionTypeAll || slices.Contains(idx.Included(), attr) ||
		slices.ContainsFunc(p.position, func(a key.Part) bool { return a.Name() == attr })
}

// meetsMarkers reports whether markers are among what is read: by a Scan of the
// table, or of an index whose keys are the table's and so the markers' too, but
// for one that asks for the literals of the model's keys.
func (p *Prepared) meetsMarkers() bool {
	k := p.table.Keys
	if !k.Marked || !p.plan.Scan {
		return false
	}
	foreign := func(a key.Part) bool { return !k.OfTable(a.Name()) }
	own := p.keys()
	return !slices.ContainsFunc(own.Hash.Attributes(), foreign) && !slices.ContainsFunc(own.Range.Attributes(), foreign) &&
		!slices.ContainsFunc(p.plan.Literals, func(c planner.KeyCond) bool { return c.Attr == k.Names[0] })
}
