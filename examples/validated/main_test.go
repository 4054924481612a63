package main

import (
	"context"
	"testing"

	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/examples/internal/program/programtest"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// TestRun: the program succeeds and prints what it always does.
func TestRun(t *testing.T) {
	t.Parallel()
	programtest.Golden(t, config, run, func(text string) string { return text })
}

var _ repo.Validator = (*validator.Validate)(nil)

// TestValidator: every fault that the validator finds is told, by every write of
// an item, and nothing is sent (rules I2, I3).
func TestValidator(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	r, err := newMembers(db)
	require.NoError(t, err)
	repotest.Create(t, r)
	good := Member{ID: "1", Email: "a@example.com", Age: 20}
	require.NoError(t, r.Create(t.Context(), &good))
	bad := Member{ID: "1", Email: "secret", Age: 999}
	o := r.Ops()
	end := repotest.Budget(t, db, repotest.Requests(0))
	for name, write := range map[string]func(context.Context) error{
		"create":       func(ctx context.Context) error { return r.Create(ctx, &bad) },
		"put":          func(ctx context.Context) error { return r.Put(ctx, &bad) },
		"save":         func(ctx context.Context) error { return r.Save(ctx, &bad) },
		"save changes": func(ctx context.Context) error { return r.SaveChanges(ctx, &good, &bad) },
		"transact":     func(ctx context.Context) error { return db.Transact(ctx, o.Save(&bad)) },
	} {
		err := write(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		var wrong validator.ValidationErrors
		require.ErrorAs(t, err, &wrong, name)
		require.Len(t, wrong, 2, name)
		assert.Equal(t, "Email", wrong[0].Field(), name)
		assert.Equal(t, "lte", wrong[1].Tag(), name)
		assert.NotContains(t, err.Error(), "secret")
	}
	end()
	require.NoError(t, r.SkipValidation().Save(t.Context(), &bad))
	email := cond.Field(func(m *Member) *string { return &m.Email })
	_, err = r.Update(t.Context(), key.Of("1"), email.Set("neither"))
	require.NoError(t, err, "an update by key validates nothing")
}
