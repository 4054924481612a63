package cond_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
)

var (
	name  = cond.Field(func(p *person) *string { return &p.Name })
	size  = cond.Field(func(p *person) *int { return &p.Size })
	tags  = cond.Field(func(p *person) *[]string { return &p.Tags })
	notes = cond.Field(func(p *person) *[]string { return &p.Notes })
	years = cond.Field(func(p *person) *[]int { return &p.Years })
	lines = cond.Field(func(p *person) *[]line { return &p.Lines })
	photo = cond.Field(func(p *person) *[]byte { return &p.Photo })
	zip   = cond.Field(func(p *person) *int { return &p.Work.Zip })
	sku   = cond.Name[person]("lines[1].sku")
)

// Rule D2: each operator as the SDK sends it; names always aliased (rule D3).
func TestOperators(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		c    cond.Cond[person]
		want string
	}{
		"eq":             {size.Eq(3), "#0 = :0; #0 size; :0 N 3"},
		"ne":             {size.Ne(3), "#0 <> :0; #0 size; :0 N 3"},
		"lt":             {size.Lt(3), "#0 < :0; #0 size; :0 N 3"},
		"lte":            {size.Lte(3), "#0 <= :0; #0 size; :0 N 3"},
		"gt":             {name.Gt("a"), "#0 > :0; #0 name; :0 S a"},
		"gte":            {name.Gte(""), "#0 >= :0; #0 name; :0 S "},
		"gt, bytes":      {photo.Gt([]byte{7}), "#0 > :0; #0 photo; :0 B 07"},
		"between":        {size.Between(1, 2), "#0 BETWEEN :0 AND :1; #0 size; :0 N 1; :1 N 2"},
		"begins with":    {name.BeginsWith("a"), "begins_with (#0, :0); #0 name; :0 S a"},
		"in":             {size.In(1, 2), "#0 IN (:0, :1); #0 size; :0 N 1; :1 N 2"},
		"in of one":      {size.In(1), "#0 IN (:0); #0 size; :0 N 1"},
		"contains":       {name.Contains("b"), "contains (#0, :0); #0 name; :0 S b"},
		"not contains":   {tags.NotContains("b"), "NOT (contains (#0, :0)); #0 tags; :0 S b"},
		"exists":         {name.Exists(), "attribute_exists (#0); #0 name"},
		"not exists":     {name.NotExists(), "attribute_not_exists (#0); #0 name"},
		"null":           {name.Null(), "(attribute_not_exists (#0)) OR (attribute_type (#0, :0)); #0 name; :0 S NULL"},
		"not null":       {name.NotNull(), "NOT ((attribute_not_exists (#0)) OR (attribute_type (#0, :0))); #0 name; :0 S NULL"},
		"type":           {tags.Type(expression.StringSet), "attribute_type (#0, :0); #0 tags; :0 S SS"},
		"size eq":        {tags.Size().Eq(3), "size (#0) = :0; #0 tags; :0 N 3"},
		"size ne":        {tags.Size().Ne(3), "size (#0) <> :0; #0 tags; :0 N 3"},
		"size lt":        {tags.Size().Lt(3), "size (#0) < :0; #0 tags; :0 N 3"},
		"size lte":       {tags.Size().Lte(3), "size (#0) <= :0; #0 tags; :0 N 3"},
		"size gt":        {tags.Size().Gt(3), "size (#0) > :0; #0 tags; :0 N 3"},
		"size gte":       {tags.Size().Gte(3), "size (#0) >= :0; #0 tags; :0 N 3"},
		"size between":   {tags.Size().Between(3, 4), "size (#0) BETWEEN :0 AND :1; #0 tags; :0 N 3; :1 N 4"},
		"a number's own": {size.Size().Eq(1), "size (#0) = :0; #0 size; :0 N 1"},

		"nested":             {zip.Eq(7), "#0.#1 = :0; #0 work; #1 zip; :0 S 7"},
		"nested size":        {cond.Name[person]("work.street").Size().Gt(1), "size (#0.#1) > :0; #0 work; #1 street; :0 N 1"},
		"list element":       {sku.Eq("k"), "#0[1].#1 = :0; #0 lines; #1 sku; :0 S k"},
		"list of lists":      {cond.Name[person]("m[0][12].x[3]").Exists(), "attribute_exists (#0[0][12].#1[3]); #0 m; #1 x"},
		"a dot in a name":    {cond.Name[person]("a.b").Exists(), "attribute_exists (#0); #0 a.b"},
		"a colon in a name":  {cond.Name[person]("_x: y").Exists(), "attribute_exists (#0); #0 _x: y"},
		"one name twice":     {cond.Name[person]("tree.next.next").Exists(), "attribute_exists (#0.#1.#1); #0 tree; #1 next"},
		"a name of our form": {cond.Name[person]("#0.:0").Eq(1), "#0.#1 = :0; #0 #0; #1 :0; :0 N 1"},

		"and":           {cond.And(size.Eq(1), name.Eq("a"), tags.Exists()), "(#0 = :0) AND (#1 = :1) AND (attribute_exists (#2)); #0 size; #1 name; #2 tags; :0 N 1; :1 S a"},
		"or":            {cond.Or(size.Eq(1), size.Eq(2)), "(#0 = :0) OR (#0 = :1); #0 size; :0 N 1; :1 N 2"},
		"not":           {cond.Not(size.Eq(1)), "NOT (#0 = :0); #0 size; :0 N 1"},
		"and of one":    {cond.And(size.Eq(1)), "#0 = :0; #0 size; :0 N 1"},
		"or of one":     {cond.Or(size.Eq(1)), "#0 = :0; #0 size; :0 N 1"},
		"not not":       {cond.Not(cond.Not(size.Eq(1))), "NOT (NOT (#0 = :0)); #0 size; :0 N 1"},
		"or within and": {cond.And(name.Exists(), cond.Or(size.Lt(1), size.Gt(9))), "(attribute_exists (#0)) AND ((#1 < :0) OR (#1 > :1)); #0 name; #1 size; :0 N 1; :1 N 9"},
		"and within not within or": {
			cond.Or(cond.Not(cond.And(size.Eq(1), size.Eq(2))), cond.And(name.Null())),
			"(NOT ((#0 = :0) AND (#0 = :1))) OR ((attribute_not_exists (#1)) OR (attribute_type (#1, :2))); #0 size; #1 name; :0 N 1; :1 N 2; :2 S NULL",
		},
	}
	for given, tt := range tests {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, built(t, tt.c))
		})
	}
}

// Rule D2: an IN of more than 100 values is split.
func TestInOfMany(t *testing.T) {
	t.Parallel()
	for n, sizes := range map[int][]int{
		1: {1}, 99: {99}, 100: {100}, 101: {100, 1}, 200: {100, 100}, 250: {100, 100, 50},
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			values := make([]int, n)
			for i := range values {
				values[i] = i
			}
			text := built(t, size.In(values...))
			var lists []int
			for _, in := range strings.SplitAfter(strings.Split(text, ";")[0], "IN")[1:] {
				lists = append(lists, strings.Count(in, ":"))
			}
			assert.Equal(t, sizes, lists)
			assert.Equal(t, len(sizes)-1, strings.Count(text, " OR "))
			assert.Equal(t, n, strings.Count(text, "; :"))
		})
	}
	several := built(t, cond.Not(size.In(slices.Repeat([]int{1}, 101)...)))
	assert.True(t, strings.HasPrefix(several, "NOT ((#0 IN ("), several)
}

func TestEmptyConditions(t *testing.T) {
	t.Parallel()
	var zero cond.Cond[person]
	assert.Nil(t, zero.Node())
	for given, c := range map[string]cond.Cond[person]{
		"zero":             zero,
		"and of nothing":   cond.And[person](),
		"or of nothing":    cond.Or[person](),
		"not of nothing":   cond.Not(zero),
		"and of zero":      cond.And(zero),
		"zero among some":  cond.Or(size.Eq(1), zero),
		"nothing in depth": cond.Not(cond.And(size.Eq(1), cond.Or[person]())),
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, c.Err(), cond.ErrEmpty)
			assert.EqualError(t, c.Err(), "cond: an empty condition or change")
			_, err := c.Node().Compile()
			assert.Equal(t, c.Err(), err)
		})
	}
	_, err := (&expr.Node{}).Compile()
	assert.ErrorIs(t, err, cond.ErrEmpty)
}

// Every error is told, not the first alone.
func TestErrorsAreJoined(t *testing.T) {
	t.Parallel()
	err := cond.And(size.In(), name.Exists(), cond.Or(cond.Name[person]("x.").Exists(), cond.Cond[person]{})).Err()
	require.ErrorIs(t, err, cond.ErrAttr)
	require.ErrorIs(t, err, cond.ErrEmpty)
	assert.Equal(t, []string{
		"cond: cond_test.person: attribute size: in needs a value",
		"cond: cond_test.person: attribute x.: an empty name in the path",
		"cond: an empty condition or change",
	}, strings.Split(err.Error(), "\n"))
}

// Nodes made by hand are refused, not misread.
func TestNodesByHand(t *testing.T) {
	t.Parallel()
	path := expr.Path{{Name: "size"}}
	for given, tt := range map[string]struct {
		node expr.Node
		text string
	}{
		"a prefix that is no string": {
			expr.Node{Op: expr.OpBeginsWith, Path: path, Values: []types.AttributeValue{&types.AttributeValueMemberN{Value: "4242"}}},
			"cond: attribute size: begins_with takes a string",
		},
		"a size under another operator": {
			expr.Node{Op: expr.OpIn, Path: path, Size: true, Values: []types.AttributeValue{&types.AttributeValueMemberN{Value: "4242"}}},
			"cond: no comparison in",
		},
		"an unknown operator": {
			expr.Node{Op: 99, Path: path, Values: []types.AttributeValue{nil}},
			"cond: no comparison Op(99)",
		},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			_, err := tt.node.Compile()
			assert.EqualError(t, err, tt.text)
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		c     cond.Cond[person]
		text  string
		attrs []string
	}{
		"comparison":   {size.Gte(4242), "size >= ?", []string{"size"}},
		"between":      {size.Between(1, 4242), "size between ? and ?", []string{"size"}},
		"exists":       {name.NotExists(), "name not exists", []string{"name"}},
		"null":         {name.Null(), "name null", []string{"name"}},
		"size":         {sku.Size().Lt(3), "size(lines[1].sku) < ?", []string{"lines"}},
		"size between": {tags.Size().Between(1, 3), "size(tags) between ? and ?", []string{"tags"}},
		"in":           {size.In(1, 2, 3), "size in ?", []string{"size"}},
		"nested":       {zip.Ne(1), "work.zip <> ?", []string{"work"}},
		"and": {
			cond.And(size.Gt(1), cond.Or(tags.NotContains("x"), name.Exists()), cond.Not(size.Eq(1))),
			"size > ? and (tags not contains ? or name exists) and not (size = ?)",
			[]string{"size", "tags", "name"},
		},
		"not of or":  {cond.Not(cond.Or(name.BeginsWith("x"), tags.Type("SS"))), "not (name begins_with ? or tags attribute_type ?)", []string{"name", "tags"}},
		"nothing":    {cond.Cond[person]{}, "", nil},
		"of nothing": {cond.And(cond.Cond[person]{}), "", nil},
	}
	for given, tt := range tests {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.text, tt.c.Node().String())
			assert.Equal(t, tt.attrs, tt.c.Node().Attributes())
		})
	}
	assert.Equal(t, "begins_with", expr.OpBeginsWith.String())
	assert.Equal(t, "Op(99)", expr.Op(99).String())
}

func TestAttributesOf(t *testing.T) {
	t.Parallel()
	n := expression.Name
	tests := map[string]struct {
		c    expression.ConditionBuilder
		want []string
	}{
		"one":              {n("a").AttributeExists(), []string{"a"}},
		"two":              {n("a").Equal(n("b")), []string{"a", "b"}},
		"each once":        {n("a").Equal(expression.Value(1)).And(n("b").Size().GreaterThan(n("a"))), []string{"a", "b"}},
		"nested":           {n("a.b[1].c").Equal(n("c.a")), []string{"a", "c"}},
		"a list's element": {n("a[0]").Equal(expression.Value(1)).Not(), []string{"a"}},
		"a dot in a name":  {expression.NameNoDotSplit("a.b").Contains("x"), []string{"a.b"}},
		"a value that looks like a name": {
			n("a").Equal(expression.Value("#1")).Or(n("a").In(expression.Value("#0.#1"), expression.Value(2))), []string{"a"},
		},
		"more than ten": {
			expression.And(n("a0").AttributeExists(), n("a1").AttributeExists(), n("a2").AttributeExists(), n("a3").AttributeExists(), n("a4").AttributeExists(),
				n("a5").AttributeExists(), n("a6").AttributeExists(), n("a7").AttributeExists(), n("a8").AttributeExists(), n("a9").AttributeExists(), n("x.a10").AttributeExists(), n("a1.x").AttributeExists()),
			[]string{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "x"},
		},
	}
	for given, tt := range tests {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			got, err := expr.AttributesOf(tt.c)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
	_, err := expr.AttributesOf(expression.ConditionBuilder{})
	var unset expression.UnsetParameterError
	require.ErrorAs(t, err, &unset)
	assert.True(t, strings.HasPrefix(err.Error(), "cond: "))
}

// TestZeroAttr: what is made of no attribute is refused, and nothing panics.
func TestZeroAttr(t *testing.T) {
	t.Parallel()
	var zero cond.Attr[person, string]
	require.ErrorIs(t, zero.Err(), cond.ErrAttr)
	assert.Empty(t, zero.Path())
	require.ErrorIs(t, zero.Eq("x").Err(), cond.ErrAttr)
	require.ErrorIs(t, zero.In("x", "y").Err(), cond.ErrAttr)
	require.ErrorIs(t, zero.Contains("x").Err(), cond.ErrAttr)
	require.ErrorIs(t, zero.Size().Gt(1).Err(), cond.ErrAttr)
	require.ErrorIs(t, zero.Set("x").Err(), cond.ErrAttr)
	require.ErrorIs(t, zero.Append("x").Err(), cond.ErrAttr)
	require.ErrorIs(t, zero.Remove().Err(), cond.ErrAttr)
	require.ErrorIs(t, cond.As[any](zero).Exists().Err(), cond.ErrAttr)
}
