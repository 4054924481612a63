package migrate_test

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

// lease is the item of the history table that says who runs migrations.
type lease struct {
	Kind    string `dynamodbav:"kind"`
	ID      string `dynamodbav:"id"`
	Owner   string `dynamodbav:"owner"`
	Until   int64  `dynamodbav:"until"`
	Version int64  `dynamodbav:"version"`
}

var leaseKey = key.Of("lease").Range("lease")

func leases(t *testing.T, db *repo.DB) *repo.Repo[lease] {
	t.Helper()
	r, err := repo.New[lease](db, repo.Spec{Table: "migrations", Key: key.Spec{Hash: key.String("kind"), Range: key.String("id")}})
	require.NoError(t, err)
	return r
}

func short(c *migrate.Config) { c.Lease = time.Second }

// TestAtOnce: of concurrent runs one does it and the others find it done
// (rule L3). The lease is released behind.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	set := migrate.NewSet(j.migration(first, "a"), j.migration(second, "b"))
	var running sync.WaitGroup
	for range 6 {
		running.Go(func() {
			_, err := migrator(t, db, set).Up(t.Context())
			assert.NoError(t, err)
		})
	}
	running.Wait()
	assert.Equal(t, []string{"up a", "up b"}, j.take())
	_, err := leases(t, db).Consistent().Get(t.Context(), leaseKey)
	require.ErrorIs(t, err, repo.ErrNotFound)
}

// TestTakeover: a lease that is not renewed is waited for, and taken once it
// has ended by the clock.
func TestTakeover(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	now := time.Now()
	var mu sync.Mutex
	var out bytes.Buffer
	at := func(c *migrate.Config) {
		c.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		}
		c.Out = &out
	}
	_, err := migrator(t, db, migrate.NewSet(j.migration(first, "a")), at).Up(t.Context())
	require.NoError(t, err)
	require.NoError(t, leases(t, db).Put(t.Context(), &lease{
		Kind: "lease", ID: "lease", Owner: "one that was killed", Until: now.Add(time.Hour).UnixMilli(), Version: 7,
	}))
	m := migrator(t, db, migrate.NewSet(j.migration(first, "a"), j.migration(second, "b")), at, short)
	out.Reset()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = m.Up(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, "waiting for the lease, which another process holds\n", out.String())
	assert.Equal(t, []string{"up a"}, j.take())

	mu.Lock()
	now = now.Add(time.Hour)
	mu.Unlock()
	_, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"up b"}, j.take())
}

// TestHeartbeat: a run that takes longer than the lease keeps it.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	db, _ := database(t)
	var j journal
	slow := j.migration(first, "slow")
	slow.Up = func(ctx context.Context, _ *migrate.Context) error {
		j.note("begin")
		defer j.note("end")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2500 * time.Millisecond):
			return nil
		}
	}
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			_, err := migrator(t, db, migrate.NewSet(slow), short).Up(t.Context())
			assert.NoError(t, err)
		})
	}
	running.Wait()
	assert.Equal(t, []string{"begin", "end"}, j.take())
}

// TestLeaseLost: a holder whose lease was taken stops before its next step, and
// records nothing.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]func(t *testing.T, ctx context.Context, c *migrate.Context) error{
		"noticed by the heartbeat": func(t *testing.T, ctx context.Context, c *migrate.Context) error {
			<-ctx.Done()
			require.ErrorIs(t, context.Cause(ctx), migrate.ErrLeaseLost)
			return c.CreateTable(ctx, leases(t, c.DB()))
		},
		"noticed when it records":       func(*testing.T, context.Context, *migrate.Context) error { return nil },
		"and the migration fails of it": func(_ *testing.T, ctx context.Context, _ *migrate.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, _ := database(t)
			var j journal
			robbed := j.migration(first, "a")
			robbed.Up = func(ctx context.Context, c *migrate.Context) error {
				thief := lease{Kind: "lease", ID: "lease", Owner: "thief", Until: time.Now().Add(time.Hour).UnixMilli(), Version: 1000}
				require.NoError(t, leases(t, db).Put(ctx, &thief))
				return tt(t, ctx, c)
			}
			m := migrator(t, db, migrate.NewSet(robbed, j.migration(second, "b")), short)
			done, err := m.Up(t.Context())
			require.ErrorIs(t, err, migrate.ErrLeaseLost)
			assert.Empty(t, done)
			assert.Equal(t, []migrate.Status{migrate.Beginning, migrate.Pending}, statuses(t, m))
			found, err := leases(t, db).Consistent().Get(t.Context(), leaseKey)
			require.NoError(t, err)
			assert.Equal(t, "thief", found.Owner, "another's lease is not released")
			assert.Empty(t, j.take())
		})
	}
}

// TestLeaseUnreachable: a holder that can't renew its lease stops.
func TestLeaseUnreachable(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	var j journal
	cutOff := j.migration(first, "a")
	cutOff.Up = func(ctx context.Context, _ *migrate.Context) error {
		tr.On("PutItem").Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
		<-ctx.Done()
		return nil
	}
	_, err := migrator(t, db, migrate.NewSet(cutOff), short).Up(t.Context())
	require.ErrorIs(t, err, migrate.ErrLeaseLost)
	assert.Equal(t, []migrate.Status{migrate.Beginning}, statuses(t, migrator(t, db, migrate.NewSet(cutOff))))
}

// TestLeaseAnswerLost: a holder whose request arrived and whose answer did not
// knows the lease for its own.
func TestLeaseAnswerLost(t *testing.T) {
	t.Parallel()
	db, tr := database(t)
	var j journal
	slow := j.migration(first, "a")
	slow.Up = func(ctx context.Context, _ *migrate.Context) error {
		j.note("up a")
		tr.On("PutItem").Times(1).Do(faults.CutAfter())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(1200 * time.Millisecond):
			return nil
		}
	}
	tr.On("PutItem").Times(1).Do(faults.CutAfter())
	_, err := migrator(t, db, migrate.NewSet(slow), short).Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"up a"}, j.take())
}
