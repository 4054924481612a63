package repo_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// partial returns a repository of n scores of one user, whose partial global
// index user_part_idx holds their tags and not their points.
func partial(tb testing.TB, n int, opts ...func(*repo.Config)) (*repo.Repo[score], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb, opts...)
	r := create[score](tb, db, scoreSpec())
	var items []av
	for i := range n {
		items = append(items, av{
			"id": str("m|42"), "model_id": str("m"), "account_id": num("42"), "position": num(strconv.Itoa(i + 1)),
			"user_id": str("u"), "score": num(strconv.Itoa(i)), "lock_version": num("1"),
		})
	}
	store(tb, r, items...)
	tr.Reset()
	return r, tr
}

// TestHydrate: what a partial index lacks is read by key, in batches of 100,
// and the order is kept (rule C3).
func TestHydrate(t *testing.T) {
	t.Parallel()
	r, tr := partial(t, 250)
	q := r.Query(key.Of("u")).Index("user_part_idx").Descending()
	_, err := q.RecordLimit(1).Collect(t.Context())
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorContains(t, err, "index user_part_idx: it does not project score, created_at, updated_at, lock_version: Project what is needed")
	assert.Zero(t, tr.Total())
	bare, err := q.Partial().RecordLimit(1).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []score{{ModelID: "m", AccountID: 42, Position: 250, UserID: "u"}}, bare, "parts of the composite are filled in, the rest is missing")

	tr.Reset()
	metered, meter := repo.WithMeter(t.Context())
	got, err := q.Hydrate().Collect(metered)
	require.NoError(t, err)
	require.Len(t, got, 250)
	for i, s := range got {
		require.Equal(t, 250-i, s.Position)
		require.InDelta(t, 249-i, s.Points, 0)
		require.Equal(t, int64(1), s.Version)
	}
	assert.Equal(t, map[string]int{"Query": 1, "BatchGetItem": 3}, tr.Counts())
	assert.Equal(t, []int{50, 100, 100}, asked(tr, r.Table()))
	assert.Equal(t, 4, meter.Stats().Requests)
	assert.Equal(t, 250, meter.Stats().Evaluated)
	assert.Positive(t, meter.Stats().ConsumedTable)
	assert.Positive(t, meter.Stats().ConsumedIndex)
	assert.Equal(t, "#1, #2, #0", tr.Requests("Query")[0].JSON()["ProjectionExpression"], "the index is asked for keys alone")

	tr.Reset()
	got, err = q.Hydrate().RecordLimit(3).BatchSize(2).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{250, 249, 248}, positions(got))
	assert.Equal(t, map[string]int{"Query": 2, "BatchGetItem": 2}, tr.Counts())
	after, err := q.CursorAfter(got[2])
	require.NoError(t, err)
	first, err := q.Hydrate().From(after).First(t.Context())
	require.NoError(t, err)
	assert.InDelta(t, 246, first.Points, 0)

	tr.Reset()
	_, err = q.Hydrate().Count(t.Context())
	require.ErrorIs(t, err, repo.ErrInvalid)
	n, err := q.Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 250, n)
	assert.Equal(t, map[string]int{"Query": 1}, tr.Counts(), "a count reads no item")
}

// TestHydrateOthers: scans of a partial index, and partial local ones, which
// then need not fetch by themselves.
func TestHydrateOthers(t *testing.T) {
	t.Parallel()
	r, tr := partial(t, 5)
	for name, q := range map[string]repo.Query[score]{
		"scan":        r.Scan().Index("user_part_idx"),
		"parallel":    r.Scan().Index("user_part_idx").Segments(2),
		"ahead":       r.Query(key.Of("u")).Index("user_part_idx").Prefetch(1).BatchSize(2),
		"local":       r.Query(partition).Index("score_part_idx"),
		"whole index": r.Query(key.Of("u")).Index("user_idx"),
	} {
		got, err := q.Hydrate().Collect(t.Context())
		require.NoError(t, err, name)
		assert.ElementsMatch(t, []int{1, 2, 3, 4, 5}, positions(got), name)
		for _, s := range got {
			assert.InDelta(t, s.Position-1, s.Points, 0, name)
		}
	}
	tr.Reset()
	_, err := r.Query(partition).Index("score_part_idx").Consistent().Hydrate().Collect(t.Context())
	require.NoError(t, err)
	assert.NotContains(t, tr.Requests("Query")[0].JSON(), "Select")
	sent := tr.Requests("BatchGetItem")[0].JSON()["RequestItems"].(map[string]any)[r.Table()].(map[string]any)
	assert.Equal(t, true, sent["ConsistentRead"])
}

// TestHydrateGone: an item that is gone between index and table is left out,
// counted, and made up for within the limits.
func TestHydrateGone(t *testing.T) {
	t.Parallel()
	r, tr := partial(t, 6)
	tr.On("BatchGetItem").Times(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		_, err := r.DB().Client().DeleteItem(req.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String(r.Table()), Key: av{"id": str("m|42"), "position": num("2")},
		})
		if err != nil {
			return nil, err
		}
		return send(req)
	})
	metered, meter := repo.WithMeter(t.Context())
	got, err := r.Query(key.Of("u")).Index("user_part_idx").Hydrate().RecordLimit(4).Collect(metered)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 3, 4, 5}, positions(got))
	assert.Equal(t, 1, meter.Stats().Gone)
	assert.Equal(t, 4, meter.Stats().Returned)
	assert.Equal(t, 5, meter.Stats().Evaluated)
	assert.Equal(t, []int{4, 1}, tr.Limits("Query"))
}

// TestHydrateFails: items that can't be read end the query, and it does not
// pass for a complete one.
func TestHydrateFails(t *testing.T) {
	t.Parallel()
	r, tr := partial(t, 6, func(c *repo.Config) { c.BatchAttempts = 2 })
	q := r.Query(key.Of("u")).Index("user_part_idx").Hydrate().BatchSize(3)
	metered, meter := repo.WithMeter(t.Context())
	once := tr.On("BatchGetItem").Times(1).Do(faults.Unprocessed(2))
	got, err := q.Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, got, 6)
	assert.Equal(t, 1, once.Struck())

	never := tr.On("BatchGetItem").After(1).Do(undone("UnprocessedKeys"))
	got, err = q.Collect(metered)
	require.ErrorIs(t, err, repo.ErrUnprocessed)
	assert.EqualError(t, err, "repo: Query "+r.Table()+" index user_part_idx: unprocessed keys are left")
	assert.Equal(t, []int{1, 2, 3}, positions(got), "what was read before comes beside the error")
	assert.Equal(t, dyniter.StopError, meter.Stats().Stop)
	never.Stop()

	tr.On("BatchGetItem").Do(faults.Error(400, "AccessDeniedException"))
	got, err = q.Collect(t.Context())
	assert.EqualError(t, err, "repo: Query "+r.Table()+" index user_part_idx: AccessDeniedException: a policy denies the operation to these credentials")
	assert.Empty(t, got)
}

// TestProject asks for the attributes named and the keys, each once, whatever
// reads them.
func TestProject(t *testing.T) {
	t.Parallel()
	r, tr := partial(t, 2)
	user := r.Query(key.Of("u"))
	keys := score{ModelID: "m", AccountID: 42, Position: 1}
	full := keys
	full.UserID = "u"
	for name, c := range map[string]struct {
		q    repo.Query[score]
		want score
	}{
		"table":       {r.Query(partition).Project("user_id"), full},
		"twice":       {r.Query(partition).Project("user_id", "id").Project("user_id"), full},
		"keys alone":  {r.Query(partition).Project("position"), keys},
		"scan":        {r.Scan().Project("user_id"), full},
		"index":       {user.Index("user_part_idx").Project("tags"), full},
		"local":       {r.Query(partition).Index("score_part_idx").Project("user_id"), full},
		"hydrated":    {user.Index("user_part_idx").Project("user_id", "user_id").Hydrate(), full},
		"hydrated ks": {user.Index("user_part_idx").Project("id").Hydrate(), keys},
	} {
		tr.Reset()
		got, err := c.q.First(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, name)
		_, err = c.q.Count(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name+": a count reads no attribute")
	}

	tr.Reset()
	got, err := user.Index("user_part_idx").Project("lock_version").Hydrate().First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, score{ModelID: "m", AccountID: 42, Position: 1, Version: 1}, got, "hydrated, it may be what the index lacks")

	tr.Reset()
	for name, q := range map[string]repo.Query[score]{
		"unknown":         r.Query(partition).Project("nobody"),
		"a path":          r.Query(partition).Project("tags[0]"),
		"not projected":   user.Index("user_part_idx").Project("score"),
		"filtered by it":  user.Index("user_part_idx").Where(points.Gt(1)),
		"scanned for it":  r.Scan().Index("user_part_idx").Where(points.Gt(1)),
		"hydrated for it": user.Index("user_part_idx").Where(points.Gt(1)).Hydrate(),
	} {
		_, err := q.Collect(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	_, err = user.Index("user_part_idx").Project("score", "created_at").Collect(t.Context())
	require.ErrorIs(t, err, index.ErrPlan)
	assert.ErrorContains(t, err, "attribute score: asked for, and the index does not project it")
	assert.ErrorContains(t, err, "attribute created_at: asked for, and the index does not project it")
	assert.Zero(t, tr.Total())
}
