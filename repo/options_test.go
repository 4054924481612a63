package repo_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestOptionsRefused: an option that a verb can't honour is refused before any
// request (rule O7).
func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	item := score{ModelID: "m", AccountID: 42, Position: 1}
	change := points.Add(1)
	update := func(w repo.Writer[score]) error {
		_, err := w.Update(t.Context(), at(1), change)
		return err
	}
	for name, do := range map[string]func() error{
		"create, overwriting":         func() error { return r.Overwrite().Create(t.Context(), &item) },
		"create, returning":           func() error { return r.Returning(repo.ReturnBefore).Create(t.Context(), &item) },
		"save, returning":             func() error { return r.Returning(99).Save(t.Context(), &item) },
		"put, returning":              func() error { return r.Returning(repo.ReturnBefore).Put(t.Context(), &item) },
		"destroy, unchecked":          func() error { return r.SkipValidation().Destroy(t.Context(), &item) },
		"delete, unchecked":           func() error { return r.SkipValidation().Delete(t.Context(), at(1)) },
		"update, overwriting":         func() error { return update(r.Overwrite()) },
		"update, unchecked":           func() error { return update(r.SkipValidation()) },
		"update, of no such choice":   func() error { return update(r.Returning(99)) },
		"unchanged since no item":     func() error { return update(r.IfUnchanged(nil)) },
		"unchanged, of a put":         func() error { return r.IfUnchanged(nil).Put(t.Context(), &item) },
		"check in a transaction":      func() error { return r.DB().Transact(t.Context(), r.Overwrite().Ops().Check(at(1))) },
		"scan, descending":            func() error { _, err := r.Scan().Descending().Collect(t.Context()); return err },
		"count, projected":            func() error { _, err := r.Query(partition).Project("tags").Count(t.Context()); return err },
		"count, hydrated":             func() error { _, err := r.Query(partition).Hydrate().Count(t.Context()); return err },
		"delete of all, projected":    func() error { _, err := r.Query(partition).Project("tags").DeleteAll(t.Context()); return err },
		"update of all, hydrated":     func() error { _, err := r.Query(partition).Hydrate().Update(t.Context(), change); return err },
		"update of all, of no change": func() error { _, err := r.Query(partition).Update(t.Context()); return err },
	} {
		require.ErrorIs(t, do(), repo.ErrInvalid, name)
	}
	assert.Zero(t, tr.Total())
}

// TestCallHooks: a context reaches the SDK's options and inputs of each call
// under it, and measures them, whatever the verb.
func TestCallHooks(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 2)
	var tables []string
	ctx, meter := repo.WithMeter(t.Context())
	ctx = repo.WithInput(ctx, func(in *dynamodb.UpdateItemInput) {
		in.ReturnItemCollectionMetrics = types.ReturnItemCollectionMetricsSize
	})
	ctx = repo.WithInput(ctx, func(in *dynamodb.GetItemInput) { tables = append(tables, *in.TableName) })
	applied := 0
	ctx = repo.WithOptions(ctx, func(*dynamodb.Options) { applied++ })
	_, err := r.Get(ctx, at(1))
	require.NoError(t, err)
	_, err = r.Update(ctx, at(1), points.Add(1))
	require.NoError(t, err)
	_, err = r.GetMany(ctx, []key.Value{at(1), at(2)})
	require.NoError(t, err)
	_, err = r.Query(partition).Collect(ctx)
	require.NoError(t, err)
	require.NoError(t, r.DB().TransactGet(ctx, r.Into(at(1), new(score))))
	require.NoError(t, r.DB().Transact(ctx, r.Ops().Update(at(2), points.Add(1))))
	require.NoError(t, r.DB().Batch(ctx, r.Ops().Delete(at(2))))
	assert.Equal(t, []string{r.Table()}, tables)
	assert.Equal(t, "SIZE", tr.Requests("UpdateItem")[0].JSON()["ReturnItemCollectionMetrics"])
	got := meter.Stats()
	assert.Equal(t, tr.Total(), got.Requests)
	assert.GreaterOrEqual(t, applied, got.Requests, "each request has the option")
	assert.Positive(t, got.Consumed)

	for name, do := range map[string]func(ctx context.Context) error{
		"Get":         func(ctx context.Context) error { _, err := r.Get(ctx, at(1)); return err },
		"Exists":      func(ctx context.Context) error { _, err := r.Exists(ctx, at(1)); return err },
		"GetMany":     func(ctx context.Context) error { _, err := r.GetMany(ctx, []key.Value{at(1)}); return err },
		"TransactGet": func(ctx context.Context) error { return r.DB().TransactGet(ctx, r.Into(at(1), new(score))) },
		"Scan":        func(ctx context.Context) error { _, err := r.Scan().Collect(ctx); return err },
		"Update":      func(ctx context.Context) error { _, err := r.Update(ctx, at(1), points.Add(1)); return err },
		"Transact":    func(ctx context.Context) error { return r.DB().Transact(ctx, r.Ops().Update(at(1), points.Add(1))) },
		"Batch":       func(ctx context.Context) error { return r.DB().Batch(ctx, r.Ops().Delete(at(7))) },
	} {
		ctx, meter := repo.WithMeter(t.Context())
		require.NoError(t, do(ctx), name)
		assert.Equal(t, 1, meter.Stats().Requests, name)
		assert.Positive(t, meter.Stats().Consumed, name)
		if name == "Scan" {
			assert.Equal(t, 1, meter.Stats().Returned)
			assert.Equal(t, dyniter.StopExhausted, meter.Stats().Stop)
		}
	}
	_, inner := repo.WithMeter(ctx)
	_, err = r.Get(t.Context(), at(1))
	require.NoError(t, err)
	assert.Zero(t, inner.Stats().Requests, "of its own context alone")
}

// mover is in an index whose keys updates change.
type mover struct {
	ID    string `dynamodbav:"id"`
	Group string `dynamodbav:"g"`
	N     int    `dynamodbav:"n"`
}

var (
	moverN     = cond.Field(func(m *mover) *int { return &m.N })
	moverGroup = cond.Field(func(m *mover) *string { return &m.Group })
)

func moverSpec() repo.Spec {
	return repo.Spec{
		Table: "movers", Key: key.Spec{Hash: key.String("id")},
		Indexes: []index.Spec{index.Global("g_idx", key.String("g"), key.Int("n"))},
	}
}

// TestUpdateMoves: a bulk update of the keys of the index that it reads changes
// each item once (rule O5).
func TestUpdateMoves(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[mover](t, db, moverSpec())
	const n = 30
	for i := range n {
		require.NoError(t, r.Put(t.Context(), &mover{ID: string(rune('a' + i)), Group: "g", N: i}))
	}
	for name, update := range map[string]func(ctx context.Context) (int, error){
		"query, the sort key": func(ctx context.Context) (int, error) {
			return r.Query(key.Of("g")).Index("g_idx").BatchSize(10).Update(ctx, moverN.Add(10))
		},
		"scan, the sort key": func(ctx context.Context) (int, error) {
			return r.Scan().Index("g_idx").BatchSize(7).Update(ctx, moverN.Add(10))
		},
		"query, the hash key": func(ctx context.Context) (int, error) {
			return r.Query(key.Of("g")).Index("g_idx").BatchSize(10).Update(ctx, moverGroup.Set("g"))
		},
		"parallel": func(ctx context.Context) (int, error) {
			return r.Scan().Index("g_idx").Segments(3).BatchSize(5).Update(ctx, moverN.Add(1))
		},
	} {
		changed, err := update(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, n, changed, name)
	}
	q := r.Query(key.Of("g")).Index("g_idx")
	plan, err := q.Plan(moverN.Add(1))
	require.NoError(t, err)
	assert.Contains(t, plan.Cost, "; all keys are read before the first change")
	plan, err = r.Query(key.Of("a")).Plan(moverN.Add(1))
	require.NoError(t, err)
	assert.Contains(t, plan.Cost, "; each item is changed as it is found")
	_, err = q.Plan(cond.Name[mover]("id").Set("x"))
	require.ErrorIs(t, err, repo.ErrInvalid)
	all, err := r.Scan().Collect(t.Context())
	require.NoError(t, err)
	sum := 0
	for _, m := range all {
		sum += m.N
	}
	assert.Equal(t, n*(n-1)/2+n*21, sum)
}

// TestTimeKeys: a time is a key in the form that keeps its order, and no key in
// the SDK's (rule O2).
func TestTimeKeys(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	type moment struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"at"`
	}
	type theirs struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"at" dynarepo:"sdktime"`
	}
	spec := repo.Spec{Table: "moments", Key: key.Spec{Hash: key.String("id"), Range: key.String("at")}}
	_, err := repo.New[theirs](db, spec)
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorContains(t, err, "field At is stored in the SDK's form of times")

	r := create[moment](t, db, spec)
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	zone := time.FixedZone("", 3600)
	var want []moment
	for _, after := range []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond, time.Second} {
		want = append(want, moment{ID: "1", At: begin.Add(after)})
		require.NoError(t, r.Create(t.Context(), &moment{ID: "1", At: begin.Add(after).In(zone)}))
	}
	at := cond.Field(func(m *moment) *time.Time { return &m.At })
	got, err := r.Query(key.Of("1")).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = r.Query(key.Of("1")).Where(at.Between(begin.In(zone), begin.Add(50*time.Millisecond))).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want[:3], got)
	one, err := r.Get(t.Context(), key.Of("1").Range(begin.In(zone)))
	require.NoError(t, err)
	assert.Equal(t, want[0], one)
}
