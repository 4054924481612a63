package trust_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
)

// soon is how long a call may take behind the end of its context.
const soon = 50 * time.Millisecond

// An ending is a context that ends when it is told to, and when it did.
type ending struct {
	context.Context

	err  error
	done chan struct{}
	once sync.Once
	at   time.Time
}

func newEnding(ctx context.Context, err error) *ending {
	return &ending{Context: ctx, err: err, done: make(chan struct{})}
}

func (e *ending) end() {
	e.once.Do(func() {
		e.at = time.Now()
		close(e.done)
	})
}

func (e *ending) Done() <-chan struct{} { return e.done }

func (e *ending) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

// slow is a body that stays half, until the request's context ends it.
type slow struct {
	io.Reader

	ctx context.Context
	end func()
}

func (s *slow) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		s.end()
		<-s.ctx.Done()
		err = s.ctx.Err()
	}
	return n, err
}

// moments are when a context ends, by the request that is under way: end is to be
// called then.
var moments = map[string]func(end func()) faults.Fault{
	"before the answer": func(end func()) faults.Fault {
		return func(req *http.Request, _ faults.Send) (*http.Response, error) {
			end()
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
	},
	"behind the answer": func(end func()) faults.Fault {
		return func(req *http.Request, send faults.Send) (*http.Response, error) {
			resp, err := send(req)
			if err == nil {
				var body []byte
				body, err = io.ReadAll(resp.Body) // which the end of the context would cut
				resp.Body = io.NopCloser(bytes.NewReader(body))
			}
			end()
			return resp, err
		}
	},
	"in the middle of a body": func(end func()) faults.Fault {
		return func(req *http.Request, send faults.Send) (*http.Response, error) {
			resp, err := send(req)
			if err != nil {
				return nil, err
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(&slow{bytes.NewReader(body[:len(body)/2]), req.Context(), end})
			return resp, err
		}
	},
}

// TestCancelled ends the context of every operation at each request: before it is
// answered, in the middle of its answer, and behind it. The call returns soon, with
// the context's error or, where that was its last request, its result; its goroutines
// have ended, and what it does not admit was not done.
func TestCancelled(t *testing.T) { // alone, since it looks at all goroutines
	kinds := ways
	if !*long {
		kinds = ways[:1]
	}
	for _, way := range kinds {
		for _, name := range slices.Sorted(maps.Keys(operations)) {
			op := operations[name]
			if op.tables && way != "lean" {
				continue
			}
			t.Run(way+"/"+name, func(t *testing.T) { cancelled(t, way, op) })
		}
	}
}

func cancelled(t *testing.T, way string, op operation) {
	t.Helper()
	w := newWorld(t, way, false, op.tables)
	most := 40
	if op.tables {
		most = 5 // those behind are looks at the same
	}
	struck := true
	for n := 1; struck && n <= most; n++ {
		struck = false
		for _, moment := range slices.Sorted(maps.Keys(moments)) {
			if op.tables && !*long && moment != slices.Sorted(maps.Keys(moments))[n%len(moments)] {
				struck = true
				continue
			}
			var took time.Duration
			for range 5 { // a machine that is busy is slow at times
				came := false
				if took, came = w.ended(t, op, n, moment); !came || took <= soon {
					struck = struck || came
					break
				}
			}
			require.LessOrEqual(t, took, soon, "request %d, %s", n, moment)
		}
	}
}

// ended runs an operation whose context ends at its n-th request, and returns how
// long it took from then, and whether it came to that request.
func (w *world) ended(t *testing.T, op operation, n int, moment string) (took time.Duration, came bool) {
	t.Helper()
	if w.reset(); op.tables {
		w = newWorld(t, "lean", false, true)
	}
	about := fmt.Sprint("request ", n, ", ", moment)
	do := op.begin(w)
	before := w.state()
	why := []error{context.Canceled, context.DeadlineExceeded}[n%2]
	ctx := newEnding(t.Context(), why)
	injected := w.tr.On("*").Nth(n).Do(moments[moment](ctx.end))
	err := do(ctx)
	returned := time.Now()
	injected.Stop()
	if injected.Struck() == 0 {
		require.NoError(t, err, about)
		return 0, false
	}
	joined(t, about)
	if err == nil {
		require.NotEqual(t, "before the answer", moment, about)
	} else {
		require.ErrorIs(t, err, why, about)
		for _, sentinel := range mistaken {
			require.NotErrorIs(t, err, sentinel, about)
		}
		if !op.parts && !admits(err) {
			require.Equal(t, before, w.state(), "%s: %v", about, err)
		}
	}
	return returned.Sub(ctx.at), true
}
