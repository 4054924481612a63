package repo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

// visit has all that a write keeps up, and composites that hold parts of its
// key.
type visit struct {
	Site    string         `dynamodbav:"site"`
	Day     int            `dynamodbav:"day"`
	Page    string         `dynamodbav:"page"`
	Status  string         `dynamodbav:"status,omitempty"`
	Kind    string         `dynamodbav:"kind,omitempty"`
	Area    string         `dynamodbav:"area,omitempty"`
	Hits    int            `dynamodbav:"hits"`
	Share   float64        `dynamodbav:"share,omitempty"`
	Small   uint8          `dynamodbav:"small,omitempty"`
	Counts  map[string]int `dynamodbav:"counts,omitempty"`
	List    []int          `dynamodbav:"list,omitempty"`
	Seen    time.Time      `dynamodbav:"seen,omitempty"`
	Ends    int64          `dynamodbav:"ends,omitempty"`
	Created time.Time      `dynamodbav:"created"`
	Updated time.Time      `dynamodbav:"updated"`
	Version int            `dynamodbav:"v"`
}

var (
	visitSite   = cond.Field(func(v *visit) *string { return &v.Site })
	visitStatus = cond.Field(func(v *visit) *string { return &v.Status })
	visitKind   = cond.Field(func(v *visit) *string { return &v.Kind })
	visitArea   = cond.Field(func(v *visit) *string { return &v.Area })
	visitHits   = cond.Field(func(v *visit) *int { return &v.Hits })
	visitShare  = cond.Field(func(v *visit) *float64 { return &v.Share })
	visitSmall  = cond.Field(func(v *visit) *uint8 { return &v.Small })
	visitSeen   = cond.Field(func(v *visit) *time.Time { return &v.Seen })
	visitEnds   = cond.Field(func(v *visit) *int64 { return &v.Ends })

	visitKey = key.Of("s", 7).Range("p")
	visitRaw = av{"pk": str("s|7"), "page": str("p")}
)

func visitSpec() repo.Spec {
	return repo.Spec{
		Table: "visits",
		Key:   key.Spec{Hash: key.Composite("pk", key.String("site"), key.Int("day")), Range: key.String("page")},
		Indexes: []index.Spec{
			index.Global("status_idx", key.Composite("status_key", key.String("site"), key.String("status"))),
			index.Global("page_idx", key.Composite("page_key", key.String("page"), key.String("site"))),
			index.Global("area_idx", key.Composite("area_key", key.String("kind"), key.String("area"))),
		},
		Lock:       lock.Version("v"),
		Timestamps: repo.Timestamps{Created: "created", Updated: "updated"},
		TTL:        repo.TTL{Attr: "ends", After: time.Hour},
		Defaults:   []repo.Default{repo.DefaultTo(visitShare, 0.5), repo.DefaultTo(visitArea, "home"), repo.DefaultTo(visitHits, 100)},
	}
}

// visits returns a repository whose clock stands at noon.
func visits(tb testing.TB) (*repo.Repo[visit], *faults.Transport, *ticking) {
	tb.Helper()
	clock := newTicking(noon)
	db, tr := open(tb, clock.in)
	r := create[visit](tb, db, visitSpec())
	tr.Reset()
	return r, tr, clock
}

// TestUpsert: what is not there is made with its key, both timestamps, version
// 1, its end and the defaults, in one request; what is there is changed as by
// Update (rules F1, F2, G4, I4, J4, K3).
func TestUpsert(t *testing.T) {
	t.Parallel()
	for name, upsert := range map[string]func(*repo.Repo[visit], ...cond.Change[visit]) error{
		"UpdateItem": func(r *repo.Repo[visit], changes ...cond.Change[visit]) error {
			got, err := r.Upsert(t.Context(), visitKey, changes...)
			if err == nil {
				now, gerr := r.Get(t.Context(), visitKey)
				require.NoError(t, gerr)
				assert.Equal(t, now, got)
			}
			return err
		},
		"TransactWriteItems": func(r *repo.Repo[visit], changes ...cond.Change[visit]) error {
			return r.DB().Transact(t.Context(), r.Ops().Upsert(visitKey, changes...))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, tr, clock := visits(t)
			require.NoError(t, upsert(r, visitHits.Add(1), visitStatus.Set("new")))
			assert.Equal(t, 1, tr.Count(name))
			want := visit{
				Site: "s", Day: 7, Page: "p", Status: "new", Hits: 1, Share: 0.5, Ends: noon.Add(time.Hour).Unix(),
				Created: noon, Updated: noon, Version: 1,
			}
			got, err := r.Get(t.Context(), visitKey)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			item := stored(t, r, visitRaw)
			assert.Equal(t, str("s|new"), item["status_key"])
			assert.Equal(t, str("p|s"), item["page_key"])
			assert.NotContains(t, item, "area_key")
			assert.NotContains(t, item, "area", "a part of an index's composite is not filled in")

			clock.add(time.Minute)
			require.NoError(t, upsert(r, visitHits.Add(2), visitShare.Set(0.25), visitArea.Set("x"), visitKind.Set("k")))
			want.Hits, want.Share, want.Area, want.Kind, want.Updated, want.Version = 3, 0.25, "x", "k", noon.Add(time.Minute), 2
			got, err = r.Get(t.Context(), visitKey)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			assert.Equal(t, str("k|x"), stored(t, r, visitRaw)["area_key"])
			require.NoError(t, r.Save(t.Context(), &got))
		})
	}
}

// TestUpsertOwnValues: what the changes set is not filled in.
func TestUpsertOwnValues(t *testing.T) {
	t.Parallel()
	r, _, _ := visits(t)
	created := cond.Field(func(v *visit) *time.Time { return &v.Created })
	early := noon.Add(-time.Hour)
	got, err := r.Upsert(t.Context(), visitKey, created.Set(early), visitEnds.Set(5), visitShare.Remove(), visitHits.SetIfMissing(3))
	require.NoError(t, err)
	assert.Equal(t, visit{Site: "s", Day: 7, Page: "p", Hits: 3, Ends: 5, Created: early, Updated: noon, Version: 1}, got)
}

// TestUpsertBare: a model that keeps nothing up gets its key and the changes.
func TestUpsertBare(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[entry](t, db, entrySpec())
	got, err := r.Upsert(t.Context(), entryKey(3), entryPass.Set(true))
	require.NoError(t, err)
	assert.Equal(t, entry{Name: "n", At: 3, Pass: true}, got)
	assert.Len(t, stored(t, r, av{"name": str("n"), "at": num("3")}), 3)
}

// TestUpsertIf: a condition is for the item as it is, there or not.
func TestUpsertIf(t *testing.T) {
	t.Parallel()
	r, tr, _ := visits(t)
	low := r.If(cond.Or(visitHits.NotExists(), visitHits.Lt(2)))
	for n := range 2 {
		got, err := low.Upsert(t.Context(), visitKey, visitHits.Add(1))
		require.NoError(t, err)
		assert.Equal(t, n+1, got.Hits)
	}
	got, err := low.Upsert(t.Context(), visitKey, visitHits.Add(1))
	require.ErrorIs(t, err, repo.ErrConditionFailed)
	assert.Zero(t, got)
	require.NoError(t, r.Delete(t.Context(), visitKey))
	_, err = r.If(visitHits.Exists()).Upsert(t.Context(), visitKey, visitHits.Add(1))
	require.ErrorIs(t, err, repo.ErrConditionFailed)
	require.NotErrorIs(t, err, repo.ErrNotFound)
	assert.Nil(t, stored(t, r, visitRaw))
	assert.Equal(t, 4, tr.Count("UpdateItem"))
}

// TestBadUpserts: what an update refuses is refused before any request.
func TestBadUpserts(t *testing.T) {
	t.Parallel()
	r, tr, _ := visits(t)
	for name, changes := range map[string][]cond.Change[visit]{
		"none": nil, "zero": {{}}, "the key": {visitSite.Set("x")}, "a part of an index": {visitKind.Set("x")},
		"the version": {cond.Name[visit]("v").Set(1)}, "twice": {visitHits.Set(1), visitHits.Add(1)},
	} {
		_, err := r.Upsert(t.Context(), visitKey, changes...)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, r.DB().Transact(t.Context(), r.Ops().Upsert(visitKey, changes...)), repo.ErrInvalid, name)
	}
	for name, k := range map[string]key.Value{
		"half": key.Of("s").Range("p"), "none": key.Of(), "empty": key.Of("s", 7).Range(""), "kind": key.Of("s", "x").Range("p"),
	} {
		_, err := r.Upsert(t.Context(), k, visitHits.Add(1))
		require.ErrorIs(t, err, key.ErrKey, name)
	}
	require.ErrorIs(t, r.DB().Batch(t.Context(), r.Ops().Upsert(visitKey, visitHits.Add(1))), repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}

// TestKnownParts: an update need not set those parts of an index's composite
// that the table's key has (rule K3).
func TestKnownParts(t *testing.T) {
	t.Parallel()
	r, tr, _ := visits(t)
	require.NoError(t, r.Create(t.Context(), &visit{Site: "s", Day: 7, Page: "p"}))
	_, err := r.Update(t.Context(), visitKey, visitStatus.Set("done"))
	require.NoError(t, err)
	assert.Equal(t, str("s|done"), stored(t, r, visitRaw)["status_key"])
	n, err := r.Query(key.Of("s", 7)).Update(t.Context(), visitStatus.Set("left"))
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	found, err := r.Query(key.Of("s", "left")).Index("status_idx").Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, found, 1)
	tr.Reset()
	_, err = r.Query(key.Of("s", 7)).Update(t.Context(), visitKind.Set("x"))
	require.ErrorIs(t, err, key.ErrKey)
	assert.Zero(t, tr.Total())
}

// TestUpsertKinds: an item is made of the repository's type; one of a type that
// a view does not see stays as it is, and a repository of several makes none
// (rules H1, H2).
func TestUpsertKinds(t *testing.T) {
	t.Parallel()
	type cat struct {
		ID string `dynamodbav:"id"`
		N  int    `dynamodbav:"n"`
	}
	type dog struct {
		ID string `dynamodbav:"id"`
		N  int    `dynamodbav:"n"`
	}
	db, tr := open(t)
	kinds := spec("pets", func(s *repo.Spec) {
		s.Kinds = sti.Kinds("type", sti.Of[cat]("cat"), sti.Of[dog]("dog"))
	})
	pets := create[any](t, db, kinds)
	cats, err := sti.View[cat](pets)
	require.NoError(t, err)
	dogs, err := sti.View[dog](pets)
	require.NoError(t, err)
	catN := cond.Field(func(c *cat) *int { return &c.N })
	for n := range 2 {
		got, err := cats.Upsert(t.Context(), key.Of("1"), catN.Add(1))
		require.NoError(t, err)
		assert.Equal(t, cat{ID: "1", N: n + 1}, got)
	}
	before := stored(t, cats, av{"id": str("1")})
	assert.Equal(t, str("cat"), before["type"])
	tr.Reset()
	_, err = dogs.Upsert(t.Context(), key.Of("1"), cond.Field(func(d *dog) *int { return &d.N }).Add(1))
	require.ErrorIs(t, err, repo.ErrExists)
	assert.Equal(t, 1, tr.Total())
	_, err = pets.Upsert(t.Context(), key.Of("2"), cond.Name[any]("n").Set(1))
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Equal(t, 1, tr.Total())
	assert.Equal(t, before, stored(t, cats, av{"id": str("1")}))
}
