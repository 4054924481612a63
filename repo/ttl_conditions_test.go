package repo_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// outcomeOf is what an error means, and what is stored behind it.
func outcomeOf(t *testing.T, r *repo.Repo[session], err error) (means []error, there bool, n int) {
	t.Helper()
	for _, sentinel := range []error{repo.ErrNotFound, repo.ErrExists, repo.ErrConditionFailed, lock.ErrStale, repo.ErrInvalid} {
		if errors.Is(err, sentinel) {
			means = append(means, sentinel)
		}
	}
	got, err := r.Get(t.Context(), key.Of("1"))
	if err != nil {
		require.ErrorIs(t, err, repo.ErrNotFound)
		return means, false, 0
	}
	return means, true, got.Hits
}

// TestExpiredMeetsNoCondition: every condition means of an item that has expired,
// and is hidden, what it means of none, and so does a lock, whichever verb asks
// (rule O3).
func TestExpiredMeetsNoCondition(t *testing.T) {
	t.Parallel()
	hits := cond.Field(func(s *session) *int { return &s.Hits })
	note := cond.Field(func(s *session) *string { return &s.Note })
	tags := cond.Field(func(s *session) *[]string { return &s.Tags })
	verbs := map[string]func(context.Context, *repo.Repo[session], repo.Writer[session], *session) error{
		"Create": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], s *session) error {
			return w.Create(ctx, s)
		},
		"Put": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], s *session) error {
			return w.Put(ctx, s)
		},
		"Save": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], s *session) error {
			return w.Save(ctx, s)
		},
		"SaveChanges": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], s *session) error {
			before := *s
			before.Hits = 70
			return w.SaveChanges(ctx, &before, s)
		},
		"Destroy": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], s *session) error {
			return w.Destroy(ctx, s)
		},
		"Delete": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], _ *session) error {
			return w.Delete(ctx, key.Of("1"))
		},
		"Update": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], _ *session) error {
			_, err := w.Update(ctx, key.Of("1"), hits.Add(2))
			return err
		},
		"Upsert": func(ctx context.Context, _ *repo.Repo[session], w repo.Writer[session], _ *session) error {
			_, err := w.Upsert(ctx, key.Of("1"), hits.Add(2))
			return err
		},
		"Transact Put": func(ctx context.Context, r *repo.Repo[session], w repo.Writer[session], s *session) error {
			return r.DB().Transact(ctx, w.Ops().Put(s))
		},
		"Transact Save": func(ctx context.Context, r *repo.Repo[session], w repo.Writer[session], s *session) error {
			return r.DB().Transact(ctx, w.Ops().Save(s))
		},
		"Transact Destroy": func(ctx context.Context, r *repo.Repo[session], w repo.Writer[session], s *session) error {
			return r.DB().Transact(ctx, w.Ops().Destroy(s))
		},
		"Transact Delete": func(ctx context.Context, r *repo.Repo[session], w repo.Writer[session], _ *session) error {
			return r.DB().Transact(ctx, w.Ops().Delete(key.Of("1")))
		},
		"Transact Check": func(ctx context.Context, r *repo.Repo[session], w repo.Writer[session], _ *session) error {
			return r.DB().Transact(ctx, w.Ops().Check(key.Of("1")))
		},
	}
	conds := map[string]func(r *repo.Repo[session], loaded *session) repo.Writer[session]{
		"none":      func(r *repo.Repo[session], _ *session) repo.Writer[session] { return r.If() },
		"unchanged": func(r *repo.Repo[session], loaded *session) repo.Writer[session] { return r.IfUnchanged(loaded) },
		"unchanged since none": func(r *repo.Repo[session], _ *session) repo.Writer[session] {
			return r.IfUnchanged(&session{ID: "1"})
		},
	}
	for name, c := range map[string]cond.Cond[session]{
		"Eq": hits.Eq(7), "Ne": hits.Ne(8), "Lt": hits.Lt(9), "Between": hits.Between(1, 9), "In": hits.In(6, 7), "BeginsWith": note.BeginsWith("o"),
		"Contains": tags.Contains("old"), "NotContains": tags.NotContains("new"), "Exists": hits.Exists(), "NotExists": hits.NotExists(),
		"Null": note.Null(), "NotNull": note.NotNull(), "Type": hits.Type(expression.Number), "Size": note.Size().Eq(3), "Size Ne": note.Size().Ne(4),
		"And": cond.And(hits.Eq(7), note.NotExists()), "Or": cond.Or(hits.Eq(7), note.NotExists()), "Not": cond.Not(hits.Eq(7)), "Not Not": cond.Not(hits.NotExists()),
	} {
		conds[name] = func(r *repo.Repo[session], _ *session) repo.Writer[session] { return r.If(c) }
	}
	for name, locked := range map[string]bool{"plain": false, "lock": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newTicking(noon)
			db, _ := open(t, clock.in)
			r := create[session](t, db, spec("sessions", func(s *repo.Spec) {
				if s.TTL = (repo.TTL{Attr: "ends", After: time.Hour, Hide: true}); locked {
					s.Lock = lock.Version("v")
				}
			}))
			for verb, do := range verbs {
				for text, under := range conds {
					old := session{ID: "1", Hits: 7, Note: "old", Tags: []string{"old"}}
					require.NoError(t, r.Put(t.Context(), &old))
					loaded := old
					clock.add(2 * time.Hour)
					old.Ends = 0
					s := old
					means, there, n := outcomeOf(t, r, do(t.Context(), r, under(r, &loaded), &s))
					require.NoError(t, r.Delete(t.Context(), key.Of("1")))
					wantMeans, wantThere, wantN := outcomeOf(t, r, do(t.Context(), r, under(r, &loaded), &old))
					assert.Equal(t, []any{wantMeans, wantThere, wantN}, []any{means, there, n}, "%s, %s", verb, text)
					require.NoError(t, r.Delete(t.Context(), key.Of("1")))
				}
			}
		})
	}
}
