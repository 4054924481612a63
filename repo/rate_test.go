package repo_test

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
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
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		metered, meter := repo.WithMeter(ctx)
		_, err = q.BatchSize(2).Rate(0.01).Collect(metered)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		assert.Equal(t, dyniter.StopContext, meter.Stats().Stop, name)
		assert.Equal(t, tr.Total(), meter.Stats().Requests, name)
		assert.LessOrEqual(t, tr.Total(), 2, "%s: an empty segment costs nothing", name)
	}
}

// meter answers every query with one item and more to come, every batch with
// its items, takes every write, and says what that cost; it notes when.
type meter struct {
	repo.Client
	query, batch float64 // units of each
	put          float64 // units of each write of a batch
	start        time.Time
	mu           sync.Mutex
	queries      int
	spent        []float64 // units of each second since
	writes       []int     // how many each batch had
}

func (m *meter) spend(units float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	second := int(time.Since(m.start) / time.Second)
	for len(m.spent) <= second {
		m.spent = append(m.spent, 0)
	}
	m.spent[second] += units
}

func (m *meter) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	m.spend(m.query)
	m.mu.Lock()
	m.queries++
	k := av{"name": str("n"), "at": num(strconv.Itoa(m.queries)), "kind": str("k"), "rank": num("1")}
	m.mu.Unlock()
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

func (m *meter) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	out := &dynamodb.BatchWriteItemOutput{}
	for _, writes := range in.RequestItems {
		m.spend(m.put * float64(len(writes)))
		m.mu.Lock()
		m.writes = append(m.writes, len(writes))
		m.mu.Unlock()
		if in.ReturnConsumedCapacity == types.ReturnConsumedCapacityTotal {
			out.ConsumedCapacity = append(out.ConsumedCapacity, types.ConsumedCapacity{CapacityUnits: aws.Float64(m.put * float64(len(writes)))})
		}
	}
	return out, nil
}

// TestBatchRate: what is written stays within the rate, and no request takes
// more than a second's units of what can be foreseen.
func TestBatchRate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rate, put float64
		n, most   int
		note      string
	}{
		"small items":         {rate: 50, put: 1, n: 500, most: 25},
		"an index beside":     {rate: 50, put: 3, n: 170, most: 25},
		"less than a batch":   {rate: 10, put: 1, n: 100, most: 10},
		"less than an item":   {rate: 0.5, put: 1, n: 5, most: 1},
		"items of many units": {rate: 40, put: 10, n: 40, most: 4, note: strings.Repeat("x", 9<<10)},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := &meter{put: c.put, start: time.Now()}
			db, err := repo.NewDB(m, nil)
			require.NoError(t, err)
			r, err := repo.New[plain](db, plainSpec())
			require.NoError(t, err)
			var ops []repo.Op
			for i := range c.n {
				ops = append(ops, r.Ops().Put(&plain{Hash: "h", Sort: []byte{byte(i >> 8), byte(i)}, Note: c.note}))
			}
			require.NoError(t, db.Rate(c.rate).Batch(t.Context(), ops...), name)
			assert.Equal(t, c.most, slices.Max(m.writes), name)
			total := float64(c.n) * c.put
			ahead := c.rate + c.put*float64(c.most) // half a second's, those saved up, and the last request
			assert.InDelta(t, total/c.rate, time.Since(m.start).Seconds(), ahead/c.rate, name)
			sum := 0.0
			for i, units := range m.spent {
				sum += units
				assert.LessOrEqual(t, sum, c.rate*float64(i+1)+ahead, "%s, second %d", name, i)
			}
			assert.InDelta(t, total, sum, 0)

			m.writes = nil
			began := time.Now()
			require.NoError(t, db.Batch(t.Context(), ops...))
			assert.Zero(t, time.Since(began), "no rate, no wait")
		})
	}
}

// TestBatchRateEnds: the end of the context ends the waiting, and what was not
// sent is left.
func TestBatchRateEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &meter{put: 1, start: time.Now()}
		db, err := repo.NewDB(m, nil)
		require.NoError(t, err)
		r, err := repo.New[entry](db, entrySpec())
		require.NoError(t, err)
		_, ops := puts(r, 100)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err = db.Rate(2).Batch(ctx, ops...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var left *repo.BatchError
		require.ErrorAs(t, err, &left)
		done := 0
		for _, n := range m.writes {
			done += n
		}
		assert.Len(t, left.Left, 100-done)
		assert.InDelta(t, 60, done, 4)
		assert.Equal(t, 30*time.Second, time.Since(m.start))
	})
}

// TestBadRates: a rate that is none is told beside every other fault, and
// nothing is sent.
func TestBadRates(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 0)
	for _, rate := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		err := r.DB().Rate(rate).Batch(t.Context(), r.Ops().Delete(entryKey(1)), repo.Op{})
		require.ErrorIs(t, err, repo.ErrInvalid)
		require.ErrorContains(t, err, "a rate is 0 or more")
		require.ErrorContains(t, err, "operation 1: ")
	}
	assert.Zero(t, tr.Total())
}
