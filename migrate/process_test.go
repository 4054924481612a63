package migrate_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

// childVariable makes this test binary a program that migrates, as the JSON in
// it says.
const childVariable = "DYNAREPO_MIGRATE_TEST_CHILD"

type orders struct {
	Endpoint  string
	Namespace string
	Stall     bool // say so in the middle of the backfill, and go no further
}

const userCount = 300

func child() int {
	var o orders
	err := json.Unmarshal([]byte(os.Getenv(childVariable)), &o)
	if err == nil {
		err = o.run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (o *orders) run(ctx context.Context) error {
	db, err := repo.Open(ctx, &repo.Config{Namespace: o.Namespace, Endpoint: o.Endpoint, Region: engine.Region})
	if err != nil {
		return err
	}
	users, err := repo.New[user](db, userSpec())
	if err != nil {
		return err
	}
	var calls atomic.Int32
	set := migrate.NewSet(migrate.Migration{
		ID: first, Name: "load_users",
		Up: func(ctx context.Context, c *migrate.Context) error {
			fmt.Println("load")
			if err := c.CreateTable(ctx, users); err != nil {
				return err
			}
			var puts []repo.Op
			for i := range userCount {
				puts = append(puts, users.Ops().Put(&user{ID: fmt.Sprint(i), Name: fmt.Sprintf("User %d", i)}))
			}
			return db.Batch(ctx, puts...)
		},
	}, migrate.Migration{
		ID: second, Name: "fill_search",
		Up: func(ctx context.Context, c *migrate.Context) error {
			filled, err := migrate.Backfill(ctx, c, users, func(_ context.Context, u user) ([]cond.Change[user], error) {
				if n := calls.Add(1); o.Stall && n > userCount/2 {
					if n == userCount/2+1 {
						fmt.Println("stalled")
					}
					<-ctx.Done()
				}
				return fillSearch(ctx, u)
			}, &migrate.BackfillOptions{Page: 10})
			fmt.Println("filled", filled.Items)
			return err
		},
	})
	m, err := migrate.New(db, set, &migrate.Config{Wait: quick, Lease: 3 * time.Second, Out: os.Stdout})
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}

// process starts a process that migrates.
func process(t *testing.T, o orders) (*exec.Cmd, io.Reader) {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(text), "AWS_ACCESS_KEY_ID="+engine.AccessKey, "AWS_SECRET_ACCESS_KEY="+engine.AccessKey)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd, out
}

// TestProcesses: of two processes that start at once, after a third was killed
// in the middle of a backfill, one takes over when the lease has ended, each
// migration that was done stays done, and each item is written once (rule L3).
func TestProcesses(t *testing.T) {
	t.Parallel()
	o := orders{Endpoint: enginetest.Engine(t).Endpoint(), Namespace: enginetest.Namespace(t)}
	killed, out := process(t, orders{o.Endpoint, o.Namespace, true})
	lines := bufio.NewScanner(out)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if lines.Text() == "stalled" {
			require.NoError(t, killed.Process.Kill())
		}
	}
	require.Error(t, killed.Wait())
	require.Contains(t, said.String(), "stalled", "it got to the middle")

	var all [2]string
	var running sync.WaitGroup
	for i := range all {
		running.Go(func() {
			cmd, out := process(t, o)
			text, err := io.ReadAll(out)
			assert.NoError(t, err)
			assert.NoError(t, cmd.Wait())
			all[i] = string(text)
		})
	}
	running.Wait()
	both := all[0] + all[1]
	assert.NotContains(t, both, "load", "the first migration was done")
	assert.Contains(t, both, "waiting for the lease")
	assert.Contains(t, both, "backfill users goes on behind")
	assert.Equal(t, 1, strings.Count(both, fmt.Sprintf("filled %d", userCount)), both)

	client := enginetest.Client(t)
	db, err := repo.NewDB(client, &repo.Config{Namespace: o.Namespace})
	require.NoError(t, err)
	users, err := repo.New[user](db, userSpec())
	require.NoError(t, err)
	n := 0
	for u, err := range users.Scan().All(t.Context()) {
		require.NoError(t, err)
		n++
		assert.Equal(t, 1, u.Writes, u.ID)
		assert.Equal(t, strings.ToLower(u.Name), u.Search)
	}
	assert.Equal(t, userCount, n)
	_, err = leases(t, db).Consistent().Get(t.Context(), leaseKey)
	require.ErrorIs(t, err, repo.ErrNotFound)
	records, err := repo.New[struct {
		Kind  string `dynamodbav:"kind"`
		ID    string `dynamodbav:"id"`
		State string `dynamodbav:"state"`
	}](db, repo.Spec{Table: "migrations", Key: key.Spec{Hash: key.String("kind"), Range: key.String("id")}})
	require.NoError(t, err)
	done, err := records.Query(key.Of("migration")).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, done, 2)
	for _, r := range done {
		assert.Equal(t, "applied", r.State)
	}
}
