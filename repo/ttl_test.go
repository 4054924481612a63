package repo_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
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

// session is kept up in every way, and ends.
type session struct {
	ID      string    `dynamodbav:"id"`
	User    string    `dynamodbav:"user,omitempty"`
	Hits    int       `dynamodbav:"hits"`
	Note    string    `dynamodbav:"note,omitempty"`
	Tags    []string  `dynamodbav:"tags"`
	Ends    int64     `dynamodbav:"ends"`
	Created time.Time `dynamodbav:"created"`
	V       int       `dynamodbav:"v"`
}

// TestExpiredIsNotThere: for a model that hides expired items, one is not there
// for any verb, by itself and in a transaction, with and without a lock and unique
// fields (rule O3).
func TestExpiredIsNotThere(t *testing.T) {
	t.Parallel()
	hits := cond.Field(func(s *session) *int { return &s.Hits })
	note := cond.Field(func(s *session) *string { return &s.Note })
	user := cond.Field(func(s *session) *string { return &s.User })
	tags := cond.Field(func(s *session) *[]string { return &s.Tags })
	k := key.Of("1")
	for name, change := range map[string]func(*repo.Spec){
		"plain":  func(*repo.Spec) {},
		"lock":   func(s *repo.Spec) { s.Lock = lock.Version("v") },
		"unique": func(s *repo.Spec) { s.Unique = []repo.Unique{repo.UniqueOn(user)} },
		"both":   func(s *repo.Spec) { s.Lock, s.Unique = lock.Version("v"), []repo.Unique{repo.UniqueOn(user)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newTicking(noon)
			db, tr := open(t, clock.in)
			r := create[session](t, db, spec("sessions", func(s *repo.Spec) {
				s.TTL, s.Timestamps = repo.TTL{Attr: "ends", After: time.Hour, Hide: true}, repo.Timestamps{Created: "created"}
				change(s)
			}))
			at := noon
			for verb, c := range map[string]struct {
				do   func(old *session) error
				want error    // nil if an item is begun anew
				anew *session // what is stored then, but for what is kept up
				one  bool     // in one request, without unique fields
			}{
				"Create": {do: func(*session) error { return r.Create(t.Context(), &session{ID: "1", Hits: 1}) }, anew: &session{Hits: 1}, one: true},
				"Put":    {do: func(*session) error { return r.Put(t.Context(), &session{ID: "1", Hits: 1}) }, anew: &session{Hits: 1}, one: true},
				"Upsert": {do: func(*session) error {
					_, err := r.Upsert(t.Context(), k, hits.Add(1), tags.Append([]string{"x"}))
					return err
				}, anew: &session{Hits: 1, Tags: []string{"x"}}},
				"Upsert a user": {do: func(*session) error { _, err := r.Upsert(t.Context(), k, user.SetIfMissing("b")); return err }, anew: &session{User: "b"}},
				"Upsert a user, returning what was": {do: func(*session) error {
					before, err := r.Returning(repo.ReturnBefore).Upsert(t.Context(), k, user.Set("b"))
					assert.Zero(t, before)
					return err
				}, anew: &session{User: "b"}},
				"Update":        {do: func(*session) error { _, err := r.Update(t.Context(), k, hits.Add(1)); return err }, want: repo.ErrNotFound, one: true},
				"Update a user": {do: func(*session) error { _, err := r.Update(t.Context(), k, user.Set("b")); return err }, want: repo.ErrNotFound},
				"Update, if":    {do: func(*session) error { _, err := r.If(hits.Eq(7)).Update(t.Context(), k, hits.Add(1)); return err }, want: repo.ErrNotFound, one: true},
				"Increment":     {do: func(*session) error { _, err := repo.Increment(t.Context(), r, k, hits, 1); return err }, want: repo.ErrNotFound, one: true},
				"Touch": {do: func(*session) error {
					_, err := r.Touch(t.Context(), k, cond.Field(func(s *session) *time.Time { return &s.Created }))
					return err
				}, want: repo.ErrNotFound, one: true},
				"SaveChanges":     {do: func(old *session) error { s := *old; s.Hits++; return r.SaveChanges(t.Context(), old, &s) }, want: repo.ErrNotFound, one: true},
				"Get":             {do: func(*session) error { _, err := r.Get(t.Context(), k); return err }, want: repo.ErrNotFound, one: true},
				"Transact Create": {do: func(*session) error { return db.Transact(t.Context(), r.Ops().Create(&session{ID: "1", Hits: 1})) }, anew: &session{Hits: 1}, one: true},
				"Transact Upsert": {do: func(*session) error {
					return db.Transact(t.Context(), r.Ops().Upsert(k, hits.Add(1), note.SetIfMissing("n")))
				}, anew: &session{Hits: 1, Note: "n"}},
				"Transact Update": {do: func(*session) error { return db.Transact(t.Context(), r.Ops().Update(k, hits.Add(1))) }, want: repo.ErrNotFound, one: true},
				"Transact Check": {do: func(*session) error {
					return db.Transact(t.Context(), r.Ops().Check(k), r.Ops().Put(&session{ID: "2"}))
				}, want: repo.ErrNotFound},
				"Query.Update": {do: func(*session) error {
					n, err := r.Query(k).Update(t.Context(), hits.Add(1))
					assert.Zero(t, n)
					return err
				}, want: errNone, one: true},
				"Query.DeleteAll": {do: func(*session) error { n, err := r.Query(k).DeleteAll(t.Context()); assert.Zero(t, n); return err }, want: errNone, one: true},
				"Delete":          {do: func(*session) error { return r.Delete(t.Context(), k) }, want: errNone},
			} {
				old := session{ID: "1", User: "a", Hits: 7, Note: "old", Tags: []string{"old"}}
				require.NoError(t, r.Put(t.Context(), &old), verb)
				at = at.Add(2 * time.Hour)
				clock.add(2 * time.Hour)
				tr.Reset()
				err := c.do(&old)
				if c.one && (name == "plain" || name == "lock") {
					assert.Equal(t, 1, tr.Total(), verb)
				}
				switch {
				case errors.Is(c.want, errNone):
					require.NoError(t, err, verb)
				case c.want != nil && name != "plain" && verb == "SaveChanges":
					require.Error(t, err, verb)
				case c.want != nil:
					require.ErrorIs(t, err, c.want, verb)
				default:
					require.NoError(t, err, verb)
					got, err := r.Get(t.Context(), k)
					require.NoError(t, err, verb)
					assert.Equal(t, at.Add(time.Hour).Unix(), got.Ends, verb)
					assert.Equal(t, at.Unix(), got.Created.Unix(), verb)
					if name == "lock" || name == "both" {
						assert.Equal(t, 1, got.V, verb)
					}
					got.ID, got.Ends, got.Created, got.V = "", 0, time.Time{}, 0
					assert.Equal(t, *c.anew, got, verb)
				}
				require.NoError(t, r.Delete(t.Context(), k), verb)
				require.NoError(t, r.Put(t.Context(), &session{ID: "3", User: "a"}), "%s: its user is free again", verb)
				require.NoError(t, r.Delete(t.Context(), key.Of("3")), verb)
			}
		})
	}
}

var errNone = errors.New("no error")
