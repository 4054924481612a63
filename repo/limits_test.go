package repo_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"

	"github.com/dynarepo/dynarepo/internal/pager"
	"github.com/dynarepo/dynarepo/internal/pager/pagertest"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// entry is an item of the limit tests: it passes the filter or not.
type entry struct {
	Name string `dynamodbav:"name"`
	At   int    `dynamodbav:"at"`
	Kind string `dynamodbav:"kind"`
	Rank int    `dynamodbav:"rank"`
	Pass bool   `dynamodbav:"pass"`
}

var (
	entryPass = cond.Field(func(e *entry) *bool { return &e.Pass })
	entryPart = key.Of("n")
)

func entrySpec() repo.Spec {
	return repo.Spec{
		Table: "entries",
		Key:   key.Spec{Hash: key.String("name"), Range: key.Int("at")},
		Indexes: []index.Spec{
			index.Global("kind_idx", key.String("kind"), key.Int("rank")),
			index.Local("rank_idx", key.Int("rank")),
		},
	}
}

// entries returns a repository of one partition whose items, in order, pass or
// not.
func entries(tb testing.TB, pass []bool) (*repo.Repo[entry], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb)
	r := create[entry](tb, db, entrySpec())
	client := db.Client().(*dynamodb.Client)
	var puts []types.WriteRequest
	for i, p := range pass {
		puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
			"name": &types.AttributeValueMemberS{Value: "n"},
			"at":   &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
			"kind": &types.AttributeValueMemberS{Value: "k"},
			"rank": &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
			"pass": &types.AttributeValueMemberBOOL{Value: p},
		}}})
	}
	for chunk := range slices.Chunk(puts, 25) {
		_, err := client.BatchWriteItem(tb.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{r.Table(): chunk}})
		require.NoError(tb, err)
	}
	tr.Reset()
	return r, tr
}

// TestLimits runs every row of the paging rules on the engine: the same
// records, the same requests, the same Limit in each (rules A1 to A5, A7).
func TestLimits(t *testing.T) {
	t.Parallel()
	var fixtures [][]bool
	for _, c := range pagertest.Cases {
		if !slices.ContainsFunc(fixtures, func(f []bool) bool { return slices.Equal(f, c.Pass) }) {
			fixtures = append(fixtures, c.Pass)
		}
	}
	for i, pass := range fixtures {
		t.Run(fmt.Sprint("fixture", i), func(t *testing.T) {
			t.Parallel()
			r, tr := entries(t, pass)
			for _, c := range pagertest.Cases {
				if !slices.Equal(c.Pass, pass) {
					continue
				}
				for name, q := range map[string]repo.Query[entry]{
					"Query":  r.Query(entryPart),
					"global": r.Query(key.Of("k")).Index("kind_idx"),
					"local":  r.Query(entryPart).Index("rank_idx"),
					"Scan":   r.Scan(),
					"ahead":  r.Query(entryPart).Prefetch(1),
				} {
					t.Run(c.Name+"/"+name, func(t *testing.T) { checkLimits(t, c, limited(q, c.Limits), tr) })
				}
			}
		})
	}
}

func limited(q repo.Query[entry], l pager.Limits) repo.Query[entry] {
	if l.Filtered {
		q = q.Where(entryPass.Eq(true))
	}
	if l.Records > 0 {
		q = q.RecordLimit(l.Records)
	}
	if l.Scan > 0 {
		q = q.ScanLimit(l.Scan)
	}
	if l.Batch > 0 {
		q = q.BatchSize(l.Batch)
	}
	return q
}

func checkLimits(t *testing.T, c pagertest.Case, q repo.Query[entry], tr *faults.Transport) {
	var want []int
	for i, p := range c.Pass {
		if (p || !c.Limits.Filtered) && len(want) < c.Records {
			want = append(want, i)
		}
	}
	tr.Reset()
	metered, meter := repo.WithMeter(t.Context())
	got, err := q.Collect(metered)
	require.NoError(t, err)
	var at []int
	for _, e := range got {
		at = append(at, e.At)
	}
	assert.Equal(t, want, at)
	assert.Equal(t, c.Sent, tr.Limits("*"))
	assert.Equal(t, c.Requests, meter.Stats().Requests)
	assert.Equal(t, c.Evaluated, meter.Stats().Evaluated)
	assert.Equal(t, c.Records, meter.Stats().Returned)
	assert.Equal(t, c.Stop, meter.Stats().Stop)

	tr.Reset()
	n, err := q.Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, c.Records, n)
	assert.Equal(t, c.Sent, tr.Limits("*"))
	for _, req := range tr.Requests("*") {
		assert.Equal(t, "COUNT", req.JSON()["Select"])
	}
}
