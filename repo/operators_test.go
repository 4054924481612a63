package repo_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// price says itself how it is stored: as a number of cents.
type price struct{ Cents int }

func (p price) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return num(fmt.Sprint(p.Cents)), nil
}

func (p *price) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	n, ok := av.(*types.AttributeValueMemberN)
	if !ok {
		return errors.New("want a number")
	}
	_, err := fmt.Sscan(n.Value, &p.Cents)
	return err
}

type part struct {
	SKU   string    `dynamodbav:"sku"`
	Since time.Time `dynamodbav:"since,unixtime"`
}

// gadget has an attribute of each kind, under names that DynamoDB reserves and
// names that no expression may hold as they are.
type gadget struct {
	Shop   string            `dynamodbav:"_shop.id"`
	No     int               `dynamodbav:"no: 1"`
	Name   string            `dynamodbav:"name"`
	Size   int               `dynamodbav:"size"`
	Status *string           `dynamodbav:"status"`
	Tags   []string          `dynamodbav:"tags,stringset"`
	Years  []int             `dynamodbav:"years,numberset"`
	Keys   [][]byte          `dynamodbav:"keys,binaryset"`
	Notes  []string          `dynamodbav:"list"`
	Parts  []part            `dynamodbav:"parts"`
	Main   part              `dynamodbav:"main"`
	Labels map[string]string `dynamodbav:"map"`
	Photo  []byte            `dynamodbav:"data"`
	Active bool              `dynamodbav:"boolean"`
	Seen   time.Time         `dynamodbav:"time stamp"`
	Ends   time.Time         `dynamodbav:"ttl,unixtime"`
	Price  price             `dynamodbav:"value"`
	Dotted string            `dynamodbav:"a.b"`
	Under  string            `dynamodbav:"_a:b c"`
}

var (
	gShop   = cond.Field(func(g *gadget) *string { return &g.Shop })
	gNo     = cond.Field(func(g *gadget) *int { return &g.No })
	gName   = cond.Field(func(g *gadget) *string { return &g.Name })
	gSize   = cond.Field(func(g *gadget) *int { return &g.Size })
	gStatus = cond.Field(func(g *gadget) **string { return &g.Status })
	gTags   = cond.Field(func(g *gadget) *[]string { return &g.Tags })
	gYears  = cond.Field(func(g *gadget) *[]int { return &g.Years })
	gKeys   = cond.Field(func(g *gadget) *[][]byte { return &g.Keys })
	gNotes  = cond.Field(func(g *gadget) *[]string { return &g.Notes })
	gParts  = cond.Field(func(g *gadget) *[]part { return &g.Parts })
	gMain   = cond.Field(func(g *gadget) *part { return &g.Main })
	gSince  = cond.Field(func(g *gadget) *time.Time { return &g.Main.Since })
	gLabels = cond.Field(func(g *gadget) *map[string]string { return &g.Labels })
	gPhoto  = cond.Field(func(g *gadget) *[]byte { return &g.Photo })
	gActive = cond.Field(func(g *gadget) *bool { return &g.Active })
	gSeen   = cond.Field(func(g *gadget) *time.Time { return &g.Seen })
	gEnds   = cond.Field(func(g *gadget) *time.Time { return &g.Ends })
	gPrice  = cond.Field(func(g *gadget) *price { return &g.Price })
	gDotted = cond.Field(func(g *gadget) *string { return &g.Dotted })
	gUnder  = cond.Field(func(g *gadget) *string { return &g.Under })

	epoch = time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.UTC)
)

// gadgets returns a repository with six items of one shop:
//
//	1 has something everywhere, 2 much the same and more of it;
//	3 has zero values: NULL in status and list, as other programs store nil, no
//	sets, empty strings;
//	4 has a name and an attribute that gadgets lack, and nothing else;
//	5 and 6 are as 1, to tell them by name: "größe" and "日本".
func gadgets(t *testing.T) *repo.Repo[gadget] {
	t.Helper()
	db, _ := open(t)
	r := create[gadget](t, db, repo.Spec{
		Table: "gadgets",
		Key:   key.Spec{Hash: key.String("_shop.id"), Range: key.Int("no: 1")},
		Indexes: []index.Spec{
			index.Global("by_name", key.String("name"), key.Int("size")),
			index.Global("by_odd", key.String("a.b"), key.String("_a:b c")),
			index.Local("by_size", key.Int("size")),
			index.Local("by_data", key.Binary("data")),
			index.Local("by_under", key.String("_a:b c")).Include("a.b", "status"),
		},
		Loose:    []string{"loose"},
		OnDemand: true,
	})
	status := "new"
	one := gadget{
		Shop: "s", No: 1, Name: "Ann", Size: 10, Status: &status, Tags: []string{"a", "b"}, Years: []int{1999, 2000}, Keys: [][]byte{{1}, {2}},
		Notes: []string{"x", "y"}, Parts: []part{{SKU: "k1", Since: epoch}, {SKU: "k2"}}, Main: part{SKU: "k0", Since: epoch},
		Labels: map[string]string{"size": "small", "_a.b": "odd"}, Photo: []byte{1, 2}, Active: true, Seen: epoch, Ends: epoch,
		Price: price{99}, Dotted: "d1", Under: "u1",
	}
	two := one
	used := "used"
	two.No, two.Name, two.Size, two.Status, two.Tags, two.Years, two.Keys = 2, "Anna", 200, &used, []string{"b", "c", "d"}, []int{2000}, [][]byte{{2}}
	two.Notes, two.Parts, two.Photo, two.Active = []string{"y", "z", "x"}, []part{{SKU: "k2"}}, []byte{1, 3, 0}, false
	two.Seen, two.Ends, two.Main.Since, two.Price, two.Dotted, two.Under = epoch.Add(time.Nanosecond), epoch.Add(time.Hour), epoch.Add(time.Hour), price{100}, "d2", "u2"
	three := gadget{Shop: "s", No: 3}
	five, six := one, one
	five.No, five.Name, five.Size, six.No, six.Name, six.Size = 5, "größe", 9, 6, "日本", -3
	for _, g := range []*gadget{&one, &two, &three, &five, &six} {
		require.NoError(t, r.Put(t.Context(), g))
	}
	as3 := stored(t, r, av{"_shop.id": str("s"), "no: 1": num("3")})
	for _, name := range []string{"status", "list", "parts", "map"} {
		as3[name] = &types.AttributeValueMemberNULL{Value: true}
	}
	store(t, r, as3)
	store(t, r, av{"_shop.id": str("s"), "no: 1": num("4"), "name": str("Ann"), "loose": num("7")})
	return r
}

// found collects a query and returns the numbers of its items.
func found(t *testing.T, q repo.Query[gadget]) []int {
	t.Helper()
	items, err := q.Collect(t.Context())
	require.NoError(t, err)
	var numbers []int
	for _, g := range items {
		numbers = append(numbers, g.No)
	}
	return numbers
}

// Rules D2, D3 and D4: each operator as a filter.
func TestFilterOperators(t *testing.T) {
	t.Parallel()
	r := gadgets(t)
	of := cond.Name[gadget]
	all, none := []int{1, 2, 3, 4, 5, 6}, []int(nil)
	used, x := "used", "x"
	for given, tt := range map[string]struct {
		c    cond.Cond[gadget]
		want []int
	}{
		"eq":                   {gName.Eq("Ann"), []int{1, 4}},
		"eq, a number":         {gSize.Eq(10), []int{1}},
		"eq, missing":          {gSize.Eq(0), []int{3}}, // not in 4
		"eq, empty string":     {gDotted.Eq(""), none},  // an index's key that is empty is left out
		"ne, also missing":     {gSize.Ne(10), []int{2, 3, 4, 5, 6}},
		"lt, numbers by value": {gSize.Lt(10), []int{3, 5, 6}},
		"lte":                  {gSize.Lte(10), []int{1, 3, 5, 6}},
		"gt":                   {gSize.Gt(9), []int{1, 2}},
		"gte":                  {gSize.Gte(9), []int{1, 2, 5}},
		"between, inclusive":   {gSize.Between(9, 10), []int{1, 5}},
		"strings by bytes":     {gName.Gt("Anna"), []int{5, 6}},
		"bytes by bytes":       {gPhoto.Gte([]byte{1, 3}), []int{2}},
		"begins with":          {gName.BeginsWith("Ann"), []int{1, 2, 4}},
		"begins with, bytes":   {gName.BeginsWith("gr\xc3\xb6"), []int{5}},
		"begins with nothing":  {gUnder.BeginsWith(""), []int{1, 2, 5, 6}},
		"begins with, number":  {gSize.BeginsWith("1"), none},
		"in":                   {gSize.In(9, 200, 5), []int{2, 5}},
		"in, one":              {gName.In("Anna"), []int{2}},
		"contains, a part":     {gName.Contains("nn"), []int{1, 2, 4}},
		"contains, a member":   {gTags.Contains("b"), []int{1, 2, 5, 6}},
		"contains, a number":   {gYears.Contains(1999), []int{1, 5, 6}},
		"contains, bytes":      {gKeys.Contains([]byte{1}), []int{1, 5, 6}},
		"contains, an element": {gNotes.Contains("z"), []int{2}},
		"contains, a struct":   {gParts.Contains(part{SKU: "k1", Since: epoch}), []int{1, 5, 6}},
		"not contains":         {gTags.NotContains("a"), []int{2, 3, 4}},
		"exists, also NULL":    {gStatus.Exists(), []int{1, 2, 3, 5, 6}},
		"not exists":           {gStatus.NotExists(), []int{4}},
		"null":                 {gStatus.Null(), []int{3, 4}},
		"not null":             {gStatus.NotNull(), []int{1, 2, 5, 6}},
		"eq nil":               {gStatus.Eq(nil), []int{3, 4}},
		"ne nil":               {gStatus.Ne(nil), []int{1, 2, 5, 6}},
		"type":                 {gTags.Type(expression.StringSet), []int{1, 2, 5, 6}},
		"type NULL":            {gNotes.Type(expression.Null), []int{3}},
		"type N":               {gSize.Type(expression.Number), []int{1, 2, 3, 5, 6}},
		"size of a string":     {gName.Size().Eq(2), []int{6}}, // not its 6 bytes
		"size, beyond ASCII":   {gName.Size().Eq(5), []int{5}}, // not its 7 bytes
		"size of a set":        {gTags.Size().Gt(2), []int{2}},
		"size of a list":       {gNotes.Size().Between(2, 3), []int{1, 2, 5, 6}},
		"size of a map":        {gLabels.Size().Lte(2), []int{1, 2, 5, 6}},
		"size of bytes":        {gPhoto.Size().Gte(3), []int{2}},
		"size of a number":     {gSize.Size().Gte(0), none},
		"size, not":            {gNotes.Size().Ne(2), []int{2, 3, 4}}, // NULL and missing ones have none
		"size less":            {gTags.Size().Lt(3), []int{1, 5, 6}},

		"and":             {cond.And(gName.Eq("Ann"), gSize.Eq(10)), []int{1}},
		"or":              {cond.Or(gSize.Eq(200), gStatus.Null()), []int{2, 3, 4}},
		"not, missing":    {cond.Not(gSize.Gt(9)), []int{3, 4, 5, 6}},
		"nested":          {cond.Not(cond.Or(cond.And(gSize.Gt(9), gActive.Eq(true)), gStatus.NotExists())), []int{2, 3, 5, 6}},
		"everything true": {cond.Or(gShop.Exists(), gNo.Exists()), all},

		"a set, in any order":      {gTags.Eq([]string{"b", "a"}), []int{1, 5, 6}},
		"a number set":             {gYears.Ne([]int{2000, 1999}), []int{2, 3, 4}},
		"a list, in its order":     {gNotes.Eq([]string{"x", "y"}), []int{1, 5, 6}},
		"a list, in another":       {gNotes.Eq([]string{"y", "x"}), none},
		"a struct":                 {gMain.Eq(part{SKU: "k0", Since: epoch.Add(time.Hour)}), []int{2}},
		"a map":                    {gLabels.Eq(map[string]string{"_a.b": "odd", "size": "small"}), []int{1, 2, 5, 6}},
		"a boolean":                {gActive.Eq(false), []int{2, 3}},
		"a pointer's value":        {gStatus.Eq(&used), []int{2}},
		"bytes":                    {gPhoto.Eq([]byte{1, 2}), []int{1, 5, 6}},
		"a time to the nanosecond": {gSeen.Gt(epoch), []int{2}},
		"a time as text":           {gSeen.Contains("26.535897932Z"), []int{1, 5, 6}},
		"a unix time":              {gEnds.Between(epoch, epoch.Add(59*time.Minute)), []int{1, 5, 6}},
		"a type's own form":        {gPrice.Gte(price{100}), []int{2}},

		"a nested field":             {gSince.Gt(epoch), []int{2}},
		"an element of a list":       {of("list[2]").Eq(&x), []int{2}},
		"an element, not there":      {of("list[2]").NotExists(), []int{1, 3, 4, 5, 6}},
		"a field of an element":      {of("parts[1].sku").BeginsWith("k"), []int{1, 5, 6}},
		"a unix time of an element":  {of("parts[0].since").Eq(epoch), []int{1, 5, 6}},
		"an entry of a map":          {of("map.size").Eq("small"), []int{1, 2, 5, 6}},
		"the size of an element":     {of("parts[0].sku").Size().Eq(2), []int{1, 2, 5, 6}},
		"reserved words":             {cond.And(gName.Eq("Anna"), gSize.Eq(200), gStatus.Eq(&used), of("value").Eq(price{100})), []int{2}},
		"dots, colons, spaces and _": {cond.And(gDotted.Eq("d2"), gUnder.Ne("u1"), gSeen.Exists()), []int{2}},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			queries := map[string]repo.Query[gadget]{"scan": r.Scan().Where(tt.c)}
			if given != "everything true" { // a query can't filter on its keys
				queries["query"] = r.Query(key.Of("s")).Where(tt.c)
			}
			for name, q := range queries {
				assert.ElementsMatch(t, tt.want, found(t, q), name)
				n, err := q.Count(t.Context())
				require.NoError(t, err)
				assert.Equal(t, len(tt.want), n, name)
			}
		})
	}
}

// Rule D1: each operator on a sort key, of each type; both directions.
func TestSortOperators(t *testing.T) {
	t.Parallel()
	r := gadgets(t)
	shop := r.Query(key.Of("s"))
	for given, tt := range map[string]struct {
		q     repo.Query[gadget]
		index string
		key   []string
		want  []int
	}{
		"eq":                 {shop.Where(gNo.Eq(3)), "", []string{"no: 1 = ?"}, []int{3}},
		"lt":                 {shop.Where(gNo.Lt(3)), "", []string{"no: 1 < ?"}, []int{1, 2}},
		"lte":                {shop.Where(gNo.Lte(3)), "", []string{"no: 1 <= ?"}, []int{1, 2, 3}},
		"gt":                 {shop.Where(gNo.Gt(4)), "", []string{"no: 1 > ?"}, []int{5, 6}},
		"gte":                {shop.Where(gNo.Gte(4)), "", []string{"no: 1 >= ?"}, []int{4, 5, 6}},
		"between, inclusive": {shop.Where(gNo.Between(2, 4)), "", []string{"no: 1 between ? and ?"}, []int{2, 3, 4}},
		">= and <= fold":     {shop.Where(gNo.Lte(4), gNo.Gte(2)), "", []string{"no: 1 between ? and ?"}, []int{2, 3, 4}},
		"descending":         {shop.Where(gNo.Between(2, 4)).Descending(), "", []string{"no: 1 between ? and ?"}, []int{4, 3, 2}},
		"beside a filter":    {shop.Where(gNo.Gt(1), gName.BeginsWith("Ann")), "", []string{"no: 1 > ?"}, []int{2, 4}},

		"a local index, numbers by value": {shop.Where(gSize.Lte(10)), "by_size", []string{"size <= ?"}, []int{6, 3, 5, 1}},
		"a local index, bytes":            {shop.Where(gPhoto.Gt([]byte{1, 2})), "by_data", []string{"data > ?"}, []int{2}},
		"a local index, descending":       {shop.Where(gSize.Between(0, 10)).Descending(), "by_size", []string{"size between ? and ?"}, []int{1, 5, 3}},
		"a local index, filter on the table's sort key": {
			shop.Where(gSize.Gt(0), cond.Or(gNo.Eq(2), gNo.Eq(5))), "by_size", []string{"size > ?"}, []int{5, 2},
		},
		"a local index that fetches the rest": {shop.Where(gUnder.BeginsWith("u2"), gStatus.NotNull()), "by_under", []string{"_a:b c begins_with ?"}, []int{2}},
		"a local index that can't filter":     {shop.Where(gUnder.BeginsWith("u2"), gName.Exists()), "", nil, []int{2}},

		"a global index":       {r.Where(gName.Eq("Ann"), gSize.Gte(10)), "by_name", []string{"size >= ?"}, []int{1}},
		"a global index alone": {r.Where(gName.Eq("日本")), "by_name", nil, []int{6}},
		"a global index, odd names": {
			r.Where(gDotted.Eq("d1"), gUnder.BeginsWith("u")), "by_odd", []string{"_a:b c begins_with ?"}, []int{1, 5, 6},
		},
		"a global index by name": {
			r.Query(key.Of("d1")).Index("by_odd").Where(gUnder.Gte("u1"), gNo.Gt(1), gShop.Eq("s")), "by_odd", []string{"_a:b c >= ?"}, []int{5, 6},
		},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			plan, err := tt.q.Plan()
			require.NoError(t, err)
			assert.Equal(t, "Query", plan.Operation)
			assert.Equal(t, tt.index, plan.Index)
			require.NotEmpty(t, plan.Key)
			assert.Equal(t, tt.key, append([]string(nil), plan.Key[1:]...))
			got := found(t, tt.q)
			if tt.index == "by_odd" { // whose sort keys are equal, in no order
				slices.Sort(got)
			}
			assert.Equal(t, tt.want, got)
		})
	}
	// What the items have that a local index does not project is fetched.
	items, err := shop.Where(gUnder.BeginsWith("u2")).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 1)
	assert.Equal(t, "Anna", items[0].Name)
	assert.Equal(t, []string{"y", "z", "x"}, items[0].Notes)
}

// What DynamoDB would refuse is refused before it is asked.
func TestRefusedConditions(t *testing.T) {
	t.Parallel()
	r := gadgets(t)
	shop := r.Query(key.Of("s"))
	for given, tt := range map[string]struct {
		q  repo.Query[gadget]
		is error
	}{
		"> and < on the sort key":           {shop.Where(gNo.Gt(1), gNo.Lt(4)), index.ErrPlan},
		"in on the sort key":                {shop.Where(gNo.In(1, 2)), index.ErrPlan},
		"or on the sort key":                {shop.Where(cond.Or(gNo.Eq(1), gSize.Eq(2))), index.ErrPlan},
		"bounds reversed, sort key":         {shop.Where(gNo.Between(4, 2)), index.ErrPlan},
		"bounds reversed, filter":           {shop.Where(gPrice.Between(price{100}, price{99})), index.ErrPlan},
		"an empty hash key":                 {r.Query(key.Of("")), index.ErrPlan},
		"an index that can't filter so":     {shop.Index("by_under").Where(gName.Exists()), index.ErrPlan},
		"an order of booleans":              {shop.Where(gActive.Gt(false)), cond.ErrAttr},
		"in of nothing":                     {shop.Where(gSize.In()), cond.ErrAttr},
		"an attribute that there is not":    {shop.Where(cond.Name[gadget]("nope").Exists()), cond.ErrAttr},
		"a selector that does not resolve":  {shop.Where(cond.Field(func(*gadget) *int { return nil }).Eq(1)), cond.ErrAttr},
		"an empty condition":                {shop.Where(cond.Cond[gadget]{}), cond.ErrEmpty},
		"consistent, a global index":        {r.Where(gName.Eq("Ann")).Index("by_name").Consistent(), index.ErrPlan},
		"an index that is not declared":     {r.Where(gName.Eq("Ann")).Index("nope"), index.ErrIndex},
		"another kind of value, hash key":   {r.Query(key.Of(7)), key.ErrKey},
		"a value that the field can't hold": {shop.Where(cond.Name[gadget]("size").Eq("ten")), cond.ErrAttr},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			_, err := tt.q.Collect(t.Context())
			require.ErrorIs(t, err, repo.ErrInvalid)
			require.ErrorIs(t, err, tt.is)
			_, planned := tt.q.Plan()
			assert.Equal(t, err.Error(), planned.Error())
		})
	}
}

// Rule D2: more than 100 values.
func TestInOfManyValues(t *testing.T) {
	t.Parallel()
	r := gadgets(t)
	for _, n := range []int{1, 100, 101, 250} {
		values := make([]int, n)
		for i := range values {
			values[i] = 1000 + i
		}
		values[n-1] = 200
		assert.Equal(t, []int{2}, found(t, r.Query(key.Of("s")).Where(gSize.In(values...))), "%d values", n)
		assert.ElementsMatch(t, []int{1, 3, 4, 5, 6}, found(t, r.Scan().Where(cond.Not(gSize.In(values...)))), "%d values", n)
	}
}

// Rule D5: the SDK's builders are taken as they are and choose nothing.
func TestRawExpressions(t *testing.T) {
	t.Parallel()
	r := gadgets(t)
	shop := r.Query(key.Of("s"))
	n, v := expression.Name, expression.Value
	for given, tt := range map[string]struct {
		q     repo.Query[gadget]
		index string
		op    string
		want  []int
	}{
		"a filter":                   {shop.Filter(n("size").GreaterThan(v(9))), "", "Query", []int{1, 2}},
		"a filter, nested":           {shop.Filter(n("parts[0].sku").BeginsWith("k2")), "", "Query", []int{2}},
		"a filter, a name with dots": {shop.Filter(expression.NameNoDotSplit("a.b").Equal(v("d2"))), "", "Query", []int{2}},
		"two filters":                {shop.Filter(n("size").GreaterThan(v(9)), n("boolean").Equal(v(true))), "", "Query", []int{1}},
		"a filter beside conditions": {shop.Where(gNo.Gt(1), gName.Exists()).Filter(n("tags").Contains("a")), "", "Query", []int{5, 6}},
		"an or beside conditions": {
			shop.Where(gName.BeginsWith("Ann")).Filter(expression.Or(n("size").Equal(v(9)), n("size").Equal(v(200)))), "", "Query", []int{2},
		},
		"compared with each other":             {shop.Filter(n("main.since").Equal(n("ttl")), n("list").Size().GreaterThan(v(2))), "", "Query", []int{2}},
		"a key inside, on a scan":              {r.Scan().Filter(expression.NameNoDotSplit("_shop.id").Equal(v("s")), n("no: 1").LessThan(v(3))), "", "Scan", []int{1, 2}},
		"a key inside, no index":               {r.Where().Filter(n("name").Equal(v("Anna"))), "", "Scan", []int{2}},
		"an index that can't filter so":        {shop.Where(gUnder.BeginsWith("u")).Filter(n("name").Equal(v("Anna"))), "", "Query", []int{2}},
		"an index that can filter so, in part": {shop.Where(gUnder.BeginsWith("u")).Filter(n("status").Equal(v("used"))), "by_under", "Query", []int{2}},
		"a sort condition beside one that has an index": {
			shop.Sort(expression.Key("no: 1").GreaterThan(v(1))).Where(gSize.Gt(9)), "", "Query", []int{2},
		},
		"an index that can filter so": {shop.Where(gSize.Gt(9)).Filter(n("name").Equal(v("Anna"))), "by_size", "Query", []int{2}},

		"a sort condition":             {shop.Sort(expression.Key("no: 1").GreaterThan(v(4))), "", "Query", []int{5, 6}},
		"a sort condition and filters": {shop.Sort(expression.Key("no: 1").Between(v(1), v(2))).Where(gPrice.Gt(price{99})).Filter(n("boolean").Equal(v(false))), "", "Query", []int{2}},
		"a sort condition of an index": {shop.Index("by_size").Sort(expression.Key("size").LessThan(v(0))), "by_size", "Query", []int{6}},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			plan, err := tt.q.Plan()
			require.NoError(t, err)
			assert.Equal(t, tt.op, plan.Operation)
			assert.Equal(t, tt.index, plan.Index)
			assert.ElementsMatch(t, tt.want, found(t, tt.q))
		})
	}
	for given, q := range map[string]repo.Query[gadget]{
		"of a scan":                  r.Scan().Sort(expression.Key("no: 1").Equal(v(1))),
		"twice":                      shop.Sort(expression.Key("no: 1").GreaterThan(v(1))).Sort(expression.Key("no: 1").LessThan(v(3))),
		"beside one of the sort key": shop.Where(gNo.Gt(1)).Sort(expression.Key("no: 1").LessThan(v(3))),
	} {
		_, err := q.Collect(t.Context())
		assert.ErrorIs(t, err, repo.ErrInvalid, given)
	}
}

// Rules C2 and F7: an index has the items that have its whole key, so what it
// is chosen for may be less than a scan finds.
func TestSparseIndex(t *testing.T) {
	t.Parallel()
	r := gadgets(t)
	assert.Equal(t, []int{1}, found(t, r.Where(gName.Eq("Ann"))), "4 has no size")
	assert.ElementsMatch(t, []int{1, 4}, found(t, r.Scan().Where(gName.Eq("Ann"))))
	assert.ElementsMatch(t, []int{1, 2, 5, 6}, found(t, r.Scan().Index("by_odd")), "3 has empty strings, 4 nothing")
	assert.ElementsMatch(t, []int{1, 2, 3, 5, 6}, found(t, r.Scan().Index("by_size")), "0 is a value")
}

// Rules F3 and D4: each change, as the item is stored afterwards.
func TestChangeOperators(t *testing.T) {
	t.Parallel()
	r := gadgets(t)
	of := cond.Name[gadget]
	again := "again"
	stock := func(sku, since string) types.AttributeValue {
		return &types.AttributeValueMemberM{Value: av{"sku": str(sku), "since": num(since)}}
	}
	k9, k1, k2 := stock("k9", "1773500966"), stock("k1", "1773500966"), stock("k2", "-62135596800")
	for given, tt := range map[string]struct {
		no      int
		changes []cond.Change[gadget]
		attr    string
		want    types.AttributeValue // nil for none
	}{
		"set":                    {1, []cond.Change[gadget]{gPrice.Set(price{5})}, "value", num("5")},
		"set a reserved word":    {1, []cond.Change[gadget]{gStatus.Set(&again)}, "status", str("again")},
		"set nil":                {2, []cond.Change[gadget]{gStatus.Set(nil)}, "status", nil},
		"set a unix time":        {1, []cond.Change[gadget]{gEnds.Set(epoch.Add(time.Minute))}, "ttl", num("1773501026")},
		"set a nested field":     {1, []cond.Change[gadget]{of("main.sku").Set("new")}, "main", stock("new", "1773500966")},
		"set an element":         {1, []cond.Change[gadget]{of("list[1]").Set("new")}, "list", list(str("x"), str("new"))},
		"set an empty set":       {1, []cond.Change[gadget]{gTags.Set([]string{})}, "tags", nil},
		"set if missing, it is":  {4, []cond.Change[gadget]{gSize.SetIfMissing(7)}, "size", num("7")},
		"set if missing, is not": {2, []cond.Change[gadget]{gSize.SetIfMissing(7)}, "size", num("200")},
		"add":                    {2, []cond.Change[gadget]{gPrice.Add(price{-1})}, "value", num("99")},
		"add, from 0":            {4, []cond.Change[gadget]{gPrice.Add(price{3})}, "value", num("3")},
		"add to a set":           {5, []cond.Change[gadget]{gYears.Add([]int{2000, 2001})}, "years", &types.AttributeValueMemberNS{Value: []string{"1999", "2000", "2001"}}},
		"add to a missing set":   {3, []cond.Change[gadget]{gYears.Add([]int{1})}, "years", &types.AttributeValueMemberNS{Value: []string{"1"}}},
		"delete from a set":      {5, []cond.Change[gadget]{gTags.DeleteFromSet([]string{"a", "z"})}, "tags", &types.AttributeValueMemberSS{Value: []string{"b"}}},
		"delete the last of it":  {2, []cond.Change[gadget]{gKeys.DeleteFromSet([][]byte{{2}})}, "keys", nil},
		"delete of a missing":    {4, []cond.Change[gadget]{gTags.DeleteFromSet([]string{"a"})}, "tags", nil},
		"remove":                 {5, []cond.Change[gadget]{gNotes.Remove()}, "list", nil},
		"remove a missing":       {4, []cond.Change[gadget]{gMain.Remove()}, "main", nil},
		"remove an element":      {2, []cond.Change[gadget]{of("list[1]").Remove()}, "list", list(str("y"), str("x"))},
		"remove an entry":        {2, []cond.Change[gadget]{of("map.size").Remove()}, "map", &types.AttributeValueMemberM{Value: av{"_a.b": str("odd")}}},
		"append":                 {6, []cond.Change[gadget]{gNotes.Append([]string{"end"})}, "list", list(str("x"), str("y"), str("end"))},
		"append to a missing":    {4, []cond.Change[gadget]{gNotes.Append([]string{"a", "b"})}, "list", list(str("a"), str("b"))},
		"prepend":                {6, []cond.Change[gadget]{gParts.Prepend([]part{{SKU: "k9", Since: epoch}})}, "parts", list(k9, k1, k2)},
		"prepend to a missing":   {4, []cond.Change[gadget]{gParts.Prepend([]part{{SKU: "k9", Since: epoch}})}, "parts", list(k9)},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			before := stored(t, r, av{"_shop.id": str("s"), "no: 1": num(fmt.Sprint(tt.no))})
			require.NotEmpty(t, before)
			// Each change is of an item of its own, or they would meet.
			copied := maps.Clone(before)
			copied["_shop.id"] = str(given)
			store(t, r, copied)
			_, err := r.Update(t.Context(), key.Of(given).Range(tt.no), tt.changes...)
			require.NoError(t, err)
			got := stored(t, r, av{"_shop.id": str(given), "no: 1": num(fmt.Sprint(tt.no))})[tt.attr]
			if set, ok := got.(*types.AttributeValueMemberNS); ok {
				slices.Sort(set.Value)
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func list(elems ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: elems}
}
