package repotest

import (
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
)

// A Fault is trouble that one request meets.
type Fault uint8

// The faults. What the service does on a day like that, DynamoDB Local never does.
const (
	// Pass is none: the request goes as it would.
	Pass Fault = iota
	// LostAnswer does what was asked, and cuts the connection before the answer
	// arrives. The SDK repeats it.
	LostAnswer
	// Throttle refuses the request with ProvisionedThroughputExceededException,
	// undone. The SDK repeats it.
	Throttle
	// ServerError refuses the request with InternalServerError and status 500,
	// undone. The SDK repeats it.
	ServerError
	// Unprocessed leaves the last entry of a BatchGetItem or BatchWriteItem undone,
	// and says so in the answer; a batch of one entry is throttled. A request of
	// another kind fails the test.
	Unprocessed
	// Conflict cancels a TransactWriteItems or TransactGetItems, undone, because
	// its first operation met another transaction. A request of another kind fails
	// the test.
	Conflict
)

// made returns the fault of the transport, nil if there is no such fault.
func (f Fault) made() faults.Fault {
	switch f {
	case Pass:
		return func(req *http.Request, send faults.Send) (*http.Response, error) { return send(req) }
	case LostAnswer:
		return faults.CutAfter()
	case Throttle:
		return faults.Throttle()
	case ServerError:
		return faults.ServerError(http.StatusInternalServerError)
	case Unprocessed:
		return faults.Unprocessed(1)
	case Conflict:
		return faults.Conflict(0)
	}
	return nil
}

// Inject has the next requests of an operation, such as "PutItem", or "*" for any,
// meet the faults: the first request the first of them, and so on, the SDK's
// repetitions included. Later ones go as they would, and so do all when the test
// is over, which fails then if a fault has met no request.
//
//	repotest.Inject(t, db, "PutItem", repotest.LostAnswer)
//
// The SDK makes three attempts of a call, so that three times Throttle is what the
// caller sees of it. db is one that [DB] made; the test fails now if it is not.
func Inject(tb testing.TB, db *repo.DB, operation string, script ...Fault) {
	tb.Helper()
	var made []faults.Fault
	for _, f := range script {
		made = append(made, f.made())
	}
	if slices.ContainsFunc(made, func(f faults.Fault) bool { return f == nil }) {
		tb.Fatal("repotest: no such fault")
	}
	var next atomic.Int64
	injection := front(tb, db).On(operation).Times(len(made)).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		resp, err := made[next.Add(1)-1](req, send)
		if errors.Is(err, faults.ErrMisfit) {
			tb.Errorf("repotest: %v", err) // the SDK would repeat the request, which then may pass
		}
		return resp, err
	})
	tb.Cleanup(func() {
		injection.Stop()
		if met := injection.Struck(); met < len(made) {
			tb.Errorf("repotest: %d of %d faults met no request of %s", len(made)-met, len(made), operation)
		}
	})
}
