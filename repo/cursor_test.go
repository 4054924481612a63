package repo_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestResume leaves loops at random places and goes on, by item, by cursor and
// by token, over random page sizes: every item comes exactly once, in order
// (rules A6, B1 to B4). Ranks repeat, so sort keys of the indexes are equal.
func TestResume(t *testing.T) {
	t.Parallel()
	const n = 60
	db, _ := open(t, func(c *repo.Config) { c.CursorKeys = [][]byte{[]byte("0123456789abcdef")} })
	r := create[entry](t, db, entrySpec())
	for i := range n {
		require.NoError(t, r.Put(t.Context(), &entry{Name: "n", At: i, Kind: "k", Rank: i / 4, Pass: i%3 == 0}))
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for name, q := range map[string]repo.Query[entry]{
		"table":  r.Query(entryPart),
		"local":  r.Query(entryPart).Index("rank_idx"),
		"global": r.Query(key.Of("k")).Index("kind_idx"),
		"scan":   r.Scan(),
		"sparse": r.Scan().Index("kind_idx"),
	} {
		for _, filtered := range []bool{false, true} {
			for _, descending := range []bool{false, true} {
				if descending && (name == "scan" || name == "sparse") {
					continue // a scan has no order
				}
				t.Run(fmt.Sprintf("%s filtered=%t descending=%t", name, filtered, descending), func(t *testing.T) {
					t.Parallel()
					q := q
					if filtered {
						q = q.Where(entryPass.Eq(true))
					}
					if descending {
						q = q.Descending()
					}
					want, err := q.Collect(t.Context())
					require.NoError(t, err)
					require.Len(t, want, map[bool]int{false: n, true: n / 3}[filtered])
					for round := range 6 {
						rnd := rand.New(rand.NewPCG(seed, uint64(round)))
						assert.Equal(t, want, resumed(t, q, rnd, len(want)))
					}
				})
			}
		}
	}
}

// resumed reads q in pieces that end at random.
func resumed(t *testing.T, q repo.Query[entry], rnd *rand.Rand, n int) []entry {
	t.Helper()
	var got []entry
	next := q
	for len(got) < n {
		part := next
		if rnd.IntN(2) == 0 {
			part = part.BatchSize(1 + rnd.IntN(7))
		}
		if rnd.IntN(2) == 0 {
			part = part.RecordLimit(1 + rnd.IntN(9))
		}
		if rnd.IntN(4) == 0 {
			part = part.Prefetch(1 + rnd.IntN(2))
		}
		stop := rnd.IntN(8)
		before := len(got)
		if rnd.IntN(3) == 0 { // by the cursor of a page
			for page, err := range part.Pages(t.Context()) {
				require.NoError(t, err)
				got = append(got, page.Items...)
				next = q.From(page.Cursor)
				if page.Cursor.IsZero() {
					require.Len(t, got, n)
				}
				break
			}
			continue
		}
		for e, err := range part.All(t.Context()) {
			require.NoError(t, err)
			got = append(got, e)
			if stop--; stop < 0 {
				break
			}
		}
		if len(got) == before {
			continue
		}
		last := got[len(got)-1]
		switch rnd.IntN(3) {
		case 0:
			next = q.StartAfter(last)
		case 1:
			c, err := q.CursorAfter(last)
			require.NoError(t, err)
			next = q.From(c)
		default:
			c, err := q.CursorAfter(last)
			require.NoError(t, err)
			parsed, err := dyniter.ParseCursor(c.String())
			require.NoError(t, err)
			next = q.From(parsed)
		}
	}
	return got
}

// TestStartAfterKey: a place is an item or a key, in both directions (rule B3).
func TestStartAfterKey(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 5)
	got, err := r.Query(partition).StartAfter(key.Of("m", 42).Range(2)).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{3, 4, 5}, positions(got))
	got, err = r.Query(partition).Descending().StartAfter(key.Of("m", 42).Range(4)).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{3, 2, 1}, positions(got))
	got, err = r.Query(partition).StartAfter(&score{ModelID: "m", AccountID: 42, Position: 3}).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{4, 5}, positions(got))

	tr.Reset()
	for name, q := range map[string]repo.Query[score]{
		"an index's place":  r.Query(key.Of("u1")).Index("user_idx").StartAfter(key.Of("m", 42).Range(2)),
		"another type":      r.Query(partition).StartAfter("m"),
		"a nil item":        r.Query(partition).StartAfter((*score)(nil)),
		"an incomplete key": r.Query(partition).StartAfter(key.Of("m", 42)),
		"a limit of zero":   r.Query(partition).RecordLimit(0),
	} {
		_, err := q.Collect(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	assert.Zero(t, tr.Total())
}

// TestForeignCursors: a cursor serves no other query than its own (rule B4).
func TestForeignCursors(t *testing.T) {
	t.Parallel()
	keys := [][]byte{[]byte("0123456789abcdef"), []byte("an older key of it")}
	db, tr := open(t, func(c *repo.Config) { c.CursorKeys = keys })
	r := create[score](t, db, scoreSpec())
	older, err := repo.NewDB(db.Client(), &repo.Config{Namespace: db.Config().Namespace, CursorKeys: keys[1:]})
	require.NoError(t, err)
	before, err := repo.New[score](older, scoreSpec())
	require.NoError(t, err)
	unsigned, err := repo.NewDB(db.Client(), &repo.Config{Namespace: db.Config().Namespace})
	require.NoError(t, err)
	open, err := repo.New[score](unsigned, scoreSpec())
	require.NoError(t, err)

	at := score{ModelID: "m", AccountID: 42, Position: 3, UserID: "u1", Points: 1.5}
	q := r.Query(partition)
	token := func(q repo.Query[score]) dyniter.Cursor {
		c, err := q.CursorAfter(at)
		require.NoError(t, err)
		parsed, err := dyniter.ParseCursor(c.String())
		require.NoError(t, err)
		return parsed
	}
	tr.Reset()
	for name, c := range map[string]dyniter.Cursor{
		"another partition": token(r.Query(key.Of("m", 43))),
		"another direction": token(q.Descending()),
		"another index":     token(q.Index("score_idx")),
		"a scan":            token(r.Scan()),
		"not signed":        token(open.Query(partition)),
	} {
		_, err := q.From(c).Collect(t.Context())
		require.ErrorIs(t, err, dyniter.ErrCursor, name)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	assert.Zero(t, tr.Total())
	for name, c := range map[string]dyniter.Cursor{
		"its own":          token(q),
		"of the older key": token(before.Query(partition)),
	} {
		_, err := q.From(c).Collect(t.Context())
		require.NoError(t, err, name)
	}
}
