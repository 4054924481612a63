package repo_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// lasting ends at a time of the test's clock. The table has no TTL, so that
// the engine removes nothing.
type lasting struct {
	Name string `dynamodbav:"name"`
	At   int    `dynamodbav:"at"`
	Kind string `dynamodbav:"kind"`
	Ends int64  `dynamodbav:"ends,omitempty"`
}

var lastingKind = cond.Field(func(l *lasting) *string { return &l.Kind })

func lastings(tb testing.TB, opts ...func(*repo.Config)) *repo.Repo[lasting] {
	tb.Helper()
	db, _ := open(tb, opts...)
	return create[lasting](tb, db, repo.Spec{
		Table: "lasting",
		Key:   key.Spec{Hash: key.String("name"), Range: key.Int("at")},
		Indexes: []index.Spec{
			index.Global("kind_idx", key.String("kind"), key.Int("at")),
			index.Local("local_idx", key.String("kind")),
			index.Global("part_idx", key.String("kind")).Include("ends"),
		},
		TTL: repo.TTL{Attr: "ends", Hide: true},
	})
}

// TestHidden: what has ended is hidden from every read path at the second, by
// the clock, and is still there for one that does not hide (rule J4).
func TestHidden(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	r := lastings(t, clock.in)
	db := r.DB()
	for i, ends := range []int64{0, 0, noon.Unix() + 10, noon.Unix() + 20, -5} {
		require.NoError(t, r.Put(t.Context(), &lasting{Name: "n", At: i, Kind: "k", Ends: ends}))
	}
	keys := func(places ...int) []key.Value {
		var all []key.Value
		for _, at := range places {
			all = append(all, key.Of("n").Range(at))
		}
		return all
	}
	at := func(items []lasting) []int {
		var places []int
		for _, l := range items {
			places = append(places, l.At)
		}
		return places
	}
	check := func(t *testing.T, want ...int) {
		t.Helper()
		for i := range 5 {
			k := keys(i)[0]
			there := slices.Contains(want, i)
			got, err := r.Get(t.Context(), k)
			var into lasting
			transactErr := db.TransactGet(t.Context(), r.Into(k, &into))
			exists, existsErr := r.Exists(t.Context(), k)
			require.NoError(t, existsErr)
			assert.Equal(t, there, exists, i)
			if there {
				require.NoError(t, err)
				require.NoError(t, transactErr)
				assert.Equal(t, i, into.At)
				continue
			}
			require.ErrorIs(t, err, repo.ErrNotFound, i)
			require.ErrorIs(t, transactErr, repo.ErrNotFound, i)
			assert.Zero(t, got)
			assert.Zero(t, into)
		}
		many, err := r.GetMany(t.Context(), keys(0, 1, 2, 3, 4))
		require.NoError(t, err)
		assert.Equal(t, want, at(many.Items))
		assert.Len(t, many.Missing, 5-len(want))
		for name, q := range map[string]repo.Query[lasting]{
			"query": r.Query(key.Of("n")), "scan": r.Scan(), "where": r.Where(lastingKind.Eq("k")),
			"one a page": r.Query(key.Of("n")).BatchSize(1),
			"index":      r.Query(key.Of("k")).Index("kind_idx"), "local": r.Query(key.Of("n")).Index("local_idx"),
			"prefetched": r.Query(key.Of("n")).BatchSize(2).Prefetch(1), "segments": r.Scan().Segments(2),
		} {
			got, err := q.Collect(t.Context())
			require.NoError(t, err, name)
			assert.ElementsMatch(t, want, at(got), name)
			n, err := q.Count(t.Context())
			require.NoError(t, err, name)
			assert.Equal(t, len(want), n, name)
		}
		got, err := r.Query(key.Of("n")).Project("kind").Collect(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, at(got))
		first, err := r.Query(key.Of("n")).Descending().First(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want[len(want)-1], first.At)
	}
	for _, step := range []struct {
		after time.Duration
		want  []int
	}{
		{9 * time.Second, []int{0, 1, 2, 3, 4}}, {time.Second, []int{0, 1, 3, 4}}, {10 * time.Second, []int{0, 1, 4}},
	} {
		clock.add(step.after)
		t.Run(fmt.Sprint(step.want), func(t *testing.T) { check(t, step.want...) })
	}
	shown := r.Spec()
	shown.TTL.Hide = false
	open, err := repo.New[lasting](db, shown)
	require.NoError(t, err)
	all, err := open.Scan().Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 5, "hidden is not removed")
}

// TestHiddenWithLimits: what is hidden counts as evaluated and not as returned,
// beside conditions of the caller's (rules A2, A4, A7, J4).
func TestHiddenWithLimits(t *testing.T) {
	t.Parallel()
	r := lastings(t, newTicking(noon).in)
	for i := range 12 {
		l := lasting{Name: "n", At: i, Kind: "even"}
		if i%2 == 1 {
			l.Kind = "odd"
		}
		if i < 6 {
			l.Ends = noon.Unix() - 1
		}
		require.NoError(t, r.Put(t.Context(), &l))
	}
	q := r.Query(key.Of("n"))
	for name, tt := range map[string]struct {
		query repo.Query[lasting]
		want  int
	}{
		"records":                {q.RecordLimit(4), 4},
		"records, one a page":    {q.RecordLimit(4).BatchSize(1), 4},
		"scanned":                {q.ScanLimit(8), 2},
		"scanned, in pages":      {q.ScanLimit(8).BatchSize(3), 2},
		"condition":              {q.Where(lastingKind.Eq("odd")), 3},
		"condition and limit":    {q.Where(lastingKind.Eq("odd")).RecordLimit(2).BatchSize(4), 2},
		"segments":               {r.Scan().Segments(3).RecordLimit(5), 5},
		"descending":             {q.Descending().ScanLimit(3), 3},
		"nothing but what ended": {q.ScanLimit(6), 0},
	} {
		got, err := tt.query.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Len(t, got, tt.want, name)
		for _, l := range got {
			assert.Zero(t, l.Ends, name)
		}
		n, err := tt.query.Count(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, tt.want, n, name)
	}
	first, err := q.Where(lastingKind.Eq("odd")).First(t.Context())
	require.NoError(t, err)
	assert.Contains(t, []int{7, 9, 11}, first.At, "an index holds them in no order of their own")
	whole, err := r.Query(key.Of("even")).Index("part_idx").Hydrate().Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, whole, 3)
}

// TestEndInMilliseconds: an end that would never come is refused by every write
// that stores one, before any request (rule O7).
func TestEndInMilliseconds(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r, err := repo.New[lasting](db, repo.Spec{Table: "lasting", Key: key.Spec{Hash: key.String("name"), Range: key.Int("at")}, TTL: repo.TTL{Attr: "ends"}})
	require.NoError(t, err)
	ends := cond.Field(func(l *lasting) *int64 { return &l.Ends })
	k, ms := key.Of("n").Range(1), noon.UnixMilli()
	item := func() *lasting { return &lasting{Name: "n", At: 1, Ends: ms} }
	for name, do := range map[string]func() error{
		"Create":          func() error { return r.Create(t.Context(), item()) },
		"Put":             func() error { return r.Put(t.Context(), item()) },
		"Save":            func() error { return r.Save(t.Context(), item()) },
		"SaveChanges":     func() error { return r.SaveChanges(t.Context(), &lasting{Name: "n", At: 1}, item()) },
		"Update":          func() error { _, err := r.Update(t.Context(), k, ends.Set(ms)); return err },
		"Upsert":          func() error { _, err := r.Upsert(t.Context(), k, ends.SetIfMissing(ms)); return err },
		"Query":           func() error { _, err := r.Query(key.Of("n")).Update(t.Context(), ends.Set(ms)); return err },
		"Batch":           func() error { return db.Batch(t.Context(), r.Ops().Put(item())) },
		"Transact":        func() error { return db.Transact(t.Context(), r.Ops().Put(item())) },
		"Transact Update": func() error { return db.Transact(t.Context(), r.Ops().Update(k, ends.Set(ms))) },
	} {
		err := do()
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorContains(t, err, "attribute ends", name)
	}
	assert.Zero(t, tr.Total())
}
