package query

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"

	"github.com/dynarepo/dynarepo/internal/place"
	"github.com/dynarepo/dynarepo/key"
)

// Prepared is a query that was planned: what every request of it has in
// common.
type Prepared struct {
	table    *model.Table
	spec     *Spec
	plan     planner.Plan
	expr     expression.Expression
	filtered bool
	position []key.Part // attributes of a cursor: the table's keys, then the index's (rule B2)
	attrs    []string   // asked for; nil for all, or for none of a count
	terms    []planner.Term
	nodes    []*expr.Node // of which the terms were made; nil for those of the key value
}

// prepare plans a query and compiles its expressions. It sends nothing.
func prepare(t *model.Table, q *Spec, now time.Time) (*Prepared, error) {
	p := &Prepared{table: t, spec: q}
	errs := slices.Clone(q.errs)
	all, nodes, err := terms(t, q)
	errs = append(errs, err)
	for _, name := range q.project {
		if !t.Known(name) {
			errs = append(errs, fmt.Errorf("attribute %s: the model has no such attribute%s", name, t.Fields.Near(name)))
		}
	}
	if q.key == nil && len(q.sorts) > 0 && len(all) == 0 {
		errs = append(errs, errors.New("Sort needs a query of one partition"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := telling(t, q); err != nil {
		return nil, err
	}
	if p.terms, p.nodes, err = narrowed(t, q, all, nodes); err != nil {
		return nil, err
	}
	wanted := q.project
	if q.hydrate || q.count {
		wanted = nil // of the index itself nothing but the keys is needed
	}
	besides, err := filtered(t, q)
	if err != nil {
		return nil, err
	}
	p.plan, err = planner.Choose(planner.Request{
		Key:        t.Keys.Spec,
		Indexes:    t.Indexes,
		Terms:      p.terms,
		Forced:     q.index,
		Scan:       q.scan,
		Partition:  q.key != nil,
		Consistent: q.consistent,
		Projected:  wanted,
		Filtered:   besides,
		Sorted:     len(q.sorts) > 0,
		Kept:       kept(t),
		Literals:   !t.Refuses(),
	})
	if err != nil {
		return nil, err
	}
	if p.plan.Rule == planner.RuleNone && len(p.unserved()) == 0 { // but for that of a view
		p.plan.Rule, p.plan.Suggest = planner.RuleNoConditions, ""
	}
	if p.plan.Partial && !q.partial && !q.hydrate && !q.count && len(q.project) == 0 {
		if err := partial(t, p.plan.Index); err != nil {
			return nil, err
		}
	}
	if err := p.fitting(); err != nil {
		return nil, err
	}
	for _, c := range p.plan.Key {
		if err := t.Keys.Reserved(c.Attr, c.Values[0]); err != nil {
			return nil, err
		}
	}
	p.position = t.Position(p.plan.Index)
	p.attrs = p.projected()
	return p, p.compile(now)
}

// unserved returns the attributes whose conditions forced a scan that was not
// asked for: of the table, or of an index that was named without its hash key.
func (p *Prepared) unserved() []string {
	if !p.plan.Scan || p.spec.scan {
		return nil
	}
	var names []string
	for i, t := range p.terms {
		if p.table.IsView() && p.nodes[i] == p.table.Kind.Node {
			continue
		}
		if names = append(names, t.Attrs...); t.Attr != "" {
			names = append(names, t.Attr)
		}
	}
	return model.Distinct(names)
}

// admit applies the scan policy to a scan that conditions forced (rule C5).
func (p *Prepared) admit(c *send.Conn) error {
	if len(p.unserved()) == 0 {
		return nil
	}
	names := strings.Join(p.unserved(), ", ")
	switch c.Scans {
	case send.ScansRefused:
		return fault.Because(fault.ErrScanRefused, fmt.Errorf("%v: %s", planner.RuleNone, names))
	case send.ScansWarn:
		c.Log.Warn("dynarepo: conditions force a scan", slog.String("table", p.table.Name), slog.String("index", p.plan.Index),
			slog.String("conditions", names), slog.String("suggest", p.plan.Suggest))
	case send.ScansAllowed:
	}
	return nil
}

// binding is what a cursor of the query belongs to.
func (p *Prepared) binding() place.Binding {
	b := place.Binding{
		Table: p.table.Name, Index: p.plan.Index, Segments: p.spec.segments,
		Descending: p.spec.descending && !p.plan.Scan,
	}
	if alone := p.spec.part; alone.of > 0 {
		b.Segments, b.Segment = alone.of, alone.segment+1
	}
	if !p.plan.Scan {
		for i := range p.keys().Hash.Attributes() {
			b.Partition += string(values.AppendID(nil, p.plan.Key[i].Values[0]))
		}
	}
	return b
}

// fail wraps an error of the query.
func (p *Prepared) fail(err error) error {
	op := "Query"
	if p.plan.Scan {
		op = "Scan"
	}
	return p.table.Fail(op, p.plan.Index, nil, err)
}

// partial refuses to take the parts of items that an index has for the items
// (rule O9).
func partial(t *model.Table, name string) error {
	var lacks []string
	for _, f := range t.Fields.Fields {
		// A composite brings its parts.
		made := slices.ContainsFunc(t.Keys.Composites, func(c key.Part) bool {
			return t.Projects(name, c.Name()) && slices.Contains(model.PartNames(c), f.Name)
		})
		if !made && !t.Projects(name, f.Name) {
			lacks = append(lacks, f.Name)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return &planner.Error{Index: name, Rule: "it does not project " + strings.Join(lacks, ", ") +
		": Project what is needed, Hydrate the items, or take their parts with Partial"}
}
