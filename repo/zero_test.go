package repo_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestZeroQuery: a query that no repository made is refused, and does not
// panic.
func TestZeroQuery(t *testing.T) {
	t.Parallel()
	var q repo.Query[score]
	q = q.Where(points.Gt(1)).RecordLimit(1)
	for name, do := range map[string]func() error{
		"Collect":     func() error { _, err := q.Collect(t.Context()); return err },
		"First":       func() error { _, err := q.First(t.Context()); return err },
		"Count":       func() error { _, err := q.Count(t.Context()); return err },
		"Plan":        func() error { _, err := q.Plan(); return err },
		"CursorAfter": func() error { _, err := q.CursorAfter(score{}); return err },
		"DeleteAll":   func() error { _, err := q.DeleteAll(t.Context()); return err },
		"Update":      func() error { _, err := q.Update(t.Context(), points.Set(1)); return err },
		"Load": func() error {
			for _, err := range q.Load(t.Context()) {
				return err
			}
			return nil
		},
		"All": func() error {
			for _, err := range q.All(t.Context()) {
				return err
			}
			return nil
		},
	} {
		require.ErrorIs(t, do(), repo.ErrInvalid, name)
	}
}

// TestZeroWriter: so is a write.
func TestZeroWriter(t *testing.T) {
	t.Parallel()
	var w repo.Writer[score]
	k := key.Of("m", 1).Range(1)
	for name, do := range map[string]func(w repo.Writer[score]) error{
		"Create":      func(w repo.Writer[score]) error { return w.Create(t.Context(), &score{}) },
		"Put":         func(w repo.Writer[score]) error { return w.Put(t.Context(), &score{}) },
		"Save":        func(w repo.Writer[score]) error { return w.Save(t.Context(), &score{}) },
		"SaveChanges": func(w repo.Writer[score]) error { return w.SaveChanges(t.Context(), &score{}, &score{}) },
		"Destroy":     func(w repo.Writer[score]) error { return w.Destroy(t.Context(), &score{}) },
		"Delete":      func(w repo.Writer[score]) error { return w.Delete(t.Context(), k) },
		"Update":      func(w repo.Writer[score]) error { _, err := w.Update(t.Context(), k, points.Set(1)); return err },
		"Upsert":      func(w repo.Writer[score]) error { _, err := w.Upsert(t.Context(), k, points.Set(1)); return err },
		"Touch":       func(w repo.Writer[score]) error { _, err := w.Touch(t.Context(), k); return err },
	} {
		require.ErrorIs(t, do(w), repo.ErrInvalid, name)
		require.ErrorIs(t, do(w.If(points.Gt(1)).Overwrite().SkipValidation().Returning(repo.ReturnNothing)), repo.ErrInvalid, name)
	}
	db, tr := open(t)
	for _, op := range []repo.Op{{}, w.Ops().Put(&score{}), w.Ops().Delete(k), repo.Ops[score]{}.Update(k, points.Set(1))} {
		require.ErrorIs(t, db.Transact(t.Context(), op), repo.ErrInvalid)
		require.ErrorIs(t, db.Batch(t.Context(), op), repo.ErrInvalid)
	}
	assert.Zero(t, tr.Total())
}

// TestZeroRepo: a Repo and a DB that are nil or zero refuse what they are asked,
// as does a nil context (rule O8).
func TestZeroRepo(t *testing.T) {
	t.Parallel()
	k := key.Of("m", 1).Range(1)
	ctx := t.Context()
	for name, r := range map[string]*repo.Repo[score]{"nil": nil, "zero": new(repo.Repo[score])} {
		var db *repo.DB
		if r != nil {
			db = new(repo.DB)
		}
		for verb, do := range map[string]func() error{
			"Get":         func() error { _, err := r.Get(ctx, k); return err },
			"Exists":      func() error { _, err := r.Exists(ctx, k); return err },
			"GetMany":     func() error { _, err := r.GetMany(ctx, []key.Value{k}); return err },
			"Load":        func() error { _, err := r.Load(repo.WithIdentityMap(ctx), k); return err },
			"Key":         func() error { _, err := r.Key(&score{}); return err },
			"Decode":      func() error { _, err := r.Decode(nil); return err },
			"DecodeJSON":  func() error { _, err := r.DecodeJSON([]byte("{}")); return err },
			"Create":      func() error { return r.Create(ctx, &score{}) },
			"SaveChanges": func() error { return r.SaveChanges(ctx, &score{}, &score{}) },
			"Update":      func() error { _, err := r.Update(ctx, k, points.Set(1)); return err },
			"Touch":       func() error { _, err := r.Touch(ctx, k); return err },
			"If":          func() error { return r.If(points.Gt(1)).Delete(ctx, k) },
			"Increment":   func() error { _, err := repo.Increment(ctx, r, k, points, 1); return err },
			"Query":       func() error { _, err := r.Query(k).Collect(ctx); return err },
			"DeleteAll":   func() error { _, err := r.Scan().DeleteAll(ctx); return err },
			"Transact":    func() error { return db.Transact(ctx, r.Ops().Put(&score{})) },
			"Batch":       func() error { return db.Batch(ctx, r.Ops().Put(&score{})) },
			"TransactGet": func() error { return db.TransactGet(ctx, r.Into(k, new(score))) },
			"New":         func() error { _, err := repo.New[score](db, repo.Spec{}); return err },
		} {
			require.ErrorIs(t, do(), repo.ErrInvalid, "%s, %s", name, verb)
		}
		assert.Empty(t, r.Table())
		assert.Nil(t, r.DB())
		assert.Empty(t, r.Spec().Table)
	}
	r, tr := scores(t, 0)
	var none context.Context
	for verb, do := range map[string]func() error{
		"Get":      func() error { _, err := r.Get(none, k); return err },
		"Put":      func() error { return r.Put(none, &score{ModelID: "m", AccountID: 42, Position: 1}) },
		"Update":   func() error { _, err := r.Update(none, at(1), points.Set(1)); return err },
		"Query":    func() error { _, err := r.Query(partition).Collect(none); return err },
		"GetMany":  func() error { _, err := r.GetMany(none, []key.Value{at(1)}); return err },
		"Transact": func() error { return r.DB().Transact(none, r.Ops().Delete(at(1))) },
	} {
		require.ErrorIs(t, do(), repo.ErrInvalid, verb)
	}
	assert.Zero(t, tr.Total())
}
