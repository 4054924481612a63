package repo_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// spec declares a model whose key is its id.
func spec(table string, edit ...func(*repo.Spec)) repo.Spec {
	s := repo.Spec{Table: table, Key: key.Spec{Hash: key.String("id")}}
	for _, f := range edit {
		f(&s)
	}
	return s
}

// ticking is a clock that stands until it is set.
type ticking struct{ now atomic.Pointer[time.Time] }

func newTicking(at time.Time) *ticking {
	var c ticking
	c.now.Store(&at)
	return &c
}

func (c *ticking) add(d time.Duration) {
	then := c.now.Load().Add(d)
	c.now.Store(&then)
}

func (c *ticking) in(cfg *repo.Config) { cfg.Now = func() time.Time { return *c.now.Load() } }

// TestTimestamps: both on create, a creation time that was set is kept, and
// the update time is set by every later write, in the store and in memory
// (rule F2).
func TestTimestamps(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	db, _ := open(t, clock.in)
	r := create[score](t, db, scoreSpec())
	item := score{ModelID: "m", AccountID: 42, Position: 1}
	check := func(created, updated time.Time) {
		t.Helper()
		got, err := r.Get(t.Context(), at(1))
		require.NoError(t, err)
		assert.Equal(t, created, got.CreatedAt)
		assert.Equal(t, updated, got.UpdatedAt)
		assert.Equal(t, created, item.CreatedAt)
		assert.Equal(t, updated, item.UpdatedAt)
	}
	require.NoError(t, r.Create(t.Context(), &item))
	check(noon, noon)
	clock.add(time.Hour)
	require.NoError(t, r.Save(t.Context(), &item))
	check(noon, noon.Add(time.Hour))
	clock.add(time.Hour)
	var err error
	item, err = r.Update(t.Context(), at(1), points.Set(3))
	require.NoError(t, err)
	check(noon, noon.Add(2*time.Hour))
	clock.add(time.Hour)
	require.NoError(t, db.Transact(t.Context(), r.Ops().Save(&item)))
	check(noon, noon.Add(3*time.Hour))
	clock.add(time.Hour)
	require.NoError(t, db.Batch(t.Context(), r.Overwrite().Ops().Put(&item)))
	check(noon, noon.Add(4*time.Hour))
	clock.add(time.Hour)
	require.NoError(t, db.Transact(t.Context(), r.Ops().Update(at(1), points.Set(4))))
	item.UpdatedAt = noon.Add(5 * time.Hour)
	check(noon, noon.Add(5*time.Hour))

	updatedAt := cond.Field(func(s *score) *time.Time { return &s.UpdatedAt })
	item, err = r.Update(t.Context(), at(1), updatedAt.Set(noon))
	require.NoError(t, err)
	check(noon, noon)

	early := noon.Add(-time.Hour)
	item = score{ModelID: "m", AccountID: 42, Position: 1, CreatedAt: early}
	require.NoError(t, r.Delete(t.Context(), at(1)))
	require.NoError(t, r.Create(t.Context(), &item))
	check(early, noon.Add(5*time.Hour))
}

// made has everything that is filled in.
type made struct {
	ID      string    `dynamodbav:"id"`
	Kind    string    `dynamodbav:"kind"`
	Count   int       `dynamodbav:"count"`
	EndsAt  time.Time `dynamodbav:"ends_at,unixtime"`
	Created time.Time `dynamodbav:"created,unixtime"`
}

var (
	madeKind  = cond.Field(func(m *made) *string { return &m.Kind })
	madeCount = cond.Field(func(m *made) *int { return &m.Count })
)

// TestFilledIn: an empty id, zero fields and the end are filled in, and what
// the caller has set is kept (rules F2, I4, J4).
func TestFilledIn(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	db, tr := open(t, clock.in)
	var n atomic.Int64
	r := create[made](t, db, spec("made", func(s *repo.Spec) {
		s.ID = func() string { return fmt.Sprint("id", n.Add(1)) }
		s.Defaults = []repo.Default{
			repo.DefaultTo(madeKind, "plain"),
			repo.DefaultFunc(madeCount, func() int { return int(n.Load()) + 100 }),
		}
		s.TTL = repo.TTL{Attr: "ends_at", After: 90 * time.Minute}
		s.Timestamps.Created = "created"
	}))
	whole := noon.Truncate(time.Second)
	end := whole.Add(90 * time.Minute)
	check := func(want made) {
		t.Helper()
		got, err := r.Get(t.Context(), key.Of(want.ID))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}

	var first made
	require.NoError(t, r.Create(t.Context(), &first))
	assert.Equal(t, made{"id1", "plain", 100, end, whole}, first)
	check(first)

	given := made{"own", "k", 1, end.Add(time.Hour), whole.Add(-time.Hour)}
	second := given
	require.NoError(t, r.Create(t.Context(), &second))
	assert.Equal(t, given, second)
	check(given)

	ops := make([]made, 3)
	require.NoError(t, db.Transact(t.Context(), r.Ops().Create(&ops[0]), r.Ops().Put(&ops[1])))
	assert.Equal(t, made{"id2", "plain", 101, end, whole}, ops[0])
	assert.Equal(t, made{"id3", "", 0, end, whole}, ops[1], "defaults are for what is created")
	require.NoError(t, db.Batch(t.Context(), r.Ops().Put(&ops[2])))
	assert.Equal(t, made{"id4", "", 0, end, whole}, ops[2])
	for _, m := range ops {
		check(m)
	}
	assert.Equal(t, 1, tr.Count("BatchWriteItem"))
}

// TestFailedFillsNothing: what was filled in for a write that failed is not in
// the caller's item.
func TestFailedFillsNothing(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[made](t, db, spec("made", func(s *repo.Spec) {
		s.ID = func() string { return "same" }
		s.Defaults = []repo.Default{repo.DefaultTo(madeKind, "plain")}
		s.TTL = repo.TTL{Attr: "ends_at", After: time.Hour}
	}))
	require.NoError(t, r.Create(t.Context(), &made{}))
	var again made
	require.ErrorIs(t, r.Create(t.Context(), &again), repo.ErrExists)
	require.ErrorIs(t, db.Transact(t.Context(), r.Ops().Create(&again)), repo.ErrExists)
	assert.Zero(t, again)
}

// TestIDs: random ones, and ones that sort by time.
func TestIDs(t *testing.T) {
	t.Parallel()
	for make, version := range map[*func() string]uuid.Version{new(uuid.NewString): 4, new(repo.UUIDv7): 7} {
		a, err := uuid.Parse((*make)())
		require.NoError(t, err)
		b := uuid.MustParse((*make)())
		assert.Equal(t, version, a.Version())
		assert.NotEqual(t, a, b)
		if version == 7 {
			assert.Less(t, a.String(), b.String())
		}
	}
}

// TestBadStamps: what can't be filled in is a fault of the declaration, each
// told (rule L2).
func TestBadStamps(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(&recorder{}, nil)
	require.NoError(t, err)
	_, err = repo.New[made](db, spec("made", func(s *repo.Spec) {
		s.Key.Hash = key.Int("count")
		s.ID = uuid.NewString
		s.TTL = repo.TTL{Attr: "kind"}
		s.Timestamps = repo.Timestamps{Created: "kind", Updated: "nothing"}
		s.Defaults = []repo.Default{repo.DefaultTo(points, 1), {}, repo.DefaultTo(cond.Name[made]("kind[0]"), any(1)), repo.DefaultTo(cond.Name[made]("kind"), any("of no type"))}
	}))
	require.ErrorIs(t, err, repo.ErrInvalid)
	for _, field := range []string{
		"ID: ", "TTL: ", "Timestamps.Created: ", "Timestamps.Updated: ", "Defaults[0]: ", "Defaults[1]: ", "Defaults[2]: ", "Defaults[3]: ",
	} {
		assert.ErrorContains(t, err, field)
	}
}
