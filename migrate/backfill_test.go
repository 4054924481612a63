package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

type user struct {
	ID      string  `dynamodbav:"id"`
	Name    string  `dynamodbav:"name"`
	Search  string  `dynamodbav:"search,omitempty"`
	Writes  int     `dynamodbav:"writes"` // of the backfill
	Visits  int     `dynamodbav:"visits"`
	Score   float64 `dynamodbav:"score"`
	Version int64   `dynamodbav:"version"`
}

func userSpec() repo.Spec {
	return repo.Spec{Table: "users", Key: key.Spec{Hash: key.String("id")}, OnDemand: true}
}

var (
	name   = cond.Field(func(u *user) *string { return &u.Name })
	search = cond.Field(func(u *user) *string { return &u.Search })
	writes = cond.Field(func(u *user) *int { return &u.Writes })
	visits = cond.Field(func(u *user) *int { return &u.Visits })
)

func fillSearch(_ context.Context, u user) ([]cond.Change[user], error) {
	if u.Search != "" {
		return nil, nil
	}
	return []cond.Change[user]{search.Set(strings.ToLower(u.Name)), writes.Add(1)}, nil
}

// users returns a repository of n users, whose table is there.
func users(t *testing.T, db *repo.DB, n int, edit ...func(*repo.Spec)) *repo.Repo[user] {
	t.Helper()
	spec := userSpec()
	for _, f := range edit {
		f(&spec)
	}
	r, err := repo.New[user](db, spec)
	require.NoError(t, err)
	_, err = table.Create(t.Context(), r, quick)
	require.NoError(t, err)
	var ops []repo.Op
	for i := range n {
		ops = append(ops, r.Overwrite().Ops().Put(&user{ID: fmt.Sprint(i), Name: fmt.Sprintf("User %d", i)}))
	}
	require.NoError(t, db.Batch(t.Context(), ops...))
	return r
}

func locked(s *repo.Spec) { s.Lock = lock.Version("version") }

// filling is a migration that is one backfill.
func filling(r *repo.Repo[user], change func(context.Context, user) ([]cond.Change[user], error), opts *migrate.BackfillOptions, filled *migrate.Filled) *migrate.Set {
	return migrate.NewSet(migrate.Migration{ID: first, Name: "fill", Up: func(ctx context.Context, c *migrate.Context) (err error) {
		*filled, err = migrate.Backfill(ctx, c, r, change, opts)
		return err
	}})
}

// TestBackfill: every item that needs it is written once, and no other.
func TestBackfill(t *testing.T) {
	t.Parallel()
	for kind, edit := range map[string]func(*repo.Spec){"locked": locked, "unlocked": func(*repo.Spec) {}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, tr := database(t)
			r := users(t, db, 250, edit)
			for i := range 10 {
				_, err := r.Update(t.Context(), key.Of(fmt.Sprint(i)), search.Set("set before"))
				require.NoError(t, err)
			}
			tr.Reset()
			var filled migrate.Filled
			_, err := migrator(t, db, filling(r, fillSearch, &migrate.BackfillOptions{Page: 20}, &filled)).Up(t.Context())
			require.NoError(t, err)
			assert.Equal(t, migrate.Filled{Items: 250, Written: 240}, filled)
			assert.Equal(t, 240, tr.Count("UpdateItem"))
			for u, err := range r.Scan().All(t.Context()) {
				require.NoError(t, err)
				if u.Search != "set before" {
					assert.Equal(t, user{ID: u.ID, Name: u.Name, Search: strings.ToLower(u.Name), Writes: 1, Version: u.Version}, u)
				}
			}
		})
	}
}

// TestBackfillMeetsWriters: what others change meanwhile is never overwritten
// nor computed from what was before, and what they delete stays deleted.
func TestBackfillMeetsWriters(t *testing.T) {
	t.Parallel()
	for kind, edit := range map[string]func(*repo.Spec){"locked": locked, "unlocked": func(*repo.Spec) {}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, _ := database(t)
			r := users(t, db, 40, edit)
			var met sync.Map
			change := func(ctx context.Context, u user) ([]cond.Change[user], error) {
				if _, before := met.LoadOrStore(u.ID, true); !before {
					// Another writer comes between the read and the write.
					switch {
					case len(u.ID) == 1:
						if err := r.Delete(ctx, key.Of(u.ID)); err != nil {
							return nil, err
						}
					case strings.HasPrefix(u.ID, "1"):
						if _, err := r.Update(ctx, key.Of(u.ID), name.Set("Renamed"), visits.Add(1)); err != nil {
							return nil, err
						}
					}
				}
				return fillSearch(ctx, u)
			}
			var filled migrate.Filled
			_, err := migrator(t, db, filling(r, change, nil, &filled)).Up(t.Context())
			require.NoError(t, err)
			assert.Equal(t, migrate.Filled{Items: 40, Written: 30}, filled)
			n := 0
			for u, err := range r.Scan().All(t.Context()) {
				require.NoError(t, err)
				n++
				assert.Equal(t, strings.ToLower(u.Name), u.Search)
				assert.Equal(t, 1, u.Writes)
				if strings.HasPrefix(u.ID, "1") {
					assert.Equal(t, "Renamed", u.Name)
					assert.Equal(t, 1, u.Visits)
				}
			}
			assert.Equal(t, 30, n)
		})
	}
}

// TestBackfillAmongWriters: nothing of writers that go on all the while is lost.
func TestBackfillAmongWriters(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	r := users(t, db, 60)
	var visited [60]atomic.Int32
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := w; ctx.Err() == nil; i++ {
				if _, err := r.Update(t.Context(), key.Of(fmt.Sprint(i%60)), visits.Add(1)); assert.NoError(t, err) {
					visited[i%60].Add(1)
				}
			}
		})
	}
	var filled migrate.Filled
	_, err := migrator(t, db, filling(r, fillSearch, nil, &filled)).Up(t.Context())
	stop()
	writers.Wait()
	require.NoError(t, err)
	assert.Equal(t, migrate.Filled{Items: 60, Written: 60}, filled)
	for i := range visited {
		u, err := r.Get(t.Context(), key.Of(fmt.Sprint(i)))
		require.NoError(t, err)
		assert.EqualValues(t, visited[i].Load(), u.Visits)
		assert.Equal(t, 1, u.Writes)
	}
}

// TestBackfillResumes: what failed in the middle goes on at its cursor, also if
// it is told to read otherwise, and writes nothing twice.
func TestBackfillResumes(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	r := users(t, db, 200)
	tr.Reset()
	cause := errors.New("no luck")
	var calls atomic.Int32
	failing := func(ctx context.Context, u user) ([]cond.Change[user], error) {
		if calls.Add(1) > 120 {
			return nil, cause
		}
		return fillSearch(ctx, u)
	}
	var before, filled migrate.Filled
	_, err := migrator(t, db, filling(r, failing, &migrate.BackfillOptions{Page: 10}, &before)).Up(t.Context())
	require.ErrorIs(t, err, cause)
	assert.Positive(t, before.Items)
	assert.Less(t, before.Items, 200)

	calls.Store(0)
	counting := func(ctx context.Context, u user) ([]cond.Change[user], error) {
		calls.Add(1)
		return fillSearch(ctx, u)
	}
	var out bytes.Buffer
	m := migrator(t, db, filling(r, counting, &migrate.BackfillOptions{Segments: 2, Page: 50}, &filled), func(c *migrate.Config) { c.Out = &out })
	_, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 200, filled.Items)
	assert.EqualValues(t, 200-before.Items, calls.Load(), "it reads only what is behind the cursor")
	assert.Contains(t, out.String(), fmt.Sprintf("backfill users goes on behind %d items", before.Items))
	assert.Equal(t, 200, tr.Count("UpdateItem"), "each item is written once")
	for u, err := range r.Scan().All(t.Context()) {
		require.NoError(t, err)
		assert.Equal(t, 1, u.Writes)
	}
}

// TestBackfillUndone: a migration that was undone begins its backfills anew.
func TestBackfillUndone(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	r := users(t, db, 20)
	set := migrate.NewSet(migrate.Migration{
		ID: first, Name: "fill",
		Up: func(ctx context.Context, c *migrate.Context) error {
			_, err := migrate.Backfill(ctx, c, r, fillSearch, nil)
			return err
		},
		Down: func(ctx context.Context, c *migrate.Context) error {
			_, err := migrate.Backfill(ctx, c, r, func(_ context.Context, u user) ([]cond.Change[user], error) {
				return []cond.Change[user]{search.Remove()}, nil
			}, nil)
			return err
		},
	})
	m := migrator(t, db, set)
	for range 2 {
		_, err := m.Up(t.Context())
		require.NoError(t, err)
		n, err := r.Scan().Where(search.Exists()).Count(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 20, n)
		_, err = m.Down(t.Context(), 1)
		require.NoError(t, err)
		n, err = r.Scan().Where(search.Exists()).Count(t.Context())
		require.NoError(t, err)
		assert.Zero(t, n)
	}
}

// TestBackfillCursorLost: a cursor that is of no use begins the work anew.
func TestBackfillCursorLost(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	signed := func(text string) *repo.Repo[user] {
		cfg := db.Config()
		cfg.CursorKeys = [][]byte{[]byte(text)}
		db, err := repo.NewDB(db.Client(), &cfg)
		require.NoError(t, err)
		r, err := repo.New[user](db, userSpec())
		require.NoError(t, err)
		return r
	}
	users(t, db, 30)
	var calls atomic.Int32
	failing := func(ctx context.Context, u user) ([]cond.Change[user], error) {
		if calls.Add(1) > 20 {
			return nil, errors.New("no luck")
		}
		return fillSearch(ctx, u)
	}
	var filled migrate.Filled
	_, err := migrator(t, db, filling(signed("sixteen bytes, old"), failing, &migrate.BackfillOptions{Page: 5, Segments: 1}, &filled)).Up(t.Context())
	require.Error(t, err)
	r := signed("sixteen bytes, new")
	_, err = migrator(t, db, filling(r, fillSearch, nil, &filled)).Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 30, filled.Items)
	for u, err := range r.Scan().All(t.Context()) {
		require.NoError(t, err)
		assert.Equal(t, 1, u.Writes)
	}
}

// TestBackfillRefused: options that make no sense, and a name used twice.
func TestBackfillRefused(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	r := users(t, db, 1)
	_, err := migrator(t, db, migrate.NewSet(migrate.Migration{ID: first, Name: "fill", Up: func(ctx context.Context, c *migrate.Context) error {
		if _, err := migrate.Backfill(ctx, c, r, fillSearch, nil); err != nil {
			return err
		}
		tr.Reset()
		for _, o := range []migrate.BackfillOptions{{}, {Segments: -1}, {Page: -1}, {Concurrency: -1}, {Attempts: -1}, {ReadRate: -1}, {WriteRate: -1}} {
			_, err := migrate.Backfill(ctx, c, r, fillSearch, &o)
			require.ErrorIs(t, err, repo.ErrInvalid)
		}
		assert.Zero(t, tr.Count("Scan"))
		_, err := migrate.Backfill(ctx, c, r, fillSearch, &migrate.BackfillOptions{Name: "again"})
		return err
	}})).Up(t.Context())
	require.NoError(t, err)
}

// TestBackfillGivesUp: on an item that others keep changing, and on one that
// its type does not hold.
func TestBackfillGivesUp(t *testing.T) {
	t.Parallel()
	t.Run("contended", func(t *testing.T) {
		t.Parallel()
		db, tr := database(t)
		r := users(t, db, 1)
		tr.Reset()
		var filled migrate.Filled
		_, err := migrator(t, db, filling(r, func(ctx context.Context, u user) ([]cond.Change[user], error) {
			if _, err := r.Update(ctx, key.Of(u.ID), visits.Add(1)); err != nil {
				return nil, err
			}
			return fillSearch(ctx, u)
		}, &migrate.BackfillOptions{Attempts: 3}, &filled)).Up(t.Context())
		require.ErrorIs(t, err, repo.ErrConditionFailed)
		assert.Equal(t, 6, tr.Count("UpdateItem"))
	})
	t.Run("inexact", func(t *testing.T) {
		t.Parallel()
		db, _ := database(t)
		r := users(t, db, 0)
		_, err := db.Client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Table()), Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: "1"}, "name": &types.AttributeValueMemberS{Value: "A"},
			"score": &types.AttributeValueMemberN{Value: "0.12345678901234567890123456789"},
		}})
		require.NoError(t, err)
		var filled migrate.Filled
		_, err = migrator(t, db, filling(r, fillSearch, nil, &filled)).Up(t.Context())
		require.ErrorIs(t, err, migrate.ErrInexact)
	})
}

// TestBackfillRate: writes wait for their capacity.
func TestBackfillRate(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	r := users(t, db, 20)
	for _, o := range []migrate.BackfillOptions{{WriteRate: 0.01}, {ReadRate: 0.01, Segments: 1, Page: 5}} {
		tr.Reset()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		var filled migrate.Filled
		_, err := migrator(t, db, filling(r, fillSearch, &o, &filled)).Up(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.LessOrEqual(t, tr.Count("UpdateItem"), 5)
	}
}

// TestBackfillAnswerLost: an update whose answer was lost is not made twice.
func TestBackfillAnswerLost(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	r := users(t, db, 20)
	tr.On("UpdateItem").Times(5).Do(faults.CutAfter())
	var filled migrate.Filled
	_, err := migrator(t, db, filling(r, fillSearch, nil, &filled)).Up(t.Context())
	require.NoError(t, err)
	for u, err := range r.Scan().All(t.Context()) {
		require.NoError(t, err)
		assert.Equal(t, 1, u.Writes)
	}
}
