package repo_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// member and line share the table of orders.
type member struct {
	Org  string `dynamodbav:"org"`
	Name string `dynamodbav:"name"`
}

// line stands under its order: its sort key begins as an order's does.
type line struct {
	Org    string `dynamodbav:"org"`
	Day    int64  `dynamodbav:"day"`
	Number string `dynamodbav:"number"`
	Line   int    `dynamodbav:"line"`
}

func sharedKey(sort ...key.Part) key.Spec {
	return key.Spec{Hash: key.Composite("pk", key.Literal("ORG"), key.String("org")), Range: key.Composite("sk", sort...)}
}

// shop returns a table of 4 orders, 3 members and 2 lines of one organization.
func shop(tb testing.TB, edit ...func(*repo.Spec)) (*repo.Repo[order], *repo.Repo[member], *repo.Repo[line]) {
	tb.Helper()
	db, _ := open(tb, func(c *repo.Config) { c.ScanPolicy = repo.ScanAllow })
	spec := orderSpec()
	for _, f := range edit {
		f(&spec)
	}
	orders := create[order](tb, db, spec)
	members, err := repo.New[member](db, repo.Spec{Table: spec.Table, Key: sharedKey(key.Literal("MEMBER"), key.String("name"))})
	require.NoError(tb, err)
	lines, err := repo.New[line](db, repo.Spec{Table: spec.Table, Key: sharedKey(
		key.Literal("ORDER"), key.Int("day").Sortable(), key.String("number"), key.Literal("LINE"), key.Int("line"),
	)})
	require.NoError(tb, err)
	for i := range 4 {
		require.NoError(tb, orders.Create(tb.Context(), &order{Org: "o", Day: int64(i), Number: "n"}))
	}
	for i := range 3 {
		require.NoError(tb, members.Create(tb.Context(), &member{Org: "o", Name: fmt.Sprint("m", i)}))
	}
	for i := range 2 {
		require.NoError(tb, lines.Create(tb.Context(), &line{Org: "o", Day: 1, Number: "n", Line: i}))
	}
	return orders, members, lines
}

// TestSharedTable: a repository of one model sees nothing of the others in its
// table, however it reads, and counts what it returns (rule K7).
func TestSharedTable(t *testing.T) {
	t.Parallel()
	orders, members, lines := shop(t)
	same := func(name string, want int, found int, err error, counted int, cerr error) {
		t.Helper()
		require.NoError(t, err, name)
		require.NoError(t, cerr, name)
		assert.Equal(t, want, found, name)
		assert.Equal(t, want, counted, name)
	}
	for name, c := range map[string]struct {
		q    repo.Query[order]
		want int
	}{
		"query":             {orders.Query(key.Of("o")), 4},
		"in small pages":    {orders.Query(key.Of("o")).BatchSize(1), 4},
		"with a limit":      {orders.Query(key.Of("o")).RecordLimit(3), 3},
		"descending":        {orders.Query(key.Of("o")).Descending().RecordLimit(2), 2},
		"a prefix":          {orders.Query(key.Of("o").Range(1)), 1},
		"a range":           {orders.Query(key.Of("o")).Where(orderDay.Gte(1)), 3},
		"scan":              {orders.Scan(), 4},
		"scan, limited":     {orders.Scan().RecordLimit(3), 3},
		"parallel scan":     {orders.Scan().Segments(3), 4},
		"reading ahead":     {orders.Query(key.Of("o")).BatchSize(2).Prefetch(2), 4},
		"scan by condition": {orders.Where(orderTotal.Eq(0)), 4},
	} {
		found, err := c.q.Collect(t.Context())
		n, cerr := c.q.Count(t.Context())
		same(name, c.want, len(found), err, n, cerr)
	}
	foundMembers, err := members.Scan().Collect(t.Context())
	n, cerr := members.Query(key.Of("o")).Count(t.Context())
	same("members", 3, len(foundMembers), err, n, cerr)
	foundLines, err := lines.Query(key.Of("o").Range(1, "n")).Collect(t.Context())
	n, cerr = lines.Scan().Count(t.Context())
	same("lines", 2, len(foundLines), err, n, cerr)

	n, err = orders.Query(key.Of("o")).DeleteAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 4, n)
	n, err = lines.Query(key.Of("o")).Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, n, "the others are left alone")
}

// TestForeignRefused: where it is so chosen, an item of another model is an
// error of the query that meets it.
func TestForeignRefused(t *testing.T) {
	t.Parallel()
	orders, _, _ := shop(t, func(s *repo.Spec) { s.RefuseForeign = true })
	for name, q := range map[string]repo.Query[order]{
		"query": orders.Query(key.Of("o")), "scan": orders.Scan(), "ahead": orders.Scan().BatchSize(1).Prefetch(1),
		"segments": orders.Scan().Segments(2), "a prefix": orders.Query(key.Of("o").Range(1)),
	} {
		metered, meter := repo.WithMeter(t.Context())
		_, err := q.Collect(metered)
		require.ErrorIs(t, err, repo.ErrForeign, name)
		require.ErrorIs(t, err, key.ErrKey, name)
		assert.Equal(t, dyniter.StopError, meter.Stats().Stop, name)
		_, err = q.Count(t.Context())
		require.ErrorIs(t, err, repo.ErrForeign, name)
	}
	got, err := orders.Query(key.Of("o").Range(0)).Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, got, 1, "what holds no other model's items is read")
}

// TestForeignByKey: an item that is of another model by the literal of an
// index's key is ErrForeign by key, and the text tells no value.
func TestForeignByKey(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[member](t, db, repo.Spec{
		Table: "people", Key: key.Spec{Hash: key.String("name")},
		Indexes: []index.Spec{index.Global("org_idx", key.Composite("kind", key.Literal("MEMBER"), key.String("org")))},
	})
	require.NoError(t, r.Create(t.Context(), &member{Org: "o", Name: "ours"}))
	store(t, r, av{"name": str("theirs"), "org": str("o"), "kind": str("GUEST|SECRET")})
	got, err := r.Get(t.Context(), key.Of("ours"))
	require.NoError(t, err)
	assert.Equal(t, "o", got.Org)
	_, err = r.Get(t.Context(), key.Of("theirs"))
	require.ErrorIs(t, err, repo.ErrForeign)
	require.ErrorIs(t, err, key.ErrLiteral)
	assert.EqualError(t, err, "repo: Get "+r.Table()+` (key name): not an item of this model: key: kind: part "MEMBER": the literal differs: not the declared text`)
	many, err := r.GetMany(t.Context(), []key.Value{key.Of("theirs"), key.Of("ours")})
	require.NoError(t, err)
	assert.Len(t, many.Items, 1)
	assert.Len(t, many.Missing, 1)
	for name, q := range map[string]repo.Query[member]{"scan": r.Scan(), "index": r.Scan().Index("org_idx"), "by org": r.Query(key.Of("o")).Index("org_idx")} {
		found, err := q.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, []member{{Org: "o", Name: "ours"}}, found, name)
		n, err := q.Count(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, 1, n, name)
	}
}

// wide has an index of as many key attributes as DynamoDB takes.
type wide struct {
	ID string  `dynamodbav:"id"`
	A  string  `dynamodbav:"a"`
	B  int     `dynamodbav:"b"`
	C  string  `dynamodbav:"c"`
	D  string  `dynamodbav:"d"`
	E  int     `dynamodbav:"e"`
	F  string  `dynamodbav:"f"`
	G  float64 `dynamodbav:"g"`
	H  string  `dynamodbav:"h,omitempty"`
}

// TestMultiAttributeKeys: a global index of 4 and 4 attributes is queried with
// all of the hash and a leading run of the sort attributes, and resumed
// anywhere (rule K6).
func TestMultiAttributeKeys(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[wide](t, db, repo.Spec{
		Table: "wide", Key: key.Spec{Hash: key.String("id")},
		Indexes: []index.Spec{index.Global(
			"wide_idx",
			key.Multi(key.String("a"), key.Int("b"), key.String("c"), key.String("d")),
			key.Multi(key.Int("e"), key.String("f"), key.Number("g"), key.String("h")),
		).Sparse()},
	})
	var all []wide
	for i := range 16 {
		w := wide{ID: fmt.Sprint(i), A: "a", B: 7, C: "c", D: "d", E: i / 8, F: fmt.Sprint("f", i/4%2), G: float64(i/2%2) / 2, H: fmt.Sprint("h", i%2)}
		all = append(all, w)
		require.NoError(t, r.Create(t.Context(), &w))
	}
	require.NoError(t, r.Create(t.Context(), &wide{ID: "out", A: "a", B: 7, C: "c", D: "d"}), "without an attribute it is not in the index")
	var (
		a = cond.Field(func(w *wide) *string { return &w.A })
		b = cond.Field(func(w *wide) *int { return &w.B })
		c = cond.Field(func(w *wide) *string { return &w.C })
		d = cond.Field(func(w *wide) *string { return &w.D })
		e = cond.Field(func(w *wide) *int { return &w.E })
		f = cond.Field(func(w *wide) *string { return &w.F })
		g = cond.Field(func(w *wide) *float64 { return &w.G })
	)
	hash := key.Of("a", 7, "c", "d")
	for name, want := range map[string]struct {
		q        repo.Query[wide]
		from, to int
	}{
		"hash":            {r.Query(hash).Index("wide_idx"), 0, 16},
		"one":             {r.Query(hash.Range(1)).Index("wide_idx"), 8, 16},
		"three":           {r.Query(hash.Range(1, "f0", 0.5)).Index("wide_idx"), 10, 12},
		"all":             {r.Query(hash.Range(1, "f0", 0.5, "h1")).Index("wide_idx"), 11, 12},
		"a range":         {r.Query(hash.Range(0)).Index("wide_idx").Where(f.Gte("f1")), 4, 8},
		"chosen by Where": {r.Where(a.Eq("a"), b.Eq(7), c.Eq("c"), d.Eq("d"), e.Eq(0), f.Eq("f0"), g.Lt(0.5)), 0, 2},
	} {
		tr.Reset()
		got, err := want.q.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, all[want.from:want.to], got, name)
		assert.Equal(t, map[string]int{"Query": 1}, tr.Counts(), name)
	}
	q := r.Query(hash).Index("wide_idx")
	for i, w := range all {
		rest, err := q.StartAfter(w).BatchSize(5).Collect(t.Context())
		require.NoError(t, err)
		assert.Equal(t, append([]wide(nil), all[i+1:]...), rest)
	}
	tr.Reset()
	for name, q := range map[string]repo.Query[wide]{
		"too few parts":            r.Query(key.Of("a", 7, "c")).Index("wide_idx"),
		"too many":                 r.Query(hash.Range(1, "f", 1, "h", "x")).Index("wide_idx"),
		"of the wrong kind":        r.Query(key.Of("a", "b", "c", "d")).Index("wide_idx"),
		"behind what has no value": r.Query(hash).Index("wide_idx").Where(f.Eq("f1")),
	} {
		_, err := q.Collect(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	assert.Zero(t, tr.Total())
}
