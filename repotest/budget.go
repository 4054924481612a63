package repotest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
)

// A Limit is what a [Budget] bounds. The zero Limit allows no request.
type Limit struct {
	most       int
	operations []string // none: every one
}

// Requests allows n HTTP requests at most, the SDK's repetitions included: of the
// operations named, such as "Query", or of all if none is.
func Requests(n int, operations ...string) Limit { return Limit{most: n, operations: operations} }

// NoScan allows no Scan.
func NoScan() Limit { return Requests(0, "Scan") }

// Budget counts the requests that the client of a database sends from now on until
// end is called, or else until the test is over, and fails the test then if they
// are more than a limit allows, with a line for each: its operation, table and
// index. Tests that share a database count each other's requests.
//
//	defer repotest.Budget(t, db, repotest.Requests(2), repotest.NoScan())()
//
// The requests go as they would without it: the library sends first attempts
// itself. db is one that [DB] made, whose client may be wrapped by another; the
// test fails now if it is not.
func Budget(tb testing.TB, db *repo.DB, limits ...Limit) (end func()) {
	tb.Helper()
	var mu sync.Mutex
	var sent []faults.Request
	stop := front(tb, db).Watch(func(r faults.Request) {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, r)
	})
	var ended atomic.Bool // and no sync.Once, which would hide the line of the test
	end = func() {
		tb.Helper()
		if ended.Swap(true) {
			return
		}
		stop()
		mu.Lock()
		defer mu.Unlock()
		for _, limit := range limits {
			if over := limit.exceeded(sent); over != nil {
				tb.Errorf("repotest: %s, the budget is %d:\n%s", limit.count(over), limit.most, list(db, over))
			}
		}
	}
	tb.Cleanup(end)
	return end
}

// exceeded returns the requests that the limit counts if they are too many, else
// nil.
func (l Limit) exceeded(sent []faults.Request) []faults.Request {
	counted := slices.DeleteFunc(slices.Clone(sent), func(r faults.Request) bool {
		return len(l.operations) > 0 && !slices.Contains(l.operations, r.Operation)
	})
	if len(counted) <= l.most {
		return nil
	}
	return counted
}

// count is how many requests there were, in words.
func (l Limit) count(sent []faults.Request) string {
	what := "requests"
	if len(sent) == 1 {
		what = "request"
	}
	if len(l.operations) > 0 {
		what += " of " + strings.Join(l.operations, ", ")
	}
	return fmt.Sprint(len(sent), " ", what)
}

// list tells of requests, a line for each, without what they hold of items.
func list(db *repo.DB, sent []faults.Request) string {
	var out strings.Builder
	for i, r := range sent {
		fmt.Fprintf(&out, "\t%d %s", i+1, r.Operation)
		in := r.JSON()
		for n, name := range tables(in) {
			if n > 0 {
				out.WriteString(",")
			}
			out.WriteString(" " + baseName(db, name))
		}
		if index, ok := in["IndexName"].(string); ok {
			out.WriteString(", index " + index)
		}
		if r.Attempt > 1 {
			fmt.Fprintf(&out, ", attempt %d", r.Attempt)
		}
		out.WriteString("\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// tables are the names of the tables in the body of a request, sorted, each once.
func tables(in map[string]any) []string {
	var names []string
	add := func(of any) {
		if name, ok := of.(string); ok {
			names = append(names, name)
		}
	}
	add(in["TableName"])
	batch, _ := in["RequestItems"].(map[string]any)
	names = slices.AppendSeq(names, maps.Keys(batch))
	transaction, _ := in["TransactItems"].([]any)
	for _, item := range transaction {
		operation, _ := item.(map[string]any)
		for _, what := range operation {
			if what, ok := what.(map[string]any); ok {
				add(what["TableName"])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
