package repo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
