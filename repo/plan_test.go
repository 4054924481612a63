package repo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestPlans: what a query would send and why, without sending and without
// values (rule C6).
func TestPlans(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	db, err := repo.NewDB(rec, &repo.Config{Namespace: "ns", ScanPolicy: repo.ScanRefuse})
	require.NoError(t, err)
	r, err := repo.New[score](db, scoreSpec())
	require.NoError(t, err)
	orders, err := repo.New[order](db, orderSpec())
	require.NoError(t, err)
	secret := r.Query(key.Of("SECRET", 77077))
	for name, c := range map[string]struct {
		plan func() (repo.Plan, error)
		want repo.Plan
		text string
	}{
		"everything of a query": {
			planOf(secret.Where(position.Between(77077, 88088), points.Gt(77077), userID.Ne("SECRET")).
				Filter(expression.Name("tags").Contains("SECRET")).Project("tags").
				RecordLimit(5).ScanLimit(1000).BatchSize(100).Descending().Consistent()),
			repo.Plan{
				Operation: "Query", Table: "ns_scores", Rule: "hash key of the table and a condition on its sort key",
				Key: []string{"id = ?", "position between ? and ?"}, Filter: []string{"score > ?", "user_id <> ?", "an expression of the caller"},
				Projection: []string{"tags"}, Consistent: true, Descending: true, FirstLimit: 100,
				Cost: "at most 1000 items of a range of one partition of table ns_scores",
			},
			`Query of ns_scores
because:     hash key of the table and a condition on its sort key
key:         id = ? and position between ? and ?
filter:      score > ? and user_id <> ? and an expression of the caller
projection:  tags and the keys
read:        strongly consistent, descending
first limit: 100
cost:        reads at most 1000 items of a range of one partition of table ns_scores`,
		},
		"an index that was chosen": {
			planOf(r.Where(userID.Eq("SECRET"), points.Gte(77077)).RecordLimit(7)),
			repo.Plan{
				Operation: "Query", Table: "ns_scores", Index: "user_idx", Rule: "global index with its hash key and a condition on its sort key",
				Key: []string{"user_id = ?", "score >= ?"}, FirstLimit: 7,
				Cost: "at most 7 items of a range of one partition of index user_idx",
			},
			`Query of ns_scores, index user_idx
because:     global index with its hash key and a condition on its sort key
key:         user_id = ? and score >= ?
projection:  all attributes
first limit: 7
cost:        reads at most 7 items of a range of one partition of index user_idx`,
		},
		"a scan that conditions forced": {
			planOf(r.Where(points.Gt(77077), cond.Or(modelID.Eq("SECRET"), userID.Exists())).RecordLimit(3)),
			repo.Plan{
				Operation: "Scan", Table: "ns_scores", Rule: "no key or index serves the conditions", Filter: []string{"score > ?", "(model_id = ? or user_id exists)"},
				FirstLimit: 3, Unserved: []string{"score", "model_id", "user_id"},
				Cost: "the whole of table ns_scores, until 3 items pass the filter",
			},
			`Scan of ns_scores
because:     no key or index serves the conditions
filter:      score > ? and (model_id = ? or user_id exists)
projection:  all attributes
first limit: 3
cost:        reads the whole of table ns_scores, until 3 items pass the filter
no index:    score, model_id, user_id`,
		},
		"an index that would serve": {
			planOf(r.Where(tags.Exists(), cond.Name[score]("lock_version").Eq(77077), points.Gt(77077))),
			repo.Plan{
				Operation: "Scan", Table: "ns_scores", Rule: "no key or index serves the conditions", Filter: []string{"tags exists", "lock_version = ?", "score > ?"},
				Unserved: []string{"tags", "lock_version", "score"},
				Suggest:  `index.Global("...", key.Number("lock_version"), key.Number("score"))`, Cost: "the whole of table ns_scores",
			},
			`Scan of ns_scores
because:     no key or index serves the conditions
filter:      tags exists and lock_version = ? and score > ?
projection:  all attributes
cost:        reads the whole of table ns_scores
no index:    tags, lock_version, score
suggestion:  index.Global("...", key.Number("lock_version"), key.Number("score"))`,
		},
		"a parallel scan": {
			planOf(r.Scan().Segments(8).ScanLimit(80)),
			repo.Plan{
				Operation: "Scan", Table: "ns_scores", Rule: "a scan was asked for", Segments: 8, FirstLimit: 80,
				Cost: "at most 80 items of the whole of table ns_scores",
			},
			`Scan of ns_scores
because:     a scan was asked for
projection:  all attributes
read:        8 segments
first limit: 80
cost:        reads at most 80 items of the whole of table ns_scores`,
		},
		"an index in part": {
			planOf(r.Query(key.Of("SECRET")).Index("user_part_idx").Partial().Sort(expression.Key("position").Equal(expression.Value(77077)))),
			repo.Plan{
				Operation: "Query", Table: "ns_scores", Index: "user_part_idx", Rule: "the index was named",
				Key: []string{"user_id = ?", "an expression of the caller"}, Partial: true,
				Cost: "a range of one partition of index user_part_idx",
			},
			`Query of ns_scores, index user_part_idx
because:     the index was named
key:         user_id = ? and an expression of the caller
projection:  what the index projects; the rest is missing
cost:        reads a range of one partition of index user_part_idx`,
		},
		"an index, hydrated": {
			planOf(r.Query(key.Of("SECRET")).Index("user_part_idx").Hydrate()),
			repo.Plan{
				Operation: "Query", Table: "ns_scores", Index: "user_part_idx", Rule: "the index was named",
				Key: []string{"user_id = ?"}, Hydrated: true, Cost: "a whole partition of index user_part_idx",
			},
			`Query of ns_scores, index user_part_idx
because:     the index was named
key:         user_id = ?
projection:  all attributes, read by key
cost:        reads a whole partition of index user_part_idx`,
		},
		"literals": {
			planOf(orders.Scan().Where(orderTotal.Gt(77077))),
			repo.Plan{
				Operation: "Scan", Table: "ns_shop", Rule: "a scan was asked for",
				Filter: []string{"total > ?", "pk begins_with ?", "sk begins_with ?"}, Cost: "the whole of table ns_shop",
			},
			`Scan of ns_shop
because:     a scan was asked for
filter:      total > ? and pk begins_with ? and sk begins_with ?
projection:  all attributes
cost:        reads the whole of table ns_shop`,
		},
		"literals, without a condition on the sort key": {
			planOf(orders.Query(key.Of("SECRET"))),
			repo.Plan{
				Operation: "Query", Table: "ns_shop", Rule: "hash key of the table",
				Key: []string{"pk = ?", "sk begins_with ?"}, Cost: "a range of one partition of table ns_shop",
			},
			`Query of ns_shop
because:     hash key of the table
key:         pk = ? and sk begins_with ?
projection:  all attributes
cost:        reads a range of one partition of table ns_shop`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.plan()
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.text, got.String())
		})
	}
	assert.Nil(t, rec.in, "nothing is sent")
	plan, err := secret.Project("tags").Plan()
	require.NoError(t, err)
	plan.Projection[0] = "changed"
	again, err := secret.Project("tags").Plan()
	require.NoError(t, err)
	assert.Equal(t, []string{"tags"}, again.Projection)
}

// TestPlanTellsTheTruth: the plan of each query is what is then sent.
func TestPlanTellsTheTruth(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 3)
	for name, q := range map[string]repo.Query[score]{
		"partition": r.Query(partition), "limited": r.Query(partition).RecordLimit(2), "index": r.Where(userID.Eq("u1"), points.Gt(0)),
		"local": r.Query(partition).Where(points.Gt(0)), "scan": r.Scan().ScanLimit(2), "batch": r.Scan().BatchSize(3),
	} {
		plan, err := q.Plan()
		require.NoError(t, err, name)
		assert.Zero(t, tr.Total(), name)
		_, err = q.Collect(t.Context())
		require.NoError(t, err, name)
		first := tr.Requests("*")[0]
		assert.Equal(t, plan.Operation, first.Operation, name)
		assert.Equal(t, plan.FirstLimit, tr.Limits("*")[0], name)
		idx, _ := first.JSON()["IndexName"].(string)
		assert.Equal(t, plan.Index, idx, name)
		tr.Reset()
	}
}

func planOf[T any](q repo.Query[T]) func() (repo.Plan, error) {
	return func() (repo.Plan, error) { return q.Plan() }
}
