package repotest_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// There is no TestMain: users need none.

type note struct {
	User string    `dynamodbav:"owner" json:"user"`
	ID   int       `dynamodbav:"id" json:"id"`
	Text string    `dynamodbav:"text" json:"text"`
	Due  time.Time `dynamodbav:"due,omitempty" json:"due"`
	Tags []string  `dynamodbav:"tags,stringset" json:"tags"`
}

var text = cond.Field(func(n *note) *string { return &n.Text })

func noteSpec() repo.Spec {
	return repo.Spec{
		Table:   "notes",
		Key:     key.Spec{Hash: key.String("owner"), Range: key.Int("id")},
		Indexes: []index.Spec{index.Global("by_text", key.String("text"))},
	}
}

func newRepo[T any](tb testing.TB, db *repo.DB, spec repo.Spec) *repo.Repo[T] {
	tb.Helper()
	r, err := repo.New[T](db, spec)
	require.NoError(tb, err)
	return r
}

// failing is a test that keeps what it is told, so that one of a helper that fails
// need not fail.
type failing struct {
	*testing.T

	mu       sync.Mutex
	told     []string
	cleanups []func()
}

// told returns what a test of f's kind is told until its cleanups are over.
func told(t *testing.T, f func(tb testing.TB)) []string {
	t.Helper()
	tb := &failing{T: t}
	tb.alone(func() { f(tb) })
	for _, cleanup := range slices.Backward(tb.cleanups) {
		tb.alone(cleanup)
	}
	return tb.told
}

// alone runs f, which may end its goroutine.
func (tb *failing) alone(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

func (tb *failing) tell(text string) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.told = append(tb.told, strings.TrimSuffix(text, "\n"))
}

func (tb *failing) Cleanup(f func())             { tb.cleanups = append(tb.cleanups, f) }
func (tb *failing) Error(args ...any)            { tb.tell(fmt.Sprintln(args...)) }
func (tb *failing) Errorf(f string, args ...any) { tb.tell(fmt.Sprintf(f, args...)) }
func (tb *failing) Fatal(args ...any)            { tb.Error(args...); runtime.Goexit() }
func (tb *failing) Fatalf(f string, args ...any) { tb.Errorf(f, args...); runtime.Goexit() }
