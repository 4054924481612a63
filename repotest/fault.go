package repotest

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
)

// named are the faults. What the service does on a bad day, DynamoDB Local never
// does.
var named = map[string]faults.Fault{
	"pass":         func(req *http.Request, send faults.Send) (*http.Response, error) { return send(req) },
	"lost answer":  faults.CutAfter(),
	"throttle":     faults.Throttle(),
	"server error": faults.ServerError(http.StatusInternalServerError),
	"unprocessed":  faults.Unprocessed(1),
	"conflict":     faults.Conflict(0),
}

// Inject has the next requests of an operation, such as "PutItem", or "*" for any,
// meet faults: the first request the first of them, and so on, the SDK's
// repetitions included. Later ones go as they would, and so do all when the test
// is over, which fails then if a fault has met no request. The faults are
//
//   - "lost answer": what was asked is done, and the connection cut before the
//     answer arrives. The SDK repeats the request,
//   - "throttle": ProvisionedThroughputExceededException, nothing done. The SDK
//     repeats the request,
//   - "server error": InternalServerError with status 500, nothing done. The SDK
//     repeats the request,
//   - "unprocessed": the last entry of a BatchGetItem or BatchWriteItem is left
//     undone, as the answer says; a batch of one entry is throttled,
//   - "conflict": a TransactWriteItems or TransactGetItems is cancelled because its
//     first operation met another transaction,
//   - "pass": none, for a request in between.
//
// The SDK makes three attempts of a call, so that three times "throttle" is what
// the caller sees of it:
//
//	repotest.Inject(t, db, "PutItem", "throttle", "throttle", "throttle")
//
// db is one that [DB] made. The test fails now if it is not, and for a name that
// is not here; and at the request that a fault does not fit.
func Inject(tb testing.TB, db *repo.DB, operation string, script ...string) {
	tb.Helper()
	for _, name := range script {
		if named[name] == nil {
			tb.Fatalf("repotest: no fault %q; there are %q", name, slices.Sorted(maps.Keys(named)))
		}
	}
	var next atomic.Int64
	injection := front(tb, db).On(operation).Times(len(script)).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		resp, err := named[script[next.Add(1)-1]](req, send)
		if errors.Is(err, faults.ErrMisfit) {
			tb.Errorf("repotest: %v", err) // the SDK would repeat the request, which then may pass
		}
		return resp, err
	})
	tb.Cleanup(func() {
		injection.Stop()
		if met := injection.Struck(); met < len(script) {
			tb.Errorf("repotest: %d of %d faults met no request of %s", len(script)-met, len(script), operation)
		}
	})
}
