package repo_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// changedAttrs returns the names of the attributes that the one UpdateItem sent changes.
func changedAttrs(tb testing.TB, requests []map[string]any) []string {
	tb.Helper()
	require.Len(tb, requests, 1)
	names := requests[0]["ExpressionAttributeNames"].(map[string]any)
	var all []string
	for field := range strings.FieldsSeq(strings.NewReplacer(",", " ").Replace(requests[0]["UpdateExpression"].(string))) {
		if name, ok := names[field].(string); ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// TestSaveChanges sends what differs and nothing else, under the version, in one
// UpdateItem, and leaves the item as Save would (rules F2, G1, K3).
func TestSaveChanges(t *testing.T) {
	t.Parallel()
	r, tr, clock := visits(t)
	base := visit{
		Site: "s", Day: 7, Page: "p", Status: "new", Kind: "k", Area: "a", Hits: 1, Share: 0.5,
		Counts: map[string]int{"a": 1, "b": 2}, List: []int{1},
	}
	for name, c := range map[string]struct {
		change func(*visit)
		sent   []string
	}{
		"a number":            {func(v *visit) { v.Hits = 9 }, []string{"hits"}},
		"gone":                {func(v *visit) { v.Share = 0 }, []string{"share"}},
		"several":             {func(v *visit) { v.Hits, v.List, v.Seen = 2, []int{1, 2}, noon }, []string{"hits", "list", "seen"}},
		"a map":               {func(v *visit) { v.Counts = map[string]int{"a": 1, "b": 3} }, []string{"counts"}},
		"parts of composites": {func(v *visit) { v.Status, v.Area = "done", "b" }, []string{"area", "area_key", "status", "status_key"}},
		"out of an index":     {func(v *visit) { v.Kind, v.Area = "", "" }, []string{"area", "area_key", "kind"}},
	} {
		require.NoError(t, r.Delete(t.Context(), visitKey))
		before := base
		require.NoError(t, r.Create(t.Context(), &before))
		clock.add(time.Minute)
		item := before
		c.change(&item)
		want := item
		want.Version, want.Updated = 2, *clock.now.Load()
		tr.Reset()
		require.NoError(t, r.SaveChanges(t.Context(), &before, &item), name)
		assert.Equal(t, want, item, name)
		assert.Equal(t, 1, before.Version, name)
		assert.Equal(t, map[string]int{"UpdateItem": 1}, tr.Counts(), name)
		assert.Equal(t, "NONE", tr.Requests("*")[0].JSON()["ReturnValues"])
		own := slices.Concat(c.sent, []string{"updated", "v"})
		slices.Sort(own)
		assert.Equal(t, own, changedAttrs(t, bodies(tr)), name)
		got, err := r.Get(t.Context(), visitKey)
		require.NoError(t, err, name)
		assert.Equal(t, item, got, name)
		after := stored(t, r, visitRaw)
		require.NoError(t, r.Save(t.Context(), &got))
		whole := stored(t, r, visitRaw)
		delete(whole, "v")
		delete(after, "v")
		assert.Equal(t, whole, after, "as Save stores it: %s", name)
	}
}

// TestSaveNoChanges: no difference, no request; sets have no order; a check of
// the version in a transaction.
func TestSaveNoChanges(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1, func(s *score) { s.Tags = []string{"a", "b"} })
	before, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	item := before
	item.Tags = []string{before.Tags[1], before.Tags[0]}
	held := item
	tr.Reset()
	require.NoError(t, r.SaveChanges(t.Context(), &before, &item))
	require.NoError(t, r.If(points.Gt(100)).SaveChanges(t.Context(), &before, &item))
	assert.Zero(t, tr.Total())
	require.NoError(t, r.DB().Transact(t.Context(), r.Ops().SaveChanges(&before, &item)))
	assert.Equal(t, held, item)
	stored := rawScore(t, r, "1")
	assert.Equal(t, num("1"), stored["lock_version"])
	_, err = r.Update(t.Context(), at(1), points.Add(1))
	require.NoError(t, err)
	require.ErrorIs(t, r.DB().Transact(t.Context(), r.Ops().SaveChanges(&before, &item)), lock.ErrStale)
}

// TestSaveChangesFails: a stale item, one that is gone, and a condition tell
// their own errors; nothing is brought back, nothing changes in memory (rules
// F1, G2, G3).
func TestSaveChangesFails(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 2)
	before, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	item := before
	item.Points = 9
	gone, changed := before, item
	gone.Position, changed.Position = 50, 50
	never, fresh := gone, changed
	never.Version, fresh.Version = 0, 0
	_, err = r.Update(t.Context(), at(1), points.Add(1))
	require.NoError(t, err)
	now := rawScore(t, r, "1")
	second, err := r.Get(t.Context(), at(2))
	require.NoError(t, err)
	other := second
	other.Points = 9
	for name, c := range map[string]struct {
		w            repo.Writer[score]
		before, item *score
		want         error
	}{
		"stale":             {r.If(), &before, &item, lock.ErrStale},
		"stale, if so":      {r.If(points.Lt(100)), &before, &item, lock.ErrStale},
		"gone":              {r.If(), &gone, &changed, lock.ErrStale},
		"gone, if so":       {r.If(points.NotExists()), &gone, &changed, lock.ErrStale},
		"never stored":      {r.If(), &never, &fresh, lock.ErrStale},
		"gone, overwriting": {r.Overwrite(), &gone, &changed, repo.ErrNotFound},
		"if not so":         {r.If(points.Gt(100)), &second, &other, repo.ErrConditionFailed},
	} {
		held := *c.item
		require.ErrorIs(t, c.w.SaveChanges(t.Context(), c.before, c.item), c.want, name)
		require.ErrorIs(t, r.DB().Transact(t.Context(), c.w.Ops().SaveChanges(c.before, c.item)), c.want, name)
		assert.Equal(t, held, *c.item, name)
	}
	assert.Equal(t, now, rawScore(t, r, "1"))
	assert.Nil(t, rawScore(t, r, "50"))
	require.NoError(t, r.Overwrite().SaveChanges(t.Context(), &before, &item))
	assert.Equal(t, num("9"), rawScore(t, r, "1")["score"])
	require.NoError(t, r.DB().Transact(t.Context(), r.Ops().SaveChanges(&second, &other)))
	assert.Equal(t, int64(2), other.Version)
	assert.Equal(t, num("9"), rawScore(t, r, "2")["score"])
}

// TestBadChanges are refused before any request.
func TestBadChanges(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 0)
	item := score{ModelID: "m", AccountID: 42, Position: 1, Version: 3}
	edit := func(f func(*score)) *score {
		other := item
		f(&other)
		return &other
	}
	for name, c := range map[string]struct {
		before, item *score
		want         error
	}{
		"nil":           {nil, &item, repo.ErrInvalid},
		"nil, changed":  {&item, nil, repo.ErrInvalid},
		"sort key":      {&item, edit(func(s *score) { s.Position = 2 }), key.ErrKey},
		"part of a key": {&item, edit(func(s *score) { s.ModelID = "x" }), key.ErrKey},
		"version":       {&item, edit(func(s *score) { s.Version, s.Points = 4, 1 }), repo.ErrInvalid},
	} {
		err := r.SaveChanges(t.Context(), c.before, c.item)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, c.want, name)
	}
	require.ErrorIs(t, r.DB().Batch(t.Context(), r.Ops().SaveChanges(&item, edit(func(s *score) { s.Points = 1 }))), repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}

// TestSaveChangesKeeps: without a lock the item must be there, and attributes
// that the type does not have stay.
func TestSaveChangesKeeps(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[entry](t, db, entrySpec())
	raw := av{"name": str("n"), "at": num("1")}
	store(t, r, av{"name": str("n"), "at": num("1"), "kind": str("k"), "rank": num("4"), "more": str("x")})
	before, err := r.Get(t.Context(), entryKey(1))
	require.NoError(t, err)
	item := before
	item.Rank = 5
	require.NoError(t, r.SaveChanges(t.Context(), &before, &item))
	assert.Equal(t, av{"name": str("n"), "at": num("1"), "kind": str("k"), "rank": num("5"), "more": str("x")}, stored(t, r, raw))
	again := item
	again.Rank = 6
	require.ErrorIs(t, r.IfUnchanged(&before).SaveChanges(t.Context(), &before, &again), repo.ErrConditionFailed)
	require.NoError(t, r.Delete(t.Context(), entryKey(1)))
	require.ErrorIs(t, r.SaveChanges(t.Context(), &item, &again), repo.ErrNotFound)
	assert.Nil(t, stored(t, r, raw))
}

// TestSaveChangesCallbacks are those of Save; those behind the write run only
// if there is one (rule I1).
func TestSaveChangesCallbacks(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := hookedRepo(t, db)
	before := hooked{ID: "1", Note: "a"}
	require.NoError(t, r.Create(t.Context(), &before))
	saves := both("BeforeValidation", "Validate", "StructCtx", "AfterValidation", "BeforeSave", "BeforeUpdate")
	for name, c := range map[string]struct {
		note string
		want []string
	}{
		"nothing":     {"a", saves},
		"a note":      {"b", slices.Concat(saves, both("AfterUpdate", "AfterSave"))},
		"back to one": {"a", slices.Concat(saves, both("AfterUpdate", "AfterSave"))},
	} {
		now, err := r.Get(t.Context(), key.Of("1"))
		require.NoError(t, err)
		if name == "nothing" {
			c.note = now.Note
		}
		if now.Note == c.note && name != "nothing" {
			now.Note = "z"
			require.NoError(t, r.Put(t.Context(), &now))
		}
		item := now
		item.Note = c.note
		l := &hookLog{}
		require.NoError(t, r.SaveChanges(context.WithValue(t.Context(), hookKey{}, l), &now, &item), name)
		assert.Equal(t, c.want, l.events, name)
		assert.Equal(t, c.note+c.note, item.Twin, "what a callback sets is stored")
		got, err := r.Get(t.Context(), key.Of("1"))
		require.NoError(t, err)
		assert.Equal(t, item, got, name)
	}
	tr.Reset()
	l := &hookLog{fail: "BeforeUpdate"}
	item := before
	item.Note = "q"
	require.ErrorIs(t, r.SaveChanges(context.WithValue(t.Context(), hookKey{}, l), &before, &item), errHook)
	assert.Zero(t, tr.Total())
}
