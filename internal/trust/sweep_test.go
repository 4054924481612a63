package trust_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// An operation is one of the API, as it is swept.
type operation struct {
	// begin puts what is there before into a world that is empty, and returns the
	// call. What that returns beside an error it checks itself.
	begin func(w *world) func(ctx context.Context) error
	// again is what a second call may tell where the first was done and could not
	// tell it.
	again []error
	// adds tells that a second call does more.
	adds bool
	// parts tells that it takes several requests, and that an error leaves some of
	// them done; a second call then does the rest.
	parts bool
	// tables tells that it changes tables, which takes worlds of their own.
	tables bool
}

// A trouble is what happens to one request.
type trouble struct {
	name  string
	fault faults.Fault
	done  bool // the request has had its effect
}

// lostAnswer does the request and answers with an error of the server.
func lostAnswer(req *http.Request, send faults.Send) (*http.Response, error) {
	resp, err := send(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	return faults.ServerError(500)(req, send)
}

// summed gives an answer a checksum, and has spoil spoil the answer.
func summed(spoil faults.Fault) faults.Fault {
	return func(req *http.Request, send faults.Send) (*http.Response, error) {
		return spoil(req, func(req *http.Request) (*http.Response, error) {
			return faults.Answer(bytes.Clone)(req, send)
		})
	}
}

var troubles = []trouble{
	{"cut before", faults.CutBefore(), false},
	{"cut after", faults.CutAfter(), true},
	{"throttled", faults.Throttle(), false},
	{"half an answer", faults.Truncate(1), true},
	{"500 before", faults.ServerError(500), false},
	{"500 after", lostAnswer, true},
	{"another byte", summed(faults.Corrupt()), true},
	{"503", faults.ServerError(503), false},
	{"a short answer", summed(faults.Shorten(1)), true},
	{"conflict", faults.Conflict(0), false},
	{"unprocessed", faults.Unprocessed(1), false},
	{"an answer that is none", faults.Answer(func([]byte) []byte { return []byte("<html>") }), true},
	{"refused", faults.Error(400, "AccessDeniedException"), false},
}

// mistaken are what no trouble may be taken for.
var mistaken = []error{repo.ErrExists, repo.ErrNotFound, repo.ErrConditionFailed, repo.ErrInvalid, repo.ErrUnique, lock.ErrStale}

// admits reports whether an error says that something may have been done.
func admits(err error) bool {
	_, batch := errors.AsType[*repo.BatchError](err)
	_, left := errors.AsType[*repo.UnprocessedError](err)
	return batch || left || errors.Is(err, repo.ErrUnknown) || errors.Is(err, repo.ErrUnread)
}

// TestSweep fails the n-th request of every operation with each kind of trouble,
// before and after its effect, until the operation succeeds. Success means the
// result, and in the store what a run without trouble leaves. An error is not taken
// for an answer, and what it does not admit was not done. A second run ends it.
// Goroutines have ended.
func TestSweep(t *testing.T) {
	t.Parallel()
	t.Cleanup(func() {
		t.Logf("%d operations, %d runs, %d of them failed", len(operations), swept.runs.Load(), swept.failed.Load())
	})
	kinds := ways
	if !*long {
		kinds = ways[:1]
	}
	for _, way := range kinds {
		for name, op := range operations {
			for _, unique := range []bool{false, true} {
				if unique && !strings.HasPrefix(name, "repo.") || op.tables && way != "lean" {
					continue
				}
				t.Run(fmt.Sprint(way, "/", name, map[bool]string{true: " unique"}[unique]), func(t *testing.T) {
					t.Parallel()
					sweep(t, func() *world { return newWorld(t, way, unique, op.tables) }, op)
				})
			}
		}
	}
}

// swept counts what all sweeps did.
var swept struct{ runs, failed atomic.Int64 }

// sweep sweeps one operation. The short form has each request fail in the four ways
// that matter most, and in one of the others; of tables, where each run takes the
// engine a second, in one.
func sweep(t *testing.T, made func() *world, op operation) {
	t.Helper()
	w := made()
	do := op.begin(w)
	before := w.state()
	require.NoError(t, do(t.Context()))
	after := w.state()
	most := math.MaxInt
	if op.tables {
		most = 8 // those behind are looks at the same
	}
	for n := 1; n <= most; n++ {
		struck := false
		for i, kind := range troubles {
			if !*long && (i >= 4 && i != 4+n%(len(troubles)-4) || op.tables && i != (n+len(t.Name()))%len(troubles)) {
				continue
			}
			if w.reset(); op.tables { // DynamoDB Local has ten workers a database for them
				w = made()
			}
			if w.fails(op, n, kind, before, after) {
				struck = true
			}
			swept.runs.Add(1)
		}
		if !struck {
			break
		}
	}
}

// fails runs an operation whose n-th request fails, and reports whether it came to
// that request.
func (w *world) fails(op operation, n int, kind trouble, before, after string) bool {
	t := w.tb
	t.Helper()
	do := op.begin(w)
	about := fmt.Sprint("request ", n, ", ", kind.name)
	require.Equal(t, before, w.state(), about)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	injected := w.tr.On("*").Nth(n).Do(kind.fault)
	err := do(ctx)
	injected.Stop()
	require.NoError(t, ctx.Err(), about)
	if injected.Struck() == 0 {
		require.NoError(t, err, about)
		require.Equal(t, after, w.state(), about)
		return false
	}
	if errors.Is(err, faults.ErrMisfit) {
		return true // of a kind that the request can't have
	}
	state := w.state()
	if err == nil {
		require.Equal(t, after, state, about)
		return true
	}
	swept.failed.Add(1)
	for _, sentinel := range mistaken {
		require.NotErrorIs(t, err, sentinel, about)
	}
	require.NotContains(t, err.Error(), "secret", about)
	if !admits(err) && !op.parts {
		require.Equal(t, before, state, "%s: %v", about, err)
	}
	err = do(ctx)
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "InternalFailure" {
		t.Logf("%s: DynamoDB Local has failed by itself", about) // it does, for an index that was begun before
		return true
	}
	ends := slices.ContainsFunc(op.again, func(is error) bool { return errors.Is(err, is) })
	require.True(t, err == nil || ends && state != before, "%s: again: %v", about, err)
	if !op.adds {
		require.Equal(t, after, w.state(), about)
	}
	return true
}

// TestSweepJoins: no operation leaves a goroutine behind, whatever failed.
func TestSweepJoins(t *testing.T) { // alone, since it looks at all goroutines
	for _, name := range slices.Sorted(maps.Keys(operations)) {
		op := operations[name]
		if op.tables {
			continue // which start none
		}
		w := newWorld(t, "lean", false, false)
		for n := 1; n <= 3; n++ {
			w.reset()
			do := op.begin(w)
			injected := w.tr.On("*").Nth(n).Do(faults.CutAfter())
			_ = do(t.Context())
			injected.Stop()
			joined(t, name)
		}
	}
}
