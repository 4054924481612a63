package repo_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestRate: a query at a rate it can't keep waits, with nothing under way, and
// its context ends the waiting.
func TestRate(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 6)
	for name, q := range map[string]repo.Query[entry]{
		"query": r.Query(entryPart), "ahead": r.Query(entryPart).Prefetch(2), "scan": r.Scan(), "parallel": r.Scan().Segments(2),
	} {
		tr.Reset()
		all, err := q.BatchSize(2).Rate(1e9).Collect(t.Context())
		require.NoError(t, err, name)
		assert.Len(t, all, 6, name)

		tr.Reset()
		var stats dyniter.Stats
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err = q.BatchSize(2).Rate(0.01).Stats(&stats).Collect(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		assert.Equal(t, dyniter.StopContext, stats.Stop, name)
		assert.Equal(t, tr.Total(), stats.Requests, name)
		assert.LessOrEqual(t, tr.Total(), 2, "%s: an empty segment costs nothing", name)
	}
}

// meter answers every query with one item and more to come, every batch with
// its items, and says what that cost; it notes when.
type meter struct {
	repo.Client
	query, batch float64 // units of each
	start        time.Time
	spent        []float64 // units of each second since
}

func (m *meter) spend(units float64) {
	second := int(time.Since(m.start) / time.Second)
	for len(m.spent) <= second {
		m.spent = append(m.spent, 0)
	}
	m.spent[second] += units
}

func (m *meter) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	m.spend(m.query)
	k := av{"name": str("n"), "at": num("1"), "kind": str("k"), "rank": num("1")}
	return &dynamodb.QueryOutput{
		Items: []av{k}, Count: 1, ScannedCount: 1, LastEvaluatedKey: k,
		ConsumedCapacity: &types.ConsumedCapacity{CapacityUnits: aws.Float64(m.query)},
	}, nil
}

func (m *meter) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	m.spend(m.batch)
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]av{}}
	for table, keys := range in.RequestItems {
		out.Responses[table] = keys.Keys
		out.ConsumedCapacity = append(out.ConsumedCapacity, types.ConsumedCapacity{CapacityUnits: aws.Float64(m.batch)})
	}
	return out, nil
}

// TestRateHeld: what is read stays within the rate, what hydration reads
// included.
func TestRateHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, hydrated := range []bool{false, true} {
			m := &meter{query: 2, batch: 3, start: time.Now()}
			db, err := repo.NewDB(m, nil)
			require.NoError(t, err)
			r, err := repo.New[entry](db, entrySpec())
			require.NoError(t, err)
			q := r.Query(key.Of("k")).Index("kind_idx").Rate(50)
			if hydrated {
				q = q.Hydrate()
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			_, err = q.Collect(ctx)
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			total := 0.0
			for _, units := range m.spent {
				total += units
			}
			assert.InDelta(t, 500, total, 50, "within 10 %% over 10 s, hydrated=%t", hydrated)
		}
	})
}
