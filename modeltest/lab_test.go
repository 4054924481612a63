package modeltest

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
)

var (
	modelTime = flag.Duration("model.time", 0, "how long each test of a model runs; 0 for a number of programs")
	careful   = flag.Bool("model.careful", false, "compare what is stored behind each step, not each program")
)

func TestMain(m *testing.M) {
	flag.Parse()
	// What programs wait for is the engine, so more of them run than there are
	// processors.
	_ = flag.Set("test.parallel", strconv.Itoa(labs))
	enginetest.Main(m)
}

// A lab is what one program at a time runs in: tables, and clients with trouble
// in front of them.
type lab struct {
	namespace string
	raw       *dynamodb.Client // past the library, and without trouble
	tr        *faults.Transport
	now       atomic.Int64 // Unix nanoseconds
	dbs       map[way]*repo.DB
	worlds    map[string]*world

	tokens int // of transactions

	mu     sync.Mutex
	due    *trouble
	seen   int // requests that the trouble could have struck
	struck bool
}

// A way is how requests are sent.
type way struct {
	retries  bool // the SDK tries again
	standard bool // items go through attribute values
	aside    bool // without trouble
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{
		namespace: enginetest.Namespace(t), raw: enginetest.Client(t), tr: faults.New(nil),
		dbs: map[way]*repo.DB{}, worlds: map[string]*world{},
	}
	l.tr.On("*").Do(l.strike)
	for _, retries := range []bool{false, true} {
		client := enginetest.Client(t, func(o *dynamodb.Options) {
			o.HTTPClient = l.tr
			o.Retryer = aws.NopRetryer{}
			if retries {
				o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
					o.RateLimiter = ratelimit.None
					o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				})
			}
		})
		for _, standard := range []bool{false, true} {
			l.dbs[way{retries: retries, standard: standard}] = l.open(t, client, standard)
		}
	}
	l.dbs[way{aside: true}] = l.open(t, l.raw, false)
	return l
}

func (l *lab) open(t *testing.T, client *dynamodb.Client, standard bool) *repo.DB {
	t.Helper()
	db, err := repo.NewDB(client, &repo.Config{
		Namespace: l.namespace, StandardCodec: standard, Now: l.clock, ScanPolicy: repo.ScanAllow,
		Concurrency: 1, // so that a program runs the same way each time
	})
	require.NoError(t, err)
	return db
}

// token returns a token that no other transaction has.
func (l *lab) token() string {
	l.tokens++
	return fmt.Sprint(l.namespace[len(l.namespace)-12:], "-", l.tokens)
}

// begin is when programs begin.
var begin = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

func (l *lab) clock() time.Time { return time.Unix(0, l.now.Load()).UTC() }

// A trouble strikes one request of a call.
type trouble struct {
	name       string
	operations []string // nil for all
	nth        int
	fault      faults.Fault
	unknown    bool // the caller can't tell whether the request was done
}

// strike is the trouble of every request.
func (l *lab) strike(req *http.Request, send faults.Send) (*http.Response, error) {
	l.mu.Lock()
	fault := l.next(req)
	l.mu.Unlock()
	if fault == nil {
		return send(req)
	}
	return fault(req, send)
}

func (l *lab) next(req *http.Request) faults.Fault {
	if l.due == nil || l.struck {
		return nil
	}
	const version = "DynamoDB_20120810."
	if l.due.operations != nil && !slices.Contains(l.due.operations, req.Header.Get("X-Amz-Target")[len(version):]) {
		return nil
	}
	if l.seen++; l.seen != l.due.nth {
		return nil
	}
	l.struck = true
	return l.due.fault
}

// under runs f with trouble ahead, and reports whether it struck.
func (l *lab) under(due *trouble, f func()) bool {
	l.mu.Lock()
	l.due, l.seen, l.struck = due, 0, false
	l.mu.Unlock()
	l.tr.Reset()
	f()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = nil
	return l.struck
}

// serverErrorAfter lets the request have its effect, and answers that something
// went wrong.
func serverErrorAfter(req *http.Request, send faults.Send) (*http.Response, error) {
	resp, err := send(req)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	return faults.ServerError(http.StatusInternalServerError)(req, send)
}

var writing = []string{"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}

// troubles are the kinds that there are; of none of them an error is told that
// means something else.
func troubles() []trouble {
	return []trouble{
		{name: "throttled", fault: faults.Throttle()},
		{name: "cut before", fault: faults.CutBefore(), unknown: true},
		{name: "cut after", fault: faults.CutAfter(), unknown: true},
		{name: "500 before", fault: faults.ServerError(http.StatusInternalServerError), unknown: true},
		{name: "500 after", fault: serverErrorAfter, unknown: true},
		{name: "cut after a write", operations: writing, fault: faults.CutAfter(), unknown: true},
		{name: "answer in part", fault: faults.Truncate(1), unknown: true},
		{name: "one unprocessed", operations: []string{"BatchWriteItem"}, fault: faults.Unprocessed(1)},
		{name: "one processed", operations: []string{"BatchWriteItem"}, fault: faults.Processed(1)},
		{name: "conflict", operations: []string{"TransactWriteItems"}, fault: faults.Conflict(0)},
	}
}

// drawTrouble draws what is to happen on the way of a call: nothing, mostly.
func drawTrouble(t *rapid.T) *trouble {
	if rapid.IntRange(0, 2).Draw(t, "trouble") > 0 {
		return nil
	}
	all := troubles()
	one := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
	one.nth = rapid.IntRange(1, 3).Draw(t, "nth")
	return &one
}

// labs is in how many labs programs run at once.
const labs = 8

// most is how long a test of a model takes where nobody says how long.
const most = 75 * time.Second

// run runs so many programs, in several labs at once; or for as long as -model.time
// says, or as -rapid.checks and -rapid.seed do.
func run(t *testing.T, programs int, program func(t *rapid.T, l *lab)) {
	t.Helper()
	checks, once := flag.Lookup("rapid.checks"), false
	flag.Visit(func(f *flag.Flag) { once = once || f == checks || f.Name == "rapid.seed" || f.Name == "rapid.failfile" })
	const few = 20
	if !once {
		usual := checks.Value.String()
		require.NoError(t, checks.Value.Set(strconv.Itoa(few)))
		t.Cleanup(func() { assert.NoError(t, checks.Value.Set(usual)) })
	}
	start, done := time.Now(), atomic.Int64{}
	before := steps.Load()
	t.Cleanup(func() { t.Logf("%d programs of %d steps in all", done.Load(), steps.Load()-before) })
	ended := func() bool {
		if *modelTime > 0 {
			return time.Since(start) > *modelTime
		}
		return once || int(done.Load()) >= programs || time.Since(start) > most
	}
	for i := range labs {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			for {
				rapid.Check(t, func(t *rapid.T) { program(t, l); done.Add(1) })
				if ended() {
					return
				}
			}
		})
	}
}

// scan returns all items of a table, and how many markers are among them.
func (l *lab) scan(t require.TestingT, table, hash string) (items []map[string]types.AttributeValue, markers int) {
	out, err := l.raw.Scan(ctx, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	for _, it := range out.Items {
		if s, ok := it[hash].(*types.AttributeValueMemberS); ok && len(s.Value) > 0 && s.Value[0] == '~' {
			markers++
			continue
		}
		items = append(items, it)
	}
	return items, markers
}

// empty removes all items of a table.
func (l *lab) empty(t require.TestingT, table string, keys ...string) {
	out, err := l.raw.Scan(ctx, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	for len(out.Items) > 0 {
		n := min(25, len(out.Items))
		var deletes []types.WriteRequest
		for _, it := range out.Items[:n] {
			k := map[string]types.AttributeValue{}
			for _, name := range keys {
				k[name] = it[name]
			}
			deletes = append(deletes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k}})
		}
		_, err := l.raw.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: deletes}})
		require.NoError(t, err)
		out.Items = out.Items[n:]
	}
}
