package planner_test

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/expr"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/key"
)

// The models that plans are made for: fields a, b and c are strings, m and n
// integers, f is a number. Fields a and n are in every item.
var models = []planner.Request{
	{
		Key: key.Spec{Hash: key.String("a"), Range: key.Int("n")},
		Indexes: []index.Spec{
			index.Global("part", key.String("b"), key.Int("n")).Include("c"),
			index.Global("keys", key.String("c")).KeysOnly(),
			index.Global("all", key.String("b"), key.Number("f")),
			index.Global("same", key.String("c"), key.Int("m")),
			index.Local("lpart", key.Number("f")).KeysOnly(),
			index.Local("lall", key.String("c")),
		},
	},
	{
		Key: key.Spec{
			Hash:  key.Composite("pk", key.String("a"), key.Int("n")),
			Range: key.Composite("sk", key.String("b"), key.Int("m").Sortable(), key.String("c")),
		},
		Indexes: []index.Spec{
			index.Local("words", key.Composite("lsk", key.String("c"), key.String("b"))),
			index.Local("ints", key.Composite("isk", key.Int("m").Sortable(), key.Int("n").Sortable())).KeysOnly(),
			index.Global("turned", key.Composite("gpk", key.String("b"), key.String("c")), key.Composite("gsk", key.String("a"))),
			index.Global("inverted", key.Composite("sk", key.String("b"), key.Int("m").Sortable(), key.String("c")), key.String("a")),
		},
	},
	{
		Key: key.Spec{
			Hash:  key.Composite("pk", key.Literal("A"), key.String("a")),
			Range: key.Composite("sk", key.Literal("N"), key.Int("n").Sortable(), key.Literal("END")),
		},
		Indexes: []index.Spec{
			index.Global("lit", key.Composite("gpk", key.Literal("B"), key.String("b")), key.Composite("gsk", key.Literal("C"), key.String("c"))),
			index.Global("plain", key.String("c")),
			index.Local("digits", key.Composite("dsk", key.String("b"), key.Int("m"))),
			index.Local("loc", key.Int("m")),
		},
	},
	{
		Key: key.Spec{Hash: key.Composite("pk", key.String("a"), key.Int("n"))},
		Indexes: []index.Spec{
			index.Global("multi", key.Multi(key.String("a"), key.String("b")),
				key.Multi(key.Int("m"), key.Composite("csk", key.String("c"), key.Int("n").Sortable()), key.Number("f"))),
			index.Global("two", key.Multi(key.Int("m"), key.Number("f")), key.String("c")),
		},
	},
}

var (
	strs   = []string{"", "a", "ab", "b", "%", "a%", "a!", "~", "é", "a~"}
	delims = []string{"|", "a|", "a|b", "||", "A|a"} // hold the delimiter
	ints   = []int64{0, 1, -1, 5, 10, -10, math.MaxInt64, math.MinInt64}
	nums   = []string{"0", "1", "1.5", "-2", "1e2", "99.5", "-0.5"}
	fields = []string{"a", "b", "c", "m", "n", "f"}
)

type item = map[string]types.AttributeValue

// A draw makes choices from data; it chooses 0 where that has ended.
type draw struct {
	data    []byte
	delims  bool                              // strings may hold the delimiter
	palette map[string][]types.AttributeValue // the few values that items have
}

func (d *draw) n(choices int) int {
	if len(d.data) == 0 {
		return 0
	}
	c := int(d.data[0]) % choices
	d.data = d.data[1:]
	return c
}

func (d *draw) fresh(field string) types.AttributeValue {
	switch {
	case field == "m" || field == "n":
		return n(ints[d.n(len(ints))])
	case field == "f":
		return n(nums[d.n(len(nums))])
	case d.delims && d.n(3) == 0:
		return s(delims[d.n(len(delims))])
	}
	return s(strs[d.n(len(strs))])
}

// value draws one of the field's few values, so that items and terms meet.
func (d *draw) value(field string) types.AttributeValue {
	if d.palette == nil {
		d.palette = map[string][]types.AttributeValue{}
		for _, f := range fields {
			for range 1 + d.n(3) {
				d.palette[f] = append(d.palette[f], d.fresh(f))
			}
		}
	}
	return d.palette[field][d.n(len(d.palette[field]))]
}

// stored draws an item as a repository stores it: with its composites, and
// without what keeps it out of an index. Some items are of another model that
// is kept in the same table under other literals.
func (d *draw) stored(r planner.Request) (it item, foreign bool) {
	it = item{}
	for _, f := range fields {
		if f == "a" || f == "n" || d.n(5) > 0 {
			it[f] = d.value(f)
		}
	}
	if e := it["a"].(*types.AttributeValueMemberS); e.Value == "" {
		it["a"] = s("a")
	}
	for _, f := range []string{"b", "c", "m"} {
		if slices.ContainsFunc(r.Key.Range.Fields(), func(p key.Part) bool { return p.Name() == f }) && it[f] == nil {
			it[f] = d.value(f)
		}
	}
	foreign = d.n(6) == 0 && r.Key.Hash.Inside(door.Key{}).Parts() != nil && r.Key.Hash.Inside(door.Key{}).Parts()[0].Inside(door.Key{}).IsLiteral()
	for i, part := range keys(r) {
		switch {
		case !part.IsComposite():
			if i > 1 && it[part.Name()] != nil && empty(it[part.Name()]) {
				delete(it, part.Name())
			}
		case composite(part, it, i > 1) != nil:
			it[part.Name()] = composite(part, it, i > 1)
		}
	}
	if foreign {
		it["pk"] = s("OTHER|" + it["pk"].(*types.AttributeValueMemberS).Value)
	}
	return it, foreign
}

// keys returns the key attributes of the table, then of its indexes.
func keys(r planner.Request) []key.Part {
	parts := slices.Concat(r.Key.Hash.Attributes(), r.Key.Range.Attributes())
	if len(parts) == 1 {
		parts = append(parts, parts[0])
	}
	for _, idx := range r.Indexes {
		own := idx.Key(r.Key)
		for _, p := range slices.Concat(own.Hash.Attributes(), own.Range.Attributes()) {
			if !slices.ContainsFunc(parts, func(o key.Part) bool { return o.Name() == p.Name() }) {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// composite returns the attribute that an item has, nil if it has none (rule
// F7: an index composite needs a string part that is not empty).
func composite(part key.Part, it item, sparse bool) types.AttributeValue {
	var values []types.AttributeValue
	texts, blank := 0, 0
	for _, f := range part.Fields() {
		v := it[f.Name()]
		if v == nil {
			return nil
		}
		if f.Type() == types.ScalarAttributeTypeS {
			texts++
			if empty(v) {
				blank++
			}
		}
		values = append(values, v)
	}
	if sparse && texts > 0 && texts == blank {
		return nil
	}
	v, err := part.Inside(door.Key{}).Encode(values)
	if err != nil {
		panic(err)
	}
	return v
}

func empty(v types.AttributeValue) bool {
	text, ok := v.(*types.AttributeValueMemberS)
	return ok && text.Value == ""
}

// A drawn term and what it means to a filter.
type drawn struct {
	planner.Term
	holds func(item) bool
}

// terms draws conditions. Most begin with those that a key calls for:
// equalities on its leading fields and something on the next.
func (d *draw) terms(r planner.Request) []drawn {
	var all []drawn
	if d.n(4) > 0 {
		own := r.Key
		if i := d.n(len(r.Indexes) + 1); i < len(r.Indexes) {
			own = r.Indexes[i].Key(r.Key)
		}
		for _, f := range own.Hash.Fields() {
			all = append(all, d.on(f.Name(), expr.OpEq))
		}
		sort := own.Range.Fields()
		for i, f := range sort[:d.n(len(sort)+1)] {
			op := expr.OpEq
			if i == len(sort)-1 || d.n(3) == 0 {
				op = d.op(f.Name())
			}
			all = append(all, d.on(f.Name(), op))
		}
	}
	for range d.n(4) {
		all = append(all, d.any(r))
	}
	return all
}

func isText(field string) bool { return field == "a" || field == "b" || field == "c" }

// op draws an operator; the order of strings is left alone where they may hold
// the delimiter.
func (d *draw) op(field string) expr.Op {
	ops := []expr.Op{expr.OpLt, expr.OpLte, expr.OpGt, expr.OpGte, expr.OpBetween, expr.OpEq}
	switch {
	case isText(field) && d.delims:
		ops = []expr.Op{expr.OpBeginsWith, expr.OpEq}
	case isText(field):
		ops = append(ops, expr.OpBeginsWith)
	}
	return ops[d.n(len(ops))]
}

func (d *draw) on(field string, op expr.Op) drawn {
	draw := d.value
	switch d.n(8) {
	case 0, 1:
		draw = d.fresh
	case 2:
		if isText(field) {
			draw = func(string) types.AttributeValue { return s(delims[d.n(len(delims))]) }
		}
	}
	t := term(field, op, draw(field))
	if op == expr.OpBetween {
		t.Values = append(t.Values, draw(field))
	}
	return drawn{t, func(it item) bool { return holds(it, t.Attr, t.Op, t.Values) }}
}

func (d *draw) any(r planner.Request) drawn {
	f, g := fields[d.n(len(fields))], fields[d.n(len(fields))]
	switch d.n(8) {
	case 0:
		return drawn{either(f, g), func(it item) bool { return it[f] == nil || it[g] == nil }}
	case 1:
		return drawn{other(f), func(it item) bool { return it[f] != nil }}
	case 2: // a composite itself, by the value of some item
		composites := slices.DeleteFunc(keys(r), func(p key.Part) bool { return !p.IsComposite() })
		it, _ := d.stored(r)
		if len(composites) == 0 {
			break
		}
		part := composites[d.n(len(composites))]
		if v := composite(part, it, false); v != nil {
			t := term(part.Name(), []expr.Op{expr.OpEq, expr.OpGte, expr.OpLt}[d.n(3)], v)
			return drawn{t, func(it item) bool { return holds(it, t.Attr, t.Op, t.Values) }}
		}
	}
	return d.on(f, d.op(f))
}

// holds evaluates a condition as DynamoDB does: strings by bytes, numbers by
// value, nothing about a missing attribute.
func holds(it item, attr string, op expr.Op, values []types.AttributeValue) bool {
	v := it[attr]
	if v == nil {
		return false
	}
	if op == expr.OpBeginsWith {
		return strings.HasPrefix(v.(*types.AttributeValueMemberS).Value, values[0].(*types.AttributeValueMemberS).Value)
	}
	c := order(v, values[0])
	switch op {
	case expr.OpEq:
		return c == 0
	case expr.OpLt:
		return c < 0
	case expr.OpLte:
		return c <= 0
	case expr.OpGt:
		return c > 0
	case expr.OpGte:
		return c >= 0
	case expr.OpBetween:
		return c >= 0 && order(v, values[1]) <= 0
	default:
		panic(op)
	}
}

func order(a, b types.AttributeValue) int {
	if a, ok := a.(*types.AttributeValueMemberS); ok {
		return strings.Compare(a.Value, b.(*types.AttributeValueMemberS).Value)
	}
	x, _ := new(big.Rat).SetString(a.(*types.AttributeValueMemberN).Value)
	y, _ := new(big.Rat).SetString(b.(*types.AttributeValueMemberN).Value)
	return x.Cmp(y)
}

// property draws a table, a request and its plan, and holds what the plan finds
// against what the terms find. It returns the plan; ok is false if there is
// none.
func property(t require.TestingT, data []byte) (plan planner.Plan, found int, ok bool) {
	d := &draw{data: data}
	d.delims = d.n(4) == 0
	r := models[d.n(len(models))]
	all := d.terms(r)
	for _, t := range all {
		r.Terms = append(r.Terms, t.Term)
	}
	if d.n(4) == 0 {
		r.Forced = r.Indexes[d.n(len(r.Indexes))].Name()
	}
	r.Scan, r.Partition, r.Consistent, r.Literals = d.n(8) == 1, d.n(4) == 1, d.n(5) == 1, d.n(2) == 1
	if d.n(3) == 1 {
		r.Projected = []string{"a", "c"}[:1+d.n(2)]
	}
	if d.n(8) == 1 {
		r.Filtered = []string{"c"}
	}
	var items []item
	var foreign []bool
	for range 12 {
		it, f := d.stored(r)
		items, foreign = append(items, it), append(foreign, f)
	}

	plan, err := planner.Choose(r)
	if err != nil {
		require.ErrorIs(t, err, index.ErrPlan)
		require.True(t, mayFail(r), "no reason to fail: %v", err)
		return planner.Plan{}, 0, false
	}
	acceptable(t, r, plan)
	for i, it := range items {
		matches := !slices.ContainsFunc(all, func(t drawn) bool { return !t.holds(it) })
		finds := in(r, plan.Index, it) && !slices.ContainsFunc(append(plan.Key, plan.Literals...), func(c planner.KeyCond) bool {
			return !holds(it, c.Attr, c.Op, c.Values)
		}) && !slices.ContainsFunc(plan.Filter, func(i int) bool { return !all[i].holds(it) })
		if finds {
			found++
		}
		wrong := ""
		switch {
		case foreign[i]:
			onItself := slices.ContainsFunc(r.Terms, func(t planner.Term) bool { return t.Attr == "pk" || t.Attr == "sk" })
			if finds && (!matches || r.Literals && !onItself) {
				wrong = "finds an item of another model"
			}
		case matches && !in(r, plan.Index, it):
			if plan.Rule != planner.RuleForced && !mayLack(r, plan, it) {
				wrong = "loses an item that is not in the index"
			}
		case matches && !finds:
			wrong = "loses an item"
		case finds && !matches:
			wrong = "adds an item"
		}
		if wrong != "" {
			require.Fail(t, "the plan "+wrong, "%v\n%v\n%s", it, r.Terms, show(plan))
		}
	}
	return plan, found, true
}

// mayFail tells whether a request has what can be refused: an index by name,
// an equality on the whole hash key, or reversed bounds.
func mayFail(r planner.Request) bool {
	equal := func(p key.Part) bool {
		return slices.ContainsFunc(r.Terms, func(t planner.Term) bool { return t.Attr == p.Name() && t.Op == expr.OpEq })
	}
	whole := !slices.ContainsFunc(r.Key.Hash.Fields(), func(p key.Part) bool { return !equal(p) })
	return r.Forced != "" || whole || equal(r.Key.Hash) || slices.ContainsFunc(r.Terms, func(t planner.Term) bool {
		return t.Op == expr.OpBetween && order(t.Values[0], t.Values[1]) > 0
	})
}

func spec(r planner.Request, name string) (index.Spec, key.Spec) {
	if i := slices.IndexFunc(r.Indexes, func(s index.Spec) bool { return s.Name() == name }); i >= 0 {
		return r.Indexes[i], r.Indexes[i].Key(r.Key)
	}
	return index.Spec{}, r.Key
}

// in reports whether an item is in the table or the index.
func in(r planner.Request, name string, it item) bool {
	_, own := spec(r, name)
	return !slices.ContainsFunc(append(own.Hash.Attributes(), own.Range.Attributes()...), func(p key.Part) bool { return it[p.Name()] == nil })
}

// mayLack reports whether an item may be missed for want of the index's sort
// key: of all of it in a global index, of a part of it in a local one.
func mayLack(r planner.Request, p planner.Plan, it item) bool {
	_, own := spec(r, p.Index)
	return slices.ContainsFunc(own.Range.Attributes(), func(a key.Part) bool {
		return it[a.Name()] == nil && (p.Global || a.IsComposite())
	})
}

// acceptable holds a plan against what DynamoDB demands of a request.
func acceptable(t require.TestingT, r planner.Request, p planner.Plan) {
	idx, own := spec(r, p.Index)
	hash, sort := own.Hash.Attributes(), own.Range.Attributes()
	require.Equal(t, p.Global, p.Index != "" && !idx.IsLocal())
	require.False(t, p.Global && r.Consistent, "a consistent read of a global index")
	require.True(t, slices.IsSorted(p.Filter))
	if p.Scan {
		require.Empty(t, p.Key)
		require.Len(t, p.Filter, len(r.Terms))
	} else {
		require.GreaterOrEqual(t, len(p.Key), len(hash))
	}
	for i, c := range p.Key {
		part := append(hash, sort...)[i]
		require.Equal(t, part.Name(), c.Attr)
		require.True(t, c.Op == expr.OpEq || i >= len(hash) && i == len(p.Key)-1, "only the last condition is no equality")
		require.Len(t, c.Values, map[bool]int{true: 2, false: 1}[c.Op == expr.OpBetween])
		for _, v := range c.Values {
			require.False(t, empty(v), "a key that is empty")
		}
		if c.Op == expr.OpBetween {
			require.LessOrEqual(t, order(c.Values[0], c.Values[1]), 0, "bounds reversed")
		}
	}
	projected := slices.Clone(idx.Included())
	for _, part := range slices.Concat(hash, sort, r.Key.Hash.Attributes(), r.Key.Range.Attributes()) {
		projected = append(projected, part.Name())
	}
	whole := p.Index == "" || idx.Projection() == types.ProjectionTypeAll
	read := slices.Clone(r.Filtered)
	for _, i := range p.Filter {
		read = append(read, append(r.Terms[i].Attrs, r.Terms[i].Attr)...)
	}
	for _, c := range p.Literals {
		read = append(read, c.Attr)
	}
	for _, a := range slices.DeleteFunc(read, func(a string) bool { return a == "" }) {
		require.True(t, whole || slices.Contains(projected, a), "a filter on %s, which the index does not project", a)
		if !p.Scan && !slices.Contains(r.Filtered, a) {
			require.False(t, slices.ContainsFunc(append(hash, sort...), func(k key.Part) bool { return k.Name() == a }), "a filter on the own key %s", a)
		}
	}
	covered := whole || r.Projected != nil && !slices.ContainsFunc(r.Projected, func(a string) bool { return !slices.Contains(projected, a) })
	require.True(t, covered || !p.Global || r.Projected == nil, "a global index asked for what it does not project")
	require.Equal(t, p.Global && !covered, p.Partial)
	require.Equal(t, !whole && !p.Global && r.Projected == nil, p.Fetch)
	if p.Partial {
		require.Equal(t, planner.RuleForced, p.Rule)
	}
}

// A plan finds the items that the terms hold for, no more and no less, but for
// the exceptions that Choose documents.
func TestPlanFindsWhatTheTermsDo(t *testing.T) {
	t.Parallel()
	rules, failed, items := map[planner.Rule]int{}, 0, 0
	for seed := range uint64(1_500) {
		plan, found, ok := property(t, random(seed))
		if !ok {
			failed++
			continue
		}
		rules[plan.Rule]++
		if found > 0 && len(plan.Key)+len(plan.Filter) > 0 {
			items++
		}
	}
	assert.Len(t, rules, 9, "rules that no plan followed: %v", slices.Collect(maps.Keys(rules)))
	assert.Greater(t, items, 300, "plans that found something")
	assert.Less(t, failed, 400, "requests that were refused")
}

func random(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	data := make([]byte, 512)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

func FuzzChoose(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(random(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { property(t, data) })
}

// The exception of ranges over strings: a value that holds the delimiter is
// stored escaped, and stands in the order of the index where '%' does.
func TestStringRangeMissesTheDelimiter(t *testing.T) {
	t.Parallel()
	files := planner.Request{Key: key.Spec{
		Hash:  key.String("pk"),
		Range: key.Composite("sk", key.String("folder"), key.String("file")),
	}}
	plan, err := planner.Choose(with(files, terms(eq("pk", s("p")), eq("folder", s("f")), gte("file", s("a")))))
	require.NoError(t, err)
	require.Nil(t, plan.Filter)
	found := map[string]bool{}
	for _, file := range []string{"a", "|", "a|", "b"} {
		sk, err := files.Key.Range.Inside(door.Key{}).Encode([]types.AttributeValue{s("f"), s(file)})
		require.NoError(t, err)
		c := plan.Key[1]
		found[file] = holds(item{"sk": sk}, c.Attr, c.Op, c.Values)
	}
	assert.Equal(t, map[string]bool{"a": true, "a|": true, "b": true, "|": false}, found, fmt.Sprint(plan.Key))
}
