package repo_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// under returns the repository of the same table under another policy.
func under[T any](tb testing.TB, r *repo.Repo[T], p repo.ScanPolicy) *repo.Repo[T] {
	tb.Helper()
	cfg := r.DB().Config()
	cfg.ScanPolicy = p
	db, err := repo.NewDB(r.DB().Client(), &cfg)
	require.NoError(tb, err)
	other, err := repo.New[T](db, r.Spec())
	require.NoError(tb, err)
	return other
}

// TestScanPolicy: a scan that conditions forced is one warning that names them,
// or refused before any request, or allowed; one that was asked for is neither
// (rule C5).
func TestScanPolicy(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db, tr := open(t, func(c *repo.Config) { c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	warned := create[score](t, db, scoreSpec())
	require.NoError(t, warned.Put(t.Context(), &score{ModelID: "SECRET", AccountID: 42, Position: 1, Points: 77077}))
	forced := func(r *repo.Repo[score]) repo.Query[score] {
		return r.Where(points.Gt(77076), cond.Or(modelID.Eq("SECRET"), userID.Exists())).BatchSize(1)
	}
	for name, send := range map[string]func(repo.Query[score]) error{
		"Collect": func(q repo.Query[score]) error { return second(q.Collect(t.Context())) },
		"First":   func(q repo.Query[score]) error { return second(q.First(t.Context())) },
		"Count":   func(q repo.Query[score]) error { return second(q.Count(t.Context())) },
		"ahead":   func(q repo.Query[score]) error { return second(q.Segments(2).Prefetch(1).Collect(t.Context())) },
	} {
		log.Reset()
		require.NoError(t, send(forced(warned)), name)
		var line map[string]any
		require.NoError(t, json.Unmarshal(log.Bytes(), &line), "one line: %s", name)
		delete(line, "time")
		assert.Equal(t, map[string]any{
			"level": "WARN", "msg": "dynarepo: conditions force a scan", "table": warned.Table(), "index": "",
			"conditions": "score, model_id, user_id", "suggest": "",
		}, line, name)

		log.Reset()
		tr.Reset()
		err := send(forced(under(t, warned, repo.ScanRefuse)))
		require.ErrorIs(t, err, repo.ErrScanRefused, name)
		require.NotErrorIs(t, err, repo.ErrInvalid, name)
		assert.EqualError(t, err, "repo: Scan "+warned.Table()+": scan refused: no key or index serves the conditions: score, model_id, user_id", name)
		assert.Zero(t, tr.Total(), name)

		require.NoError(t, send(forced(under(t, warned, repo.ScanAllow))), name)
		assert.Empty(t, log.String(), name)
	}

	tr.Reset()
	strict := under(t, warned, repo.ScanRefuse)
	for name, q := range map[string]repo.Query[score]{
		"asked for":          strict.Scan().Where(points.Gt(1)),
		"of an index":        strict.Scan().Index("user_idx").Where(points.Gt(1)),
		"without conditions": strict.Where(),
		"no scan":            strict.Where(modelID.Eq("SECRET"), accountID.Eq(42), points.Gt(1)),
	} {
		require.NoError(t, second(q.Collect(t.Context())), name)
	}
	_, err := strict.Where(points.Gt(1)).Index("user_idx").Collect(t.Context())
	require.ErrorIs(t, err, repo.ErrScanRefused, "a named index without its hash key is a scan that conditions force")
	assert.EqualError(t, err, "repo: Scan "+strict.Table()+" index user_idx: scan refused: no key or index serves the conditions: score")
	_, err = forced(strict).Plan()
	require.NoError(t, err, "a plan sends nothing, so nothing is refused")
	assert.Empty(t, log.String())
}

// TestSuggestion: the warning suggests an index that would serve.
func TestSuggestion(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db, _ := open(t, func(c *repo.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	r := create[entry](t, db, entrySpec())
	require.NoError(t, second(r.Where(cond.Field(func(e *entry) *int { return &e.Rank }).Eq(77077)).Collect(t.Context())))
	assert.Contains(t, log.String(), `suggest="index.Global(\"...\", key.Number(\"rank\"))"`)
	assert.NotContains(t, log.String(), "77077")
}

// TestLoose: attributes that are declared loose may be named though the type
// has no field for them; others may not (rule C7).
func TestLoose(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	spec := entrySpec()
	spec.Loose = []string{"origin", "meta"}
	r := create[entry](t, db, spec)
	store(t, r,
		av{"name": str("n"), "at": num("1"), "origin": str("x"), "meta": &types.AttributeValueMemberM{Value: av{"depth": num("2")}}},
		av{"name": str("n"), "at": num("2"), "origin": str("y")},
	)
	spec.Loose[0] = "changed" // the declaration is a copy
	origin, depth := cond.Name[entry]("origin"), cond.Name[entry]("meta.depth")
	for name, q := range map[string]repo.Query[entry]{
		"condition": r.Query(entryPart).Where(origin.Eq("x")),
		"path":      r.Query(entryPart).Where(depth.Gte(2)),
		"projected": r.Query(entryPart).Where(origin.Eq("x")).Project("origin"),
	} {
		got, err := q.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, []int{1}, places(got), name)
	}
	_, err := r.Update(t.Context(), entryKey(2), origin.Set("x"))
	require.NoError(t, err)
	assert.Equal(t, str("x"), stored(t, r, av{"name": str("n"), "at": num("2")})["origin"])
	tr.Reset()
	_, err = r.Query(entryPart).Where(cond.Name[entry]("changed").Exists()).Collect(t.Context())
	require.ErrorIs(t, err, cond.ErrAttr)
	assert.ErrorContains(t, err, "changed: the model has no such attribute")
	assert.Zero(t, tr.Total())
}

// TestPages: a page for each request, the cursor behind it, none behind the
// last, what was evaluated and consumed (rule B5).
func TestPages(t *testing.T) {
	t.Parallel()
	pass := []bool{true, false, false, false, true}
	r, tr := entries(t, pass)
	type page struct {
		at        []int
		evaluated int
		more      bool
	}
	for name, c := range map[string]struct {
		q    repo.Query[entry]
		want []page
	}{
		"one page of results": {r.Query(entryPart), []page{{[]int{0, 1, 2, 3, 4}, 5, false}}},
		"exactly full":        {r.Query(entryPart).RecordLimit(5), []page{{[]int{0, 1, 2, 3, 4}, 5, true}}},
		"three":               {r.Query(entryPart).BatchSize(2), []page{{[]int{0, 1}, 2, true}, {[]int{2, 3}, 2, true}, {[]int{4}, 1, false}}},
		"an empty one": {
			r.Query(entryPart).Where(entryPass.Eq(true)).BatchSize(2),
			[]page{{[]int{0}, 2, true}, {nil, 2, true}, {[]int{4}, 1, false}},
		},
		"nothing at all":   {r.Query(key.Of("nobody")), []page{{nil, 0, false}}},
		"left in the page": {r.Query(entryPart).Where(entryPass.Eq(true)).BatchSize(5).RecordLimit(1), []page{{[]int{0}, 5, true}}},
	} {
		tr.Reset()
		var got []page
		for p, err := range c.q.Pages(t.Context()) {
			require.NoError(t, err, name)
			got = append(got, page{places(p.Items), p.Evaluated, !p.Cursor.IsZero()})
			assert.Equal(t, p.Evaluated > 0, p.Consumed > 0, name)
			p.Items = append(p.Items[:0], entry{Name: "the caller's"})
		}
		assert.Equal(t, c.want, got, name)
		assert.Equal(t, len(got), tr.Count("Query"), name)
	}
	for p, err := range r.Query(entryPart).Where(entryPass.Eq(true)).BatchSize(5).RecordLimit(1).Pages(t.Context()) {
		require.NoError(t, err)
		rest, err := r.Query(entryPart).Where(entryPass.Eq(true)).From(p.Cursor).Collect(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []int{4}, places(rest), "the cursor stands behind the item handed out, not behind the page")
	}
	for _, err := range r.Query(entryPart).Index("nowhere").Pages(t.Context()) {
		require.ErrorIs(t, err, repo.ErrInvalid)
	}
}

// TestQueryIsAValue: what is derived of a query leaves it as it was, and it can
// be read by many at once.
func TestQueryIsAValue(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 8)
	base := r.Query(partition).Where(points.Gte(0)).Project("score").RecordLimit(6)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			narrow := base.Where(points.Lt(float64(i))).Project("user_id").Descending()
			metered, meter := repo.WithMeter(t.Context())
			got, err := narrow.Collect(metered)
			assert.NoError(t, err)
			assert.Len(t, got, min(6, 2*i))
			assert.Equal(t, len(got), meter.Stats().Returned)
			again, err := narrow.Collect(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, got, again)
		})
	}
	wg.Wait()
	got, err := base.Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3, 4, 5, 6}, positions(got))
	assert.Empty(t, got[0].UserID)
}
