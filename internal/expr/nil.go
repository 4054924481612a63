package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// OverNil returns edits that do to an item what the given ones would if NULL were
// missing and the maps they lead through were there, and the conditions on which
// they do; nil where that is what the given ones do already. stored has the
// attributes that the edits are about.
//
// DynamoDB's expressions can't say it in one: a change within a map that is not
// there is an error, and so are appending to NULL and adding to it.
func OverNil(edits []*Edit, stored map[string]types.AttributeValue) (instead []*Edit, on []expression.ConditionBuilder, err error) {
	var out over
	for _, e := range edits {
		if err := out.edit(e, stored); err != nil {
			return nil, nil, err
		}
	}
	for _, m := range out.made {
		if len(m.value.Value) == 0 { // there was nothing to remove
			out.edits = append(out.edits, &Edit{Op: EditRemove, Path: m.path})
			continue
		}
		out.edits = append(out.edits, &Edit{Op: EditSet, Path: m.path, Value: m.value})
	}
	if len(out.on) == 0 {
		return nil, nil, nil
	}
	return out.edits, out.on, nil
}

type over struct {
	edits []*Edit
	made  []*madeMap
	on    []expression.ConditionBuilder
}

// A madeMap is a map that is stored in place of nothing.
type madeMap struct {
	path  Path
	value *types.AttributeValueMemberM
}

func (o *over) edit(e *Edit, stored map[string]types.AttributeValue) error {
	n, null := nilAt(e.Path, stored)
	switch {
	case n == 0 || n == len(e.Path) && !null:
		o.edits = append(o.edits, e)
	case n == len(e.Path):
		o.leaf(e)
	default:
		if slices.ContainsFunc(e.Path[n:], func(s Step) bool { return s.Name == "" }) {
			return &fault{attr: e.Path.String(), rule: "the item has no list at " + e.Path[:n].String() + ", and no element can be changed in it"}
		}
		o.within(e, n, null)
	}
	return nil
}

// leaf is an edit of NULL.
func (o *over) leaf(e *Edit) {
	switch e.Op {
	case EditSet, EditRemove:
		o.edits = append(o.edits, e)
		return
	case EditDelete:
		o.edits = append(o.edits, &Edit{Op: EditRemove, Path: e.Path})
	default:
		o.edits = append(o.edits, &Edit{Op: EditSet, Path: e.Path, Value: e.Value})
	}
	o.on = append(o.on, IsNull(e.Path))
}

// within is an edit within a map that is not there.
func (o *over) within(e *Edit, n int, null bool) {
	at := slices.IndexFunc(o.made, func(m *madeMap) bool { return slices.Equal(m.path, e.Path[:n]) })
	if at < 0 {
		at = len(o.made)
		o.made = append(o.made, &madeMap{e.Path[:n], &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}})
		on := Missing
		if null {
			on = IsNull
		}
		o.on = append(o.on, on(e.Path[:n]))
	}
	if e.Op == EditRemove || e.Op == EditDelete {
		return
	}
	m := o.made[at].value.Value
	for _, s := range e.Path[n : len(e.Path)-1] {
		next, ok := m[s.Name].(*types.AttributeValueMemberM)
		if !ok { // else it was made here: two edits never overlap
			next = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
			m[s.Name] = next
		}
		m = next.Value
	}
	m[e.Path[len(e.Path)-1].Name] = e.Value
}

// nilAt returns how many steps of a path lead to the first thing that is nil,
// and whether it is NULL; 0 if there is none.
func nilAt(p Path, stored map[string]types.AttributeValue) (steps int, null bool) {
	var av types.AttributeValue = &types.AttributeValueMemberM{Value: stored}
	for i, s := range p {
		var ok bool
		if av, ok = s.of(av); !ok {
			return 0, false
		}
		if av == nil {
			return i + 1, false
		}
		if _, null := av.(*types.AttributeValueMemberNULL); null {
			return i + 1, true
		}
	}
	return 0, false
}
