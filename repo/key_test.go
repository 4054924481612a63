package repo_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// order is one of the models of a shared table: literals tell its keys from
// those of the others.
type order struct {
	Org     string  `dynamodbav:"org"`
	Day     int64   `dynamodbav:"day"`
	Number  string  `dynamodbav:"number"`
	Country string  `dynamodbav:"country,omitempty"`
	City    string  `dynamodbav:"city,omitempty"`
	Total   float64 `dynamodbav:"total"`
}

var (
	orderOrg     = cond.Field(func(o *order) *string { return &o.Org })
	orderDay     = cond.Field(func(o *order) *int64 { return &o.Day })
	orderNumber  = cond.Field(func(o *order) *string { return &o.Number })
	orderCountry = cond.Field(func(o *order) *string { return &o.Country })
	orderCity    = cond.Field(func(o *order) *string { return &o.City })
	orderTotal   = cond.Field(func(o *order) *float64 { return &o.Total })
)

func orderSpec() repo.Spec {
	return repo.Spec{
		Table: "shop",
		Key: key.Spec{
			Hash:  key.Composite("pk", key.Literal("ORG"), key.String("org")),
			Range: key.Composite("sk", key.Literal("ORDER"), key.Int("day").Sortable(), key.String("number")),
		},
		Indexes: []index.Spec{
			index.Global("place_idx",
				key.Composite("place", key.String("country"), key.String("city")).Delimiter("#"),
				key.Composite("place_day", key.Int("day").Sortable(), key.String("number")),
			).KeysOnly(),
		},
	}
}

func orders(tb testing.TB, all ...order) (*repo.Repo[order], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb)
	r := create[order](tb, db, orderSpec())
	for _, o := range all {
		require.NoError(tb, r.Create(tb.Context(), &o))
	}
	tr.Reset()
	return r, tr
}

// TestCompositesWritten: the composites stand beside their parts, escaped, each
// with its own delimiter (rules K1 to K3, K7).
func TestCompositesWritten(t *testing.T) {
	t.Parallel()
	r, _ := orders(t, order{Org: "a|c%", Day: -3, Number: "n#1", Country: "c#", City: "x|y", Total: 1})
	sk := "ORDER|0" + "9223372036854775805" + "|n#1"
	got := stored(t, r, av{"pk": str("ORG|a%7Cc%25"), "sk": str(sk)})
	assert.Equal(t, av{
		"pk": str("ORG|a%7Cc%25"), "sk": str(sk), "org": str("a|c%"), "day": num("-3"), "number": str("n#1"),
		"country": str("c#"), "city": str("x|y"), "total": num("1"),
		"place": str("c%23#x|y"), "place_day": str("09223372036854775805|n#1"),
	}, got)
}

// TestCompositesRoundTrip: whatever the parts hold, the item is found by them
// and comes back the same, from the table and from an index that has the
// composites alone.
func TestCompositesRoundTrip(t *testing.T) {
	t.Parallel()
	r, tr := orders(t)
	for i, text := range []string{"plain", "|", "%", "%7C", "a|b|", "||%%", " ", "ORDER", "ORDER|1", "\x00", "é€𝄞", strings.Repeat("|%", 100)} {
		for _, day := range []int64{0, 1, -1, 10, 9, math.MaxInt64, math.MinInt64} {
			o := order{Org: text, Day: day, Number: text, Country: text, City: text, Total: float64(i)}
			require.NoError(t, r.Create(t.Context(), &o))
			got, err := r.Get(t.Context(), key.Of(text).Range(day, text))
			require.NoError(t, err)
			require.Equal(t, o, got)
			if day != 10 {
				continue
			}
			found, err := r.Query(key.Of(text, text)).Index("place_idx").Partial().Where(orderDay.Eq(10)).Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, []order{{Org: text, Day: day, Number: text, Country: text, City: text}}, found)
		}
	}
	tr.Reset()
	_, err := r.Get(t.Context(), key.Of("x").Range(1.5, "n"))
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}

// TestPrefixAndRange: a leading run of a composite's parts is a prefix, a range
// of the next a between; numbers are in their order (rules K2, K4). Nothing
// else is read.
func TestPrefixAndRange(t *testing.T) {
	t.Parallel()
	var all []order
	for _, day := range []int64{math.MinInt64, -100, -20, -3, 0, 1, 2, 10, 100, math.MaxInt64} {
		for _, number := range []string{"", "a", "a|b", "ab", "b"} {
			all = append(all, order{Org: "acme", Day: day, Number: number, Total: float64(len(number))})
		}
	}
	r, tr := orders(t, append(all, order{Org: "acme2", Day: 1, Number: "a"})...)
	acme := r.Query(key.Of("acme"))
	// Strings are in the order in which the composite keeps them, escaped.
	kept := func(o order) string { return strings.ReplaceAll(o.Number, "|", "%7C") }
	for name, c := range map[string]struct {
		q    repo.Query[order]
		want func(order) bool
	}{
		"all":                     {acme, func(order) bool { return true }},
		"a part, by key":          {r.Query(key.Of("acme").Range(-3)), func(o order) bool { return o.Day == -3 }},
		"all parts, by key":       {r.Query(key.Of("acme").Range(2, "a|b")), func(o order) bool { return o.Day == 2 && o.Number == "a|b" }},
		"a part":                  {acme.Where(orderDay.Eq(0)), func(o order) bool { return o.Day == 0 }},
		"all parts":               {acme.Where(orderNumber.Eq("a"), orderDay.Eq(1)), func(o order) bool { return o.Day == 1 && o.Number == "a" }},
		"between":                 {acme.Where(orderDay.Between(-20, 2)), func(o order) bool { return o.Day >= -20 && o.Day <= 2 }},
		"above":                   {acme.Where(orderDay.Gt(2)), func(o order) bool { return o.Day > 2 }},
		"from":                    {acme.Where(orderDay.Gte(-3)), func(o order) bool { return o.Day >= -3 }},
		"below":                   {acme.Where(orderDay.Lt(0)), func(o order) bool { return o.Day < 0 }},
		"up to":                   {acme.Where(orderDay.Lte(-100)), func(o order) bool { return o.Day <= -100 }},
		"folded":                  {acme.Where(orderDay.Gte(1), orderDay.Lte(10)), func(o order) bool { return o.Day >= 1 && o.Day <= 10 }},
		"begins with":             {acme.Where(orderDay.Eq(10), orderNumber.BeginsWith("a")), func(o order) bool { return o.Day == 10 && strings.HasPrefix(o.Number, "a") }},
		"a prefix to be escaped":  {acme.Where(orderDay.Eq(10), orderNumber.BeginsWith("a|")), func(o order) bool { return o.Day == 10 && o.Number == "a|b" }},
		"the last part from":      {acme.Where(orderDay.Eq(10), orderNumber.Gte("ab")), func(o order) bool { return o.Day == 10 && kept(o) >= "ab" }},
		"the last part above":     {acme.Where(orderDay.Eq(10), orderNumber.Gt("ab")), func(o order) bool { return o.Day == 10 && kept(o) > "ab" }},
		"the last part up to":     {acme.Where(orderDay.Eq(10), orderNumber.Lte("a")), func(o order) bool { return o.Day == 10 && kept(o) <= "a" }},
		"the last part between":   {acme.Where(orderDay.Eq(10), orderNumber.Between("ab", "b")), func(o order) bool { return o.Day == 10 && kept(o) >= "ab" && kept(o) <= "b" }},
		"hash by its part (K5)":   {r.Where(orderOrg.Eq("acme"), orderDay.Eq(1)), func(o order) bool { return o.Day == 1 }},
		"what is no key: filter":  {acme.Where(orderDay.Eq(1), orderTotal.Gt(1)), func(o order) bool { return o.Day == 1 && o.Total > 1 }},
		"nothing":                 {acme.Where(orderDay.Between(3, 9)), func(order) bool { return false }},
		"the greatest of numbers": {acme.Where(orderDay.Gte(math.MaxInt64)), func(o order) bool { return o.Day == math.MaxInt64 }},
	} {
		t.Run(name, func(t *testing.T) {
			var want []order
			for _, o := range all {
				if c.want(o) {
					want = append(want, o)
				}
			}
			tr.Reset()
			got, err := c.q.Collect(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, got)
			slices.Reverse(want)
			got, err = c.q.Descending().Collect(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, got)
			assert.Equal(t, map[string]int{"Query": 2}, tr.Counts())
			n, err := c.q.Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, len(want), n)
		})
	}
}

// TestPlainIntegers: plain integers in a composite are found by equality, and a
// range of them, which byte order does not follow, by the filter.
func TestPlainIntegers(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[order](t, db, repo.Spec{Table: "plain", Key: key.Spec{Hash: key.String("org"), Range: key.Composite("sk", key.Int("day"), key.String("number"))}})
	for _, day := range []int64{9, 10, -1, 100} {
		require.NoError(t, r.Create(t.Context(), &order{Org: "o", Day: day, Number: "n"}))
	}
	assert.Equal(t, str("-1|n"), stored(t, r, av{"org": str("o"), "sk": str("-1|n")})["sk"])
	tr.Reset()
	got, err := r.Query(key.Of("o")).Where(orderDay.Between(9, 99)).Collect(t.Context())
	require.NoError(t, err)
	days := []int64{}
	for _, o := range got {
		days = append(days, o.Day)
	}
	assert.ElementsMatch(t, []int64{9, 10}, days)
	sent := tr.Requests("Query")[0].JSON()
	assert.Equal(t, "(#0 BETWEEN :0 AND :1)", fmt.Sprintf("(%s)", sent["FilterExpression"]))
	one, err := r.Query(key.Of("o").Range(10)).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, int64(10), one.Day)
}

// TestMismatch: a stored composite that disagrees with its parts is an error on
// every way it is read, never a silent pick (rule K3).
func TestMismatch(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]av{
		"a part of the hash key":  {"model_id": str("SECRET")},
		"a part that is a number": {"account_id": num("77077")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := scores(t, 0)
			m := av{"id": str("m|42"), "model_id": str("m"), "account_id": num("42"), "position": num("1"), "user_id": str("u"), "score": num("1")}
			maps.Copy(m, change)
			store(t, r, m)
			k := key.Of("m", 42).Range(1)
			for op, read := range map[string]func() error{
				"Get":   func() error { _, err := r.Get(t.Context(), k); return err },
				"Many":  func() error { _, err := r.GetMany(t.Context(), []key.Value{k}); return err },
				"Query": func() error { _, err := r.Query(partition).Collect(t.Context()); return err },
				"Scan":  func() error { _, err := r.Scan().Collect(t.Context()); return err },
				"index": func() error { _, err := r.Query(key.Of("u")).Index("user_idx").Collect(t.Context()); return err },
			} {
				err := read()
				require.ErrorIs(t, err, repo.ErrMismatch, op)
				assert.ErrorContains(t, err, "part ", op)
				assert.NotContains(t, err.Error(), "SECRET", op)
				assert.NotContains(t, err.Error(), "77077", op)
			}
		})
	}
	r, _ := scores(t, 0)
	store(t, r, av{"id": str("no composite"), "position": num("1")})
	_, err := r.Scan().Collect(t.Context())
	require.ErrorIs(t, err, repo.ErrMismatch, "a text that has no parts at all")
	require.ErrorIs(t, err, key.ErrKey)
}

// TestCompositeUpdates: an update that sets some of a composite's parts but not
// all is refused, one that sets all makes it anew (rule K3).
func TestCompositeUpdates(t *testing.T) {
	t.Parallel()
	r, tr := orders(t, order{Org: "acme", Day: 1, Number: "n", Country: "fr", City: "nice"})
	k := key.Of("acme").Range(1, "n")
	for name, changes := range map[string][]cond.Change[order]{
		"a part of an index's":  {orderCountry.Set("it")},
		"the other part":        {orderTotal.Add(1), orderCity.Set("rome")},
		"one set, one removed":  {orderCountry.Set("it"), orderCity.Remove()},
		"a part of the key":     {orderDay.Set(2)},
		"all parts of the key":  {orderDay.Set(2), orderNumber.Set("m")},
		"the composite":         {cond.Name[order]("place").Set("it#rome")},
		"the key as it is kept": {cond.Name[order]("pk").Set("ORG|x")},
	} {
		_, err := r.Update(t.Context(), k, changes...)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, key.ErrKey, name)
	}
	assert.Zero(t, tr.Total())

	got, err := r.Update(t.Context(), k, orderCountry.Set("it"), orderCity.Set("rome#"))
	require.NoError(t, err)
	assert.Equal(t, order{Org: "acme", Day: 1, Number: "n", Country: "it", City: "rome#"}, got)
	for place, want := range map[[2]string]int{{"it", "rome#"}: 1, {"fr", "nice"}: 0} {
		n, err := r.Query(key.Of(place[0], place[1])).Index("place_idx").Count(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
	assert.IsType(t, &types.AttributeValueMemberS{}, stored(t, r, av{"pk": str("ORG|acme"), "sk": str("ORDER|10000000000000000001|n")})["place"])

	_, err = r.Update(t.Context(), k, orderCountry.Set(""), orderCity.Set(""))
	require.NoError(t, err)
	n, err := r.Scan().Index("place_idx").Count(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n, "without its parts an item leaves the index (F7)")
}
