package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/examples/internal/program/programtest"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
	"github.com/dynarepo/dynarepo/stream"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// TestRun: the program succeeds and prints what it always does.
func TestRun(t *testing.T) {
	t.Parallel()
	programtest.Golden(t, config, run, func(text string) string { return text })
}

// TestCrashes: wherever the consumer crashes, and whatever answer is lost, each
// change is counted once.
func TestCrashes(t *testing.T) {
	t.Parallel()
	const orders = 6
	for crash := 1; crash <= orders; crash++ {
		l := newTest(t)
		for i := range orders {
			require.NoError(t, l.orders.Create(t.Context(), &Order{ID: string(rune('a' + i)), Customer: "ada", Cents: 1}))
		}
		left := crash
		err := l.consume(t.Context(), "c", func(stream.Change[Order], bool) error {
			if left--; left == 0 {
				return errCrash
			}
			return nil
		})
		require.ErrorIs(t, err, errCrash)

		repotest.Inject(t, l.orders.DB(), "TransactWriteItems", "lost answer")
		again := 0
		require.NoError(t, l.consume(t.Context(), "c", func(_ stream.Change[Order], isNew bool) error {
			if !isNew {
				again++
			}
			return nil
		}))
		assert.Less(t, again, every+1)
		require.NoError(t, l.compare(t.Context(), io.Discard))
	}
}

// TestConsumeAgain: what was consumed does not come again, and costs a look.
func TestConsumeAgain(t *testing.T) {
	t.Parallel()
	l := newTest(t)
	require.NoError(t, l.orders.Create(t.Context(), &Order{ID: "a", Customer: "ada", Cents: 1}))
	n := 0
	count := func(stream.Change[Order], bool) error { n++; return nil }
	require.NoError(t, l.consume(t.Context(), "c", count))
	repotest.Budget(t, l.orders.DB(), repotest.Requests(0, "TransactWriteItems"), repotest.NoScan())
	require.NoError(t, l.consume(t.Context(), "c", count))
	assert.Equal(t, 1, n)
}

func newTest(t *testing.T) *ledger {
	t.Helper()
	l, err := newLedger(repotest.DB(t, func(c *repo.Config) { *c = config }))
	require.NoError(t, err)
	designs, err := l.designs()
	require.NoError(t, err)
	repotest.Create(t, designs...)
	return l
}
