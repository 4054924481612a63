package query

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/key"
)

// filtered returns the attributes that the filter reads beside those of the
// query's conditions.
func filtered(t *model.Table, q *Spec) ([]string, error) {
	var names []string
	if t.Stamps.Hides() {
		names = append(names, t.Stamps.Ends.Name)
	}
	for _, f := range q.filters {
		more, err := expr.AttributesOf(f)
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	return names, nil
}

// terms returns the conditions of a query as the planner takes them, with the
// node that each was made of; those of the key value have none.
func terms(t *model.Table, q *Spec) (all []planner.Term, nodes []*expr.Node, err error) {
	var errs []error
	if q.key != nil {
		errs = append(errs, keyTerms(t, q, &all))
		nodes = make([]*expr.Node, len(all))
	}
	for _, n := range flatten(q.conds) {
		if err := n.Check(); err != nil {
			errs = append(errs, err)
			continue
		}
		attrs := n.Attributes()
		for _, name := range attrs {
			if !t.Known(name) {
				errs = append(errs, &cond.AttrError{Type: t.Fields.Type, Attr: name, Rule: "the model has no such attribute" + t.Fields.Near(name)})
			}
		}
		one := planner.Term{Op: keyOp(n), Values: n.Values}
		if one.Attr = attrs[0]; len(attrs) > 1 || len(n.Path) != 1 {
			one.Attr, one.Attrs = "", attrs
		}
		all, nodes = append(all, one), append(nodes, n)
	}
	return all, nodes, errors.Join(errs...)
}

// keyTerms appends the equalities that a query's key value stands for.
func keyTerms(t *model.Table, q *Spec, terms *[]planner.Term) error {
	if q.index != "" && t.Index(q.index) == nil {
		return nil // the planner tells
	}
	own := t.KeySpec(q.index)
	hash, sort := own.Hash.Fields(), own.Range.Fields()
	given, ranged := q.key.HashParts(), q.key.RangeParts()
	if len(given) != len(hash) {
		return &key.Error{Attr: own.Hash.Name(), Rule: fmt.Sprintf("values of the hash key: want %d, not %d", len(hash), len(given))}
	}
	if len(ranged) > len(sort) {
		return &key.Error{Attr: own.Range.Name(), Rule: fmt.Sprintf("values of the sort key: want %d at most, not %d", len(sort), len(ranged))}
	}
	parts := slices.Concat(hash, sort[:len(ranged)])
	encoded, err := t.Keys.Encode(parts, append(given, ranged...))
	if err != nil {
		return err
	}
	for i, f := range parts {
		*terms = append(*terms, planner.Term{Attr: f.Name(), Op: expr.OpEq, Values: encoded[i : i+1]})
	}
	return nil
}

// flatten takes the ANDs at the top apart.
func flatten(nodes []*expr.Node) []*expr.Node {
	var out []*expr.Node
	for _, n := range nodes {
		if n != nil && n.Op == expr.OpAnd && len(n.Nodes) > 0 {
			out = append(out, flatten(n.Nodes)...)
			continue
		}
		out = append(out, n)
	}
	return out
}

// keyOp returns the operator of a condition that can be on a key.
func keyOp(n *expr.Node) expr.Op {
	if n.Size || len(n.Path) != 1 || !n.Op.OnKeys() {
		return expr.OpNone
	}
	return n.Op
}

// narrowed adds the condition of a view to the terms of a query, unless the
// query says which of its kinds it wants.
func narrowed(t *model.Table, q *Spec, terms []planner.Term, nodes []*expr.Node) ([]planner.Term, []*expr.Node, error) {
	if !t.IsView() || q.hydrate && !t.Projects(q.index, t.Kind.Attr) { // then the items themselves tell
		return terms, nodes, nil
	}
	k := t.Kind
	for _, one := range terms {
		if one.Attr != k.Attr || one.Op != expr.OpEq {
			continue
		}
		if av, ok := one.Values[0].(*types.AttributeValueMemberS); !ok || !slices.Contains(k.Held, av.Value) {
			return nil, nil, &cond.AttrError{Type: t.Fields.Type, Attr: k.Attr, Rule: "compared with what is no kind of this repository"}
		}
		return terms, nodes, nil
	}
	one := planner.Term{Attr: k.Attr, Values: k.Node.Values}
	if k.Node.Op == expr.OpEq {
		one.Op = expr.OpEq
	}
	return append(terms, one), append(nodes, k.Node), nil
}

// telling refuses an index whose items can't be told apart.
func telling(t *model.Table, q *Spec) error {
	if q.hydrate || q.count {
		return nil
	}
	for _, attr := range t.Tells {
		if !t.Projects(q.index, attr) {
			return &planner.Error{Index: q.index, Attr: attr, Rule: "tells the kinds apart, and the index does not project it: include it, or hydrate"}
		}
	}
	return nil
}
