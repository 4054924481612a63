package repo_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestStops: why reading ended, and what it had cost by then, whoever ended it.
func TestStops(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 10)
	odd := r.Query(entryPart).Where(entryPass.Eq(false)).BatchSize(3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		q         repo.Query[entry]
		ctx       context.Context
		leave     int // items to leave the loop after
		fault     faults.Fault
		stop      dyniter.Stop
		requests  int
		evaluated int
		returned  int
	}{
		"exhausted":              {q: odd, stop: dyniter.StopExhausted, requests: 4, evaluated: 10, returned: 5},
		"exhausted at the limit": {q: r.Query(entryPart).BatchSize(6).ScanLimit(11), stop: dyniter.StopExhausted, requests: 2, evaluated: 10, returned: 10},
		"record limit":           {q: odd.RecordLimit(2), stop: dyniter.StopRecordLimit, requests: 2, evaluated: 6, returned: 2},
		"scan limit":             {q: odd.ScanLimit(4), stop: dyniter.StopScanLimit, requests: 2, evaluated: 4, returned: 2},
		"caller":                 {q: odd, leave: 2, stop: dyniter.StopCaller, requests: 2, evaluated: 6, returned: 3},
		"context":                {q: odd, ctx: ctx, stop: dyniter.StopContext},
		"error":                  {q: odd, fault: faults.Error(400, "ValidationException"), stop: dyniter.StopError, requests: 2, evaluated: 3, returned: 1},
		"scan":                   {q: r.Scan().BatchSize(4), stop: dyniter.StopExhausted, requests: 3, evaluated: 10, returned: 10},
	} {
		if c.ctx == nil {
			c.ctx = t.Context()
		}
		trouble := tr.On("*").Times(0).Do(faults.Throttle())
		if c.fault != nil {
			trouble = tr.On("*").Nth(2).Do(c.fault)
		}
		tr.Reset()
		n := 0
		metered, meter := repo.WithMeter(c.ctx)
		for _, err := range c.q.All(metered) {
			assert.Equal(t, err != nil, meter.Stats().Stop != dyniter.StopNone, "%s: it has not ended within the loop", name)
			assert.Equal(t, tr.Total(), meter.Stats().Requests, "%s: it can be read within the loop", name)
			if n++; n == c.leave {
				break
			}
		}
		trouble.Stop()
		assert.Equal(t, c.stop, meter.Stats().Stop, name)
		assert.Equal(t, c.requests, meter.Stats().Requests, name)
		assert.Equal(t, c.requests, tr.Total(), name)
		assert.Equal(t, c.evaluated, meter.Stats().Evaluated, name)
		assert.Equal(t, c.returned, meter.Stats().Returned, name)
		assert.Zero(t, meter.Stats().Retries, name)
		if c.fault == nil {
			before := meter.Stats()
			metered, meter := repo.WithMeter(c.ctx)
			_, err := c.q.Count(metered)
			if c.leave == 0 {
				assert.Equal(t, c.ctx.Err() != nil, err != nil, name)
				after := meter.Stats()
				before.Bytes, after.Bytes = 0, 0
				assert.Equal(t, before, after, "%s: a count costs the same, and starts anew", name)
			}
		}
	}
}

// impatient returns a database whose client retries without waiting.
func impatient(tb testing.TB, opts ...func(*repo.Config)) (*repo.DB, *faults.Transport) {
	tb.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(tb, func(o *dynamodb.Options) {
		o.HTTPClient = tr
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter = ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	cfg := repo.Config{Namespace: enginetest.Namespace(tb), StandardCodec: *standard}
	for _, opt := range opts {
		opt(&cfg)
	}
	db, err := repo.NewDB(client, &cfg)
	require.NoError(tb, err)
	return db, tr
}

// TestRetries: requests that the SDK sent again are counted apart.
func TestRetries(t *testing.T) {
	t.Parallel()
	db, tr := impatient(t)
	r := create[entry](t, db, entrySpec())
	for i := range 6 {
		require.NoError(t, r.Put(t.Context(), &entry{Name: "n", At: i, Kind: "k", Rank: i}))
	}
	tr.Reset()
	tr.On("Query").Times(2).Do(faults.Throttle())
	cut := tr.On("Query").Nth(4).Do(faults.CutAfter())
	metered, meter := repo.WithMeter(t.Context())
	got, err := r.Query(entryPart).BatchSize(3).Collect(metered)
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1, 2, 3, 4, 5}, places(got), "an answer that was lost is read again, not twice")
	assert.Equal(t, 1, cut.Struck())
	assert.Equal(t, 3, meter.Stats().Requests)
	assert.Equal(t, 3, meter.Stats().Retries)
	assert.Equal(t, 6, tr.Count("Query"))

	tr.On("Query").Do(faults.Throttle())
	metered, meter = repo.WithMeter(t.Context())
	_, err = r.Query(entryPart).Collect(metered)
	require.ErrorAs(t, err, new(*types.ProvisionedThroughputExceededException))
	assert.EqualError(t, err, "repo: Query "+r.Table()+": ProvisionedThroughputExceededException")
	assert.Equal(t, dyniter.Stats{Requests: 1, Retries: 2, Stop: dyniter.StopError}, meter.Stats())
}

// TestCapacity: what was consumed, by the table and by indexes, and the bytes
// of the answers.
func TestCapacity(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 9)
	var bytes atomic.Int64
	tr.On("*").Do(faults.Answer(func(body []byte) []byte {
		bytes.Add(int64(len(body)))
		return body
	}))
	for name, c := range map[string]struct {
		q            repo.Query[score]
		table, index bool
	}{
		"table":          {r.Query(partition), true, false},
		"global":         {r.Query(key.Of("u1")).Index("user_idx"), false, true},
		"local, fetched": {r.Query(partition).Index("score_part_idx"), true, true},
		"hydrated":       {r.Query(key.Of("u1")).Index("user_part_idx").Hydrate(), true, true},
		"scan":           {r.Scan().Segments(2), true, false},
	} {
		bytes.Store(0)
		consumed := 0.0
		metered, meter := repo.WithMeter(t.Context())
		for page, err := range c.q.BatchSize(2).Pages(metered) {
			require.NoError(t, err, name)
			consumed += page.Consumed
		}
		assert.Equal(t, c.table, meter.Stats().ConsumedTable > 0, name)
		assert.Equal(t, c.index, meter.Stats().ConsumedIndex > 0, name)
		assert.InDelta(t, meter.Stats().Consumed, meter.Stats().ConsumedTable+meter.Stats().ConsumedIndex, 1e-9, name)
		assert.InDelta(t, meter.Stats().Consumed, consumed, 1e-9, name)
		assert.Equal(t, bytes.Load(), meter.Stats().Bytes, name)
	}
	twice := func(q repo.Query[score]) float64 {
		metered, meter := repo.WithMeter(t.Context())
		_, err := q.Collect(metered)
		require.NoError(t, err)
		return meter.Stats().Consumed
	}
	assert.InDelta(t, 2*twice(r.Query(partition)), twice(r.Query(partition).Consistent()), 1e-9)
}
