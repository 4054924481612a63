package repo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// puts returns n entries and the operations that put them.
func puts(r *repo.Repo[entry], n int) (items []*entry, ops []repo.Op) {
	for i := range n {
		e := &entry{Name: "n", At: i, Kind: "k"}
		items, ops = append(items, e), append(ops, r.Ops().Put(e))
	}
	return items, ops
}

// there returns the places of a repository's entries.
func there(tb testing.TB, r *repo.Repo[entry]) []int {
	tb.Helper()
	all, err := r.Query(entryPart).Consistent().Collect(tb.Context())
	require.NoError(tb, err)
	return places(all)
}

// sizes returns how many operations each batch of writes held, in ascending
// order.
func sizes(tr *faults.Transport) []int {
	var all []int
	for _, req := range tr.Requests("BatchWriteItem") {
		all = append(all, sized(req))
	}
	slices.Sort(all)
	return all
}

func sized(batch faults.Request) int {
	n := 0
	for _, writes := range batch.JSON()["RequestItems"].(map[string]any) {
		n += len(writes.([]any))
	}
	return n
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// TestBatchChunks: 60 puts go as 25, 25 and 10, and none as nothing (rule F5).
func TestBatchChunks(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 0)
	require.NoError(t, r.DB().Batch(t.Context()))
	assert.Zero(t, tr.Total())
	_, ops := puts(r, 60)
	require.NoError(t, r.DB().Batch(t.Context(), ops...))
	assert.Equal(t, []int{10, 25, 25}, sizes(tr))
	assert.Equal(t, upTo(60), there(t, r))

	tr.Reset()
	var deletes []repo.Op
	for i := range 50 {
		deletes = append(deletes, r.Ops().Delete(entryKey(i+5)))
	}
	deletes = append(deletes, r.Ops().Destroy(&entry{Name: "n", At: 0}))
	require.NoError(t, r.DB().Batch(t.Context(), deletes...))
	assert.Equal(t, []int{1, 25, 25}, sizes(tr))
	assert.Equal(t, []int{1, 2, 3, 4, 55, 56, 57, 58, 59}, there(t, r))
}

// TestBatchLarge: a chunk that would be more than DynamoDB takes is split.
func TestBatchLarge(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[plain](t, db, plainSpec())
	tr.Reset()
	var ops []repo.Op
	for i := range 25 {
		// A control character has six bytes in JSON: 25 of these are 48 MB.
		ops = append(ops, r.Ops().Put(&plain{Hash: "h", Sort: []byte{byte(i)}, Note: strings.Repeat("\x01", 320<<10)}))
	}
	require.NoError(t, db.Batch(t.Context(), ops...))
	for _, req := range tr.Requests("BatchWriteItem") {
		assert.Less(t, len(req.Body), 16<<20+64<<10)
	}
	n, err := r.Query(key.Of("h")).Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 25, n)
}

// TestBatchUnprocessed: what is left is sent again alone until it is done, in
// one call over several repositories (rule F5).
func TestBatchUnprocessed(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[entry](t, db, entrySpec())
	other := create[made](t, db, spec("made", func(s *repo.Spec) { s.ID = uuid.NewString }))
	tr.Reset()
	injected := tr.On("BatchWriteItem").Times(2).Do(faults.Unprocessed(3))
	_, ops := puts(r, 15)
	items := make([]made, 5)
	for i := range items {
		ops = append(ops, other.Ops().Put(&items[i]))
	}
	require.NoError(t, db.Batch(t.Context(), ops...))
	assert.Equal(t, 2, injected.Struck())
	assert.Equal(t, []int{3, 3, 20}, sizes(tr))
	assert.Equal(t, upTo(15), there(t, r))
	for _, m := range items {
		assert.NotEmpty(t, m.ID)
		found, err := other.Exists(t.Context(), key.Of(m.ID))
		require.NoError(t, err)
		assert.True(t, found)
	}
}

// TestBatchSpent: when attempts bring nothing, what is left is told by its
// position, and only that is not done (rule F5).
func TestBatchSpent(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 0, func(c *repo.Config) { c.BatchAttempts = 2 })
	tr.On("BatchWriteItem").Nth(1).Do(faults.Unprocessed(2))
	tr.On("BatchWriteItem").When(func(r faults.Request) bool { return sized(r) == 2 }).Do(unwritten)
	_, ops := puts(r, 40)
	err := r.DB().Batch(t.Context(), ops...)
	require.ErrorIs(t, err, repo.ErrUnprocessed)
	left, ok := errors.AsType[*repo.BatchError](err)
	require.True(t, ok)
	require.Len(t, left.Left, 2)
	assert.Equal(t, []int{2, 2, 15, 25}, sizes(tr))
	assert.Equal(t, slices.DeleteFunc(upTo(40), func(i int) bool { return slices.Contains(left.Left, i) }), there(t, r))
	assert.EqualError(t, err, "repo: Batch several tables: 2 operations are left: "+repo.ErrUnprocessed.Error())
}

// unwritten answers a batch of writes as one none of which was done, and sends
// nothing.
func unwritten(req *http.Request, _ faults.Send) (*http.Response, error) {
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	var in struct{ RequestItems json.RawMessage }
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		return nil, err
	}
	answer := slices.Concat([]byte(`{"UnprocessedItems":`), in.RequestItems, []byte("}"))
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewReader(answer)), ContentLength: int64(len(answer)), Request: req,
	}, nil
}

// TestBatchFails: an error of the service or the end of the context leaves what
// was not done, and chunks that were done are not told.
func TestBatchFails(t *testing.T) {
	t.Parallel()
	r, tr, _ := numbered(t, 0, func(c *repo.Config) { c.Concurrency = 1 })
	_, ops := puts(r, 60)
	tr.On("BatchWriteItem").Nth(2).Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	err := r.DB().Batch(t.Context(), ops...)
	left, ok := errors.AsType[*repo.BatchError](err)
	require.True(t, ok)
	assert.Equal(t, upTo(60)[25:50], left.Left)
	assert.Equal(t, slices.Concat(upTo(25), upTo(60)[50:]), there(t, r))
	assert.EqualError(t, err, "repo: Batch several tables: 25 operations are left: AccessDeniedException: a policy denies the operation to these credentials")

	ctx, cancel := context.WithCancel(t.Context())
	tr.On("BatchWriteItem").Do(faults.Answer(func(body []byte) []byte { cancel(); return body }), faults.Unprocessed(5))
	err = r.DB().Batch(ctx, ops...)
	require.ErrorIs(t, err, context.Canceled)
	left, ok = errors.AsType[*repo.BatchError](err)
	require.True(t, ok)
	assert.Len(t, left.Left, 40, "20 of the first chunk were done")
	assert.Subset(t, left.Left, upTo(60)[25:])
}

// TestBatchProgress: each answer is told, one at a time, over several
// repositories, what was left unprocessed included (rule F5).
func TestBatchProgress(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[entry](t, db, entrySpec())
	other := create[plain](t, db, plainSpec())
	_, ops := puts(r, 60)
	for i := range 20 {
		ops = append(ops, other.Ops().Put(&plain{Hash: "h", Sort: []byte{byte(i)}}))
	}
	tr.On("BatchWriteItem").When(func(r faults.Request) bool { return sized(r) == 25 }).Nth(2).Do(faults.Unprocessed(7))
	var told []repo.Progress
	batch := db.Rate(1e9).Progress(func(p repo.Progress) { told = append(told, p) })
	require.NoError(t, batch.Batch(t.Context(), ops...))
	require.Len(t, told, 5, "one for each request")
	before := repo.Progress{Left: 80}
	for _, p := range told {
		assert.Equal(t, 80, p.Done+p.Left)
		assert.Greater(t, p.Done, before.Done)
		assert.Greater(t, p.Consumed, before.Consumed)
		before = p
	}
	assert.Zero(t, before.Left)

	told = nil
	tr.On("BatchWriteItem").Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	require.Error(t, batch.Batch(t.Context(), ops...))
	assert.Empty(t, told, "nothing was done")
}

// unknown is a serializer that the fast path does not know.
type unknown struct{ middleware.SerializeMiddleware }

func (unknown) ID() string { return "Unknown" }

// TestBatchUnknownStack: where items and keys can't be written as JSON, they are
// sent as the SDK's attribute values.
func TestBatchUnknownStack(t *testing.T) {
	t.Parallel()
	first, tr, _ := numbered(t, 3)
	cfg := first.DB().Config()
	cfg.StandardCodec = false
	db, err := repo.NewDB(dynamodb.New(first.DB().Client().(*dynamodb.Client).Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
			own, _ := s.Serialize.Get("OperationSerializer")
			_, err := s.Serialize.Swap("OperationSerializer", unknown{own})
			return err
		})
	}), &cfg)
	require.NoError(t, err)
	r, err := repo.New[entry](db, first.Spec())
	require.NoError(t, err)
	_, ops := puts(r, 2)
	require.NoError(t, db.Batch(t.Context(), append(ops, r.Ops().Delete(key.Of("n").Range(2)))...))
	assert.Equal(t, []int{3}, sizes(tr), "in one request")
	assert.Equal(t, []int{0, 1}, there(t, r))
	n, err := r.Query(entryPart).DeleteAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	assert.Empty(t, there(t, r))
}

// TestBatchMemory: ids and versions are in memory once an item is written, not
// before.
func TestBatchMemory(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 0)
	items := make([]score, 4)
	var ops []repo.Op
	for i := range items {
		items[i] = score{ModelID: "m", AccountID: 42, Position: i, Version: 3}
		ops = append(ops, r.Overwrite().Ops().Put(&items[i]))
	}
	tr.On("BatchWriteItem").After(1).Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	tr.On("BatchWriteItem").Nth(1).Do(faults.Unprocessed(2))
	left, ok := errors.AsType[*repo.BatchError](r.DB().Batch(t.Context(), ops...))
	require.True(t, ok)
	assert.Equal(t, []int{2, 3}, left.Left)
	for i, s := range items {
		assert.Equal(t, map[bool]int64{true: 4, false: 3}[i < 2], s.Version)
		assert.Equal(t, i < 2, !s.UpdatedAt.IsZero())
	}
}

// TestBadBatches: what a batch can't do is refused, every fault at once, before
// any request (rules F5, G5).
func TestBadBatches(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 0)
	db := r.DB()
	e, err := repo.New[entry](db, entrySpec())
	require.NoError(t, err)
	item := func() *score { return &score{ModelID: "m", AccountID: 42, Position: 1} }
	good := e.Ops().Put(&entry{Name: "n", At: 1})
	for name, ops := range map[string][]repo.Op{
		"a lock":         {r.Ops().Put(item())},
		"create":         {e.Ops().Create(&entry{Name: "n"})},
		"save":           {r.Ops().Save(item())},
		"update":         {e.Ops().Update(entryKey(1), entryPass.Set(true))},
		"check":          {e.Ops().Check(entryKey(1))},
		"destroy":        {r.Ops().Destroy(item())},
		"condition":      {e.If(entryPass.Eq(true)).Ops().Delete(entryKey(2))},
		"twice":          {good, e.Ops().Delete(key.Of("n").Range(int64(1)))},
		"an empty key":   {e.Ops().Put(&entry{})},
		"a bad key":      {e.Ops().Delete(key.Of("n"))},
		"no operation":   {{}},
		"no item":        {e.Ops().Put(nil)},
		"one of several": {good, e.Ops().Delete(entryKey(2)), {}},
	} {
		require.ErrorIs(t, db.Batch(t.Context(), ops...), repo.ErrInvalid, name)
	}
	err = db.Batch(t.Context(), e.Ops().Check(entryKey(1)), good, repo.Op{}, r.Ops().Put(item()))
	for _, text := range []string{"operation 0: ", "operation 2: ", "operation 3: "} {
		assert.ErrorContains(t, err, text)
	}
	assert.NotContains(t, err.Error(), "operation 1: ")
	assert.Zero(t, tr.Total())

	require.NoError(t, db.Batch(t.Context(), r.Overwrite().Ops().Put(item()), r.Overwrite().Ops().Destroy(&score{ModelID: "m", AccountID: 42, Position: 2})))
	assert.Equal(t, num("1"), rawScore(t, r, "1")["lock_version"])
}
