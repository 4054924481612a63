package trust_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A world is a database with trouble in front of it, and the same without.
type world struct {
	tb     testing.TB
	tr     *faults.Transport
	db     *repo.DB // through the transport, one attempt for each request
	calm   *repo.DB // past it
	client *dynamodb.Client
	unique bool // models have unique values, which take transactions
	tables []string
	tokens int
	hours  int
	shows  bool // tables are part of the state

	stocks, calmStocks *repo.Repo[stock]
	owners, calmOwners *repo.Repo[owner]
	bills, calmBills   *repo.Repo[bill]
	billsOf, calmOf    *assoc.Relation[owner, bill]
}

// quick does not lose time waiting for tables.
var quick = &table.Options{Polls: 5000, Interval: 10 * time.Millisecond}

// brief waits less for what another process may be about to do.
var brief = &table.Options{Polls: 200, Interval: 10 * time.Millisecond}

// newWorld makes a world without tables, or with those of its repositories.
func newWorld(tb testing.TB, way string, unique, empty bool) *world {
	tb.Helper()
	tr := faults.New(nil)
	const ns = "app_test" // in a database of its own
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	cfg := repo.Config{
		Namespace: ns, StandardCodec: way == "standard", BatchAttempts: 2, ConflictAttempts: 1, Concurrency: 2, Polls: 5000, PollInterval: 10 * time.Millisecond,
		Now: func() time.Time { return at },
	}
	var apart dynamodb.Options
	enginetest.Apart(&apart)
	region := func(o *dynamodb.Options) { o.Region = apart.Region }
	w := &world{tb: tb, tr: tr, unique: unique, shows: empty, client: enginetest.Client(tb, region)}
	var err error
	w.calm, err = repo.NewDB(w.client, &cfg)
	require.NoError(tb, err)
	w.db, err = repo.NewDB(enginetest.Client(tb, region, by(way), func(o *dynamodb.Options) { o.HTTPClient, o.RetryMaxAttempts = tr, 1 }), &cfg)
	require.NoError(tb, err)
	w.open()
	return w
}

// holds makes the tables of models, which reset empties.
func (w *world) holds(models ...table.Model) {
	w.tb.Helper()
	for _, m := range models {
		_, err := table.Create(w.tb.Context(), m, quick)
		require.NoError(w.tb, err)
		w.tables = append(w.tables, m.Table())
	}
}

// reset empties the tables.
func (w *world) reset() {
	w.tb.Helper()
	ctx := context.Background()
	for _, name := range w.tables {
		for _, item := range w.items(name) {
			k := map[string]types.AttributeValue{}
			for _, attr := range []string{"id", "shop"} {
				if item[attr] != nil {
					k[attr] = item[attr]
				}
			}
			_, err := w.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: k})
			require.NoError(w.tb, err)
		}
	}
}

func (w *world) items(name string) []map[string]types.AttributeValue {
	w.tb.Helper()
	out, err := w.client.Scan(context.Background(), &dynamodb.ScanInput{TableName: aws.String(name), ConsistentRead: aws.Bool(true)})
	require.NoError(w.tb, err)
	return out.Items
}

// state is what all tables hold, in a form to be compared.
func (w *world) state() string {
	w.tb.Helper()
	var lines []string
	for _, name := range w.tables {
		for _, item := range w.items(name) {
			lines = append(lines, name+" "+text(w.tb, &types.AttributeValueMemberM{Value: item}))
		}
	}
	slices.Sort(lines)
	if w.shows {
		lines = append(lines, w.described())
	}
	return strings.Join(lines, "\n")
}

// text is a value in JSON, sets in order.
func text(tb testing.TB, av types.AttributeValue) string {
	tb.Helper()
	var plain func(av types.AttributeValue) any
	plain = func(av types.AttributeValue) any {
		switch v := av.(type) {
		case *types.AttributeValueMemberM:
			m := map[string]any{}
			for k, e := range v.Value {
				m[k] = plain(e)
			}
			return m
		case *types.AttributeValueMemberL:
			var l []any
			for _, e := range v.Value {
				l = append(l, plain(e))
			}
			return l
		case *types.AttributeValueMemberSS:
			return slices.Sorted(slices.Values(v.Value))
		case *types.AttributeValueMemberN:
			return json.Number(v.Value)
		case *types.AttributeValueMemberS:
			return v.Value
		}
		return fmt.Sprintf("%#v", av)
	}
	b, err := json.Marshal(plain(av))
	require.NoError(tb, err)
	return string(b)
}

// open makes the repositories, and their tables if they are not what is swept.
func (w *world) open() {
	w.tb.Helper()
	var err error
	w.stocks, err = repo.New[stock](w.db, stockSpec(w.unique))
	require.NoError(w.tb, err)
	w.calmStocks, err = repo.New[stock](w.calm, stockSpec(w.unique))
	require.NoError(w.tb, err)
	w.owners, w.bills, w.billsOf = related(w.tb, w.db)
	w.calmOwners, w.calmBills, w.calmOf = related(w.tb, w.calm)
	if !w.shows {
		w.holds(w.calmStocks, w.calmOwners, w.calmBills)
	}
}

// joined fails if a goroutine is in the library's code, but for that of the test.
func joined(tb testing.TB, about string) {
	tb.Helper()
	const wait, step = time.Second, time.Millisecond
	for deadline := time.Now().Add(wait); ; time.Sleep(step) {
		buf := make([]byte, 1<<20)
		var left []string
		for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, module) && !strings.Contains(stack, module+"internal/trust") && !strings.Contains(stack, module+"internal/engine") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return
		}
		require.True(tb, time.Now().Before(deadline), "%s: goroutines are left:\n%s", about, strings.Join(left, "\n\n"))
	}
}
