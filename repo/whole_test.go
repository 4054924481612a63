package repo_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestPartsAreNoWhole: every reader of an index that lacks a field refuses it before
// any request, unless it says that parts are meant (rule O9).
func TestPartsAreNoWhole(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 3)
	q := r.Query(key.Of("u1")).Index("user_part_idx")
	tr.Reset()
	for name, read := range map[string]func(context.Context) error{
		"All": func(ctx context.Context) error {
			for _, err := range q.All(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"Pages": func(ctx context.Context) error {
			for _, err := range q.Pages(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"Collect": func(ctx context.Context) error { _, err := q.Collect(ctx); return err },
		"First":   func(ctx context.Context) error { _, err := q.First(ctx); return err },
		"Plan":    func(context.Context) error { _, err := q.Plan(); return err },
		"Scan":    func(ctx context.Context) error { _, err := r.Scan().Index("user_part_idx").Collect(ctx); return err },
	} {
		err := read(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorContains(t, err, "it does not project", name)
	}
	require.Zero(t, tr.Total())
	for name, whole := range map[string]repo.Query[score]{"Project": q.Project("user_id"), "Hydrate": q.Hydrate(), "Partial": q.Partial()} {
		_, err := whole.Collect(t.Context())
		require.NoError(t, err, name)
	}
	_, err := q.Count(t.Context())
	require.NoError(t, err, "a count loads none")
	_, err = q.Update(t.Context(), cond.Name[score]("tags").Remove())
	require.NoError(t, err, "an update reads keys alone")
}
