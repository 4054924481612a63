package repo_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestChoice: which request is sent for which conditions, in one request that
// finds the same as a scan would (rules C1 to C3, K5).
func TestChoice(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db, tr := open(t, func(c *repo.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	r := create[score](t, db, scoreSpec())
	for i := range 12 {
		require.NoError(t, r.Put(t.Context(), &score{ModelID: "m", AccountID: int64(i % 2), Position: i, UserID: "u" + string(rune('0'+i%3)), Points: float64(i)}))
	}
	one := []cond.Cond[score]{modelID.Eq("m"), accountID.Eq(0)}
	with := func(more ...cond.Cond[score]) []cond.Cond[score] { return append(one[:2:2], more...) }
	for name, c := range map[string]struct {
		conds []cond.Cond[score]
		op    string
		index any // nil for the table
		want  []int
	}{
		"no conditions":                   {nil, "Scan", nil, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		"hash":                            {one, "Query", nil, []int{0, 2, 4, 6, 8, 10}},
		"hash in the other order":         {[]cond.Cond[score]{accountID.Eq(1), modelID.Eq("m")}, "Query", nil, []int{1, 3, 5, 7, 9, 11}},
		"hash and sort":                   {with(position.Gt(5)), "Query", nil, []int{6, 8, 10}},
		"sort before the local index":     {with(points.Gt(3), position.Gt(5)), "Query", nil, []int{6, 8, 10}},
		"local index by its sort key":     {with(points.Between(3, 8)), "Query", "score_idx", []int{4, 6, 8}},
		"local before global":             {with(points.Gt(3), userID.Eq("u0")), "Query", "score_idx", []int{6}},
		"global by hash and sort":         {[]cond.Cond[score]{userID.Eq("u1"), points.Gt(3)}, "Query", "user_idx", []int{4, 7, 10}},
		"the table before a global hash":  {with(userID.Eq("u0")), "Query", nil, []int{0, 6}},
		"global by hash":                  {[]cond.Cond[score]{userID.Eq("u2")}, "Query", "user_idx", []int{2, 5, 8, 11}},
		"half a hash":                     {[]cond.Cond[score]{modelID.Eq("m"), points.Gt(9)}, "Scan", nil, []int{10, 11}},
		"hash under another operator":     {[]cond.Cond[score]{userID.BeginsWith("u2")}, "Scan", nil, []int{2, 5, 8, 11}},
		"only other attributes":           {[]cond.Cond[score]{points.Lt(2)}, "Scan", nil, []int{0, 1}},
		"a disjunction, which no key can": {[]cond.Cond[score]{cond.Or(userID.Eq("u2"), points.Lt(1))}, "Scan", nil, []int{0, 2, 5, 8, 11}},
		"a conjunction is taken apart":    {[]cond.Cond[score]{cond.And(one...)}, "Query", nil, []int{0, 2, 4, 6, 8, 10}},
	} {
		tr.Reset()
		got, err := r.Where(c.conds...).Collect(t.Context())
		require.NoError(t, err, name)
		assert.ElementsMatch(t, c.want, positions(got), name)
		require.Equal(t, map[string]int{c.op: 1}, tr.Counts(), name)
		assert.Equal(t, c.index, tr.Requests("*")[0].JSON()["IndexName"], name)
	}
	assert.Equal(t, 4, strings.Count(log.String(), "\n"), "a warning for each scan that conditions forced")
}

// TestForcedIndex: an index that is named is used, whatever the conditions; it
// is scanned without its hash key, and it is sparse (rule C4).
func TestForcedIndex(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 6, func(s *score) {
		if s.Position%2 == 0 {
			s.UserID = ""
		}
	})
	r = under(t, r, repo.ScanAllow)
	for name, c := range map[string]struct {
		q    repo.Query[score]
		op   string
		want []int
	}{
		"query":                  {r.Query(key.Of("u0")).Index("user_idx"), "Query", []int{1}},
		"by Where":               {r.Where(userID.Eq("u2")).Index("user_idx"), "Query", []int{3}},
		"with its sort key":      {r.Query(key.Of("u2").Range(1.0)).Index("user_idx"), "Query", []int{3}},
		"local, without a sort":  {r.Query(partition).Index("score_idx"), "Query", []int{1, 2, 3, 4, 5, 6}},
		"descending":             {r.Query(partition).Index("score_idx").Descending(), "Query", []int{6, 5, 4, 3, 2, 1}},
		"the last call wins":     {r.Query(partition).Descending().Ascending(), "Query", []int{1, 2, 3, 4, 5, 6}},
		"the last call wins too": {r.Query(partition).Ascending().Descending().RecordLimit(2), "Query", []int{6, 5}},
		"without its hash":       {r.Where(points.Gte(0)).Index("user_idx"), "Scan", []int{1, 3, 5}},
		"scanned":                {r.Scan().Index("user_idx"), "Scan", []int{1, 3, 5}},
		"scanned by condition":   {r.Scan().Index("user_idx").Where(userID.Eq("u2")), "Scan", []int{3}},
		"the table, scanned":     {r.Scan().Where(position.Eq(4)), "Scan", []int{4}},
	} {
		tr.Reset()
		got, err := c.q.Collect(t.Context())
		require.NoError(t, err, name)
		if c.op == "Scan" {
			assert.ElementsMatch(t, c.want, positions(got), name)
			assert.NotContains(t, tr.Requests("Scan")[0].JSON(), "ScanIndexForward", name)
		} else {
			assert.Equal(t, c.want, positions(got), name)
		}
		assert.Equal(t, map[string]int{c.op: 1}, tr.Counts(), name)
	}
}

// TestConsistent: strongly consistent reads go to the table and local indexes;
// a global one has none (rule C7).
func TestConsistent(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 2)
	for name, q := range map[string]repo.Query[score]{
		"table": r.Query(partition), "local": r.Query(partition).Index("score_idx"), "scan": r.Scan(), "parallel": r.Scan().Segments(2),
		"where": r.Where(modelID.Eq("m"), accountID.Eq(42), userID.Ne("x")),
	} {
		tr.Reset()
		got, err := q.Consistent().Collect(t.Context())
		require.NoError(t, err, name)
		assert.Len(t, got, 2, name)
		for _, sent := range bodies(tr) {
			assert.Equal(t, true, sent["ConsistentRead"], name)
		}
	}
	tr.Reset()
	for name, q := range map[string]repo.Query[score]{
		"query": r.Query(key.Of("u0")).Index("user_idx"), "scan": r.Scan().Index("user_idx"),
	} {
		_, err := q.Consistent().Collect(t.Context())
		require.ErrorIs(t, err, index.ErrPlan, name)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		assert.EqualError(t, err, "repo: Query "+r.Table()+" index user_idx: invalid: index: index user_idx: a global index has no consistent reads", name)
	}
	assert.Zero(t, tr.Total())
}

// TestRefused: what can't be asked is told before any request, all of it at
// once, and without values.
func TestRefused(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r, err := repo.New[score](db, scoreSpec())
	require.NoError(t, err)
	nobody := cond.Name[score]("nobody")
	q := r.Query(partition)
	sort := expression.Key("position").GreaterThan(expression.Value("SECRET"))
	for name, c := range map[string]struct {
		q  repo.Query[score]
		is []error
	}{
		"an index that is not declared":       {q.Index("nowhere"), []error{index.ErrIndex}},
		"two conditions on a key":             {q.Where(position.Gt(77077), position.Lt(88088)), []error{index.ErrPlan}},
		"a filter on the own key":             {q.Where(position.Ne(77077)), []error{index.ErrPlan}},
		"reversed bounds":                     {q.Where(position.Between(88088, 77077)), []error{index.ErrPlan}},
		"an unknown attribute (C7)":           {q.Where(nobody.Eq("SECRET")), []error{cond.ErrAttr}},
		"one within a condition":              {q.Where(cond.Or(points.Gt(1), cond.Not(nobody.Eq("SECRET")))), []error{cond.ErrAttr}},
		"a zero condition":                    {q.Where(cond.Cond[score]{}), nil},
		"a value of the wrong kind":           {q.Where(cond.Name[score]("score").Eq("SECRET")), []error{cond.ErrAttr}},
		"hash parts":                          {r.Query(key.Of("SECRET")), []error{key.ErrKey}},
		"sort parts":                          {r.Query(key.Of("SECRET", 1).Range(1, 2)), []error{key.ErrKey}},
		"a value of another kind":             {r.Query(key.Of("SECRET", "SECRET")), []error{key.ErrKey}},
		"a key of the table for an index":     {r.Query(key.Of("SECRET", 1)).Index("user_idx"), []error{key.ErrKey}},
		"Sort on a scan":                      {r.Scan().Sort(sort), nil},
		"Sort without conditions":             {r.Where().Sort(sort), nil},
		"Sort where conditions force a scan":  {r.Where(points.Gt(77077)).Sort(sort), []error{index.ErrPlan}},
		"Sort twice":                          {q.Sort(sort).Sort(sort), []error{index.ErrPlan}},
		"Sort beside a sort condition":        {q.Where(position.Gt(77077)).Sort(sort), []error{index.ErrPlan}},
		"limits, several faults at once":      {q.RecordLimit(0).ScanLimit(-1).BatchSize(0).Index("nowhere"), []error{dyniter.ErrLimit}},
		"a rate of none":                      {q.Rate(0), nil},
		"many faults at once":                 {q.Where(nobody.Eq("SECRET")).BatchSize(-5).Project("no_such"), []error{cond.ErrAttr, dyniter.ErrLimit}},
		"a raw filter that is no expression":  {q.Filter(expression.ConditionBuilder{}), nil},
		"a raw sort condition that is no one": {q.Sort(expression.KeyConditionBuilder{}), nil},
	} {
		for _, err := range []error{
			second(c.q.Collect(t.Context())), second(c.q.First(t.Context())), second(c.q.Count(t.Context())), second(c.q.Plan()),
			second(c.q.DeleteAll(t.Context())), second(c.q.CursorAfter(score{ModelID: "m", AccountID: 1, Position: 1})),
		} {
			require.ErrorIs(t, err, repo.ErrInvalid, name)
			for _, is := range c.is {
				require.ErrorIs(t, err, is, name)
			}
			for _, value := range []string{"SECRET", "77077", "88088"} {
				assert.NotContains(t, err.Error(), value, name)
			}
		}
	}
	assert.Zero(t, tr.Total())
}

func second[T any](_ T, err error) error { return err }

// TestRaw: the SDK's expressions are ANDed with the rest, and keys in them
// choose no index (rule D5).
func TestRaw(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 9)
	name, value := expression.Name, expression.Value
	for text, c := range map[string]struct {
		q     repo.Query[score]
		op    string
		index any
		want  []int
	}{
		"filter":           {r.Query(partition).Filter(name("score").GreaterThan(value(2))), "Query", nil, []int{6, 7, 8, 9}},
		"two filters":      {r.Query(partition).Filter(name("score").GreaterThan(value(2)), name("user_id").Equal(value("u0"))), "Query", nil, []int{7}},
		"and conditions":   {r.Query(partition).Where(position.Lt(8), userID.Ne("u0")).Filter(name("score").GreaterThan(value(2))), "Query", nil, []int{6}},
		"a key in it":      {r.Scan().Filter(name("user_id").Equal(value("u0"))), "Scan", nil, []int{1, 4, 7}},
		"sort":             {r.Query(partition).Sort(expression.Key("position").Between(value(3), value(5))), "Query", nil, []int{3, 4, 5}},
		"sort of an index": {r.Query(key.Of("u1")).Index("user_idx").Sort(expression.Key("score").GreaterThan(value(1))), "Query", "user_idx", []int{5, 8}},
		"sort of a Where":  {r.Where(modelID.Eq("m"), accountID.Eq(42)).Sort(expression.Key("position").LessThan(value(3))), "Query", nil, []int{1, 2}},
		"sort, descending": {r.Query(partition).Sort(expression.Key("position").LessThan(value(4))).Descending(), "Query", nil, []int{3, 2, 1}},
		"sort, equal":      {r.Query(partition).Sort(expression.Key("position").Equal(value(4))), "Query", nil, []int{4}},
	} {
		tr.Reset()
		got, err := c.q.Collect(t.Context())
		require.NoError(t, err, text)
		if c.op == "Scan" {
			assert.ElementsMatch(t, c.want, positions(got), text)
		} else {
			assert.Equal(t, c.want, positions(got), text)
		}
		assert.Equal(t, map[string]int{c.op: 1}, tr.Counts(), text)
		assert.Equal(t, c.index, tr.Requests("*")[0].JSON()["IndexName"], text)
	}
	orders, _ := orders(t, order{Org: "o", Day: 1, Number: "a"}, order{Org: "o", Day: 2, Number: "a"})
	got, err := orders.Query(key.Of("o")).Sort(expression.Key("sk").BeginsWith("ORDER|10000000000000000002")).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 1, "Sort stands in the place of the condition that literals imply")
	assert.Equal(t, int64(2), got[0].Day)
}

// TestKeyAsFilter: a sort key given with the partition is a filter where a
// condition makes a local index the better choice.
func TestKeyAsFilter(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 3)
	q := r.Query(partition.Range(2)).Where(position.Eq(2), points.Gte(0))
	plan, err := q.Plan()
	require.NoError(t, err)
	assert.Equal(t, []string{"position = ?", "position = ?"}, plan.Filter)
	got, err := q.Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{2}, positions(got))
}
