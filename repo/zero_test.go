package repo_test

import (
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
