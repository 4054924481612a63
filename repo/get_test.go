package repo_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

func TestGet(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 2)
	k := key.Of("m", 42).Range(2)
	got, err := r.Get(t.Context(), k)
	require.NoError(t, err)
	assert.Equal(t, 2, got.Position)
	assert.Equal(t, int64(42), got.AccountID)
	assert.Equal(t, map[string]int{"GetItem": 1}, tr.Counts())
	assert.NotContains(t, tr.Requests("GetItem")[0].JSON(), "ConsistentRead")

	_, err = r.Consistent().Get(t.Context(), k)
	require.NoError(t, err)
	assert.Equal(t, true, tr.Requests("GetItem")[1].JSON()["ConsistentRead"])

	got, err = r.Get(t.Context(), key.Of("m", 43).Range(2))
	require.ErrorIs(t, err, repo.ErrNotFound)
	assert.Zero(t, got)
	var typed *repo.Error
	require.ErrorAs(t, err, &typed)
	assert.Equal(t, &repo.Error{Op: "Get", Table: r.Table(), Attrs: []string{"id", "position"}, Err: repo.ErrNotFound}, typed)
	assert.EqualError(t, err, "repo: Get "+r.Table()+" (key id, position): not found")
}

// plain has a key of each scalar type but the number.
type plain struct {
	Hash string `dynamodbav:"hash"`
	Sort []byte `dynamodbav:"sort"`
	Note string `dynamodbav:"note"`
}

func plainSpec() repo.Spec {
	return repo.Spec{Table: "plain", Key: key.Spec{Hash: key.String("hash"), Range: key.Binary("sort")}}
}

// TestBadKeys: every key that can't be one is refused by every operation that
// takes one, before any request and without a word of its values (rule E1).
func TestBadKeys(t *testing.T) {
	t.Parallel()
	const secret = "SECRET"
	db, tr := open(t)
	composite, err := repo.New[score](db, scoreSpec())
	require.NoError(t, err)
	for name, k := range map[string]key.Value{
		"no parts":                {},
		"no sort key":             key.Of(secret, 42),
		"a hash part is missing":  key.Of(secret).Range(1),
		"a hash part too many":    key.Of(secret, 42, secret).Range(1),
		"a sort part too many":    key.Of(secret, 42).Range(1, secret),
		"text for an integer":     key.Of(secret, secret).Range(1),
		"text for a number":       key.Of(secret, 42).Range(secret),
		"a fraction":              key.Of(secret, 1.5).Range(1),
		"an integer for text":     key.Of(77077, 42).Range(1),
		"nil":                     key.Of(nil, 42).Range(1),
		"over 2048 bytes of hash": key.Of(strings.Repeat(secret, 400), 42).Range(1),
	} {
		refuseKey(t, composite, name, k)
	}
	simple, err := repo.New[plain](db, plainSpec())
	require.NoError(t, err)
	for name, k := range map[string]key.Value{
		"an empty hash key":          key.Of("").Range([]byte(secret)),
		"an empty sort key":          key.Of(secret).Range([]byte{}),
		"text for binary":            key.Of(secret).Range(secret),
		"over 2048 bytes of hash":    key.Of(strings.Repeat("x", 2049)).Range([]byte(secret)),
		"over 1024 bytes of sorting": key.Of(secret).Range(make([]byte, 1025)),
	} {
		refuseKey(t, simple, name, k)
	}
	assert.Zero(t, tr.Total())
}

func refuseKey[T any](t *testing.T, r *repo.Repo[T], name string, k key.Value) {
	t.Helper()
	for op, do := range map[string]func(context.Context) error{
		"Get":     func(ctx context.Context) error { _, err := r.Get(ctx, k); return err },
		"Exists":  func(ctx context.Context) error { _, err := r.Exists(ctx, k); return err },
		"GetMany": func(ctx context.Context) error { _, err := r.GetMany(ctx, []key.Value{k}); return err },
		"Update": func(ctx context.Context) error {
			_, err := r.Update(ctx, k, cond.Name[T]("note").Set("x"))
			return err
		},
		"Delete": func(ctx context.Context) error { return r.Delete(ctx, k) },
	} {
		err := do(t.Context())
		require.ErrorIs(t, err, repo.ErrInvalid, "%s: %s", op, name)
		require.ErrorIs(t, err, key.ErrKey, "%s: %s", op, name)
		assert.Contains(t, err.Error(), "repo: "+op+" "+r.Table()+": invalid: ", name)
		for _, value := range []string{"SECRET", "77077", "1.5"} {
			assert.NotContains(t, err.Error(), value, "%s: %s", op, name)
		}
	}
}

// TestEdgesOfKeys: what is just within the limits is a key.
func TestEdgesOfKeys(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[plain](t, db, plainSpec())
	long := plain{Hash: strings.Repeat("h", 2048), Sort: make([]byte, 1024), Note: "n"}
	require.NoError(t, r.Create(t.Context(), &long))
	got, err := r.Get(t.Context(), key.Of(long.Hash).Range(long.Sort))
	require.NoError(t, err)
	assert.Equal(t, long, got)
}

// TestUnknownAndNull: attributes without a field are ignored, NULL is the zero
// value (rule E3), on every way an item can be read.
func TestUnknownAndNull(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 0)
	store(t, r, av{
		"id": str("m|42"), "model_id": str("m"), "account_id": num("42"), "position": num("1"), "score": num("2.5"),
		"user_id":    str("u"),
		"created_at": &types.AttributeValueMemberNULL{Value: true},
		"tags":       &types.AttributeValueMemberNULL{Value: true},
		"nobody":     &types.AttributeValueMemberM{Value: av{"knows": str("it")}},
	})
	want := score{ModelID: "m", AccountID: 42, Position: 1, UserID: "u", Points: 2.5}
	k := key.Of("m", 42).Range(1)
	got, err := r.Get(t.Context(), k)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	many, err := r.GetMany(t.Context(), []key.Value{k})
	require.NoError(t, err)
	assert.Equal(t, []score{want}, many.Items)
	for name, q := range map[string]repo.Query[score]{
		"Query": r.Query(partition), "Scan": r.Scan(), "index": r.Query(key.Of("u")).Index("user_idx"),
	} {
		found, err := q.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, []score{want}, found, name)
	}
}

// TestExists needs no body of the item (rule E4).
func TestExists(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	for position, want := range map[int]bool{1: true, 2: false} {
		tr.Reset()
		found, err := r.Consistent().Exists(t.Context(), key.Of("m", 42).Range(position))
		require.NoError(t, err)
		assert.Equal(t, want, found)
		require.Equal(t, map[string]int{"GetItem": 1}, tr.Counts())
		sent := tr.Requests("GetItem")[0].JSON()
		assert.Equal(t, "#0, #1", sent["ProjectionExpression"])
		assert.Equal(t, map[string]any{"#0": "id", "#1": "position"}, sent["ExpressionAttributeNames"])
		assert.Equal(t, true, sent["ConsistentRead"])
	}
	tr.On("GetItem").Do(faults.Error(400, "ResourceNotFoundException"))
	_, err := r.Exists(t.Context(), key.Of("m", 42).Range(1))
	var gone *types.ResourceNotFoundException
	require.ErrorAs(t, err, &gone)
	assert.EqualError(t, err, "repo: Exists "+r.Table()+" (key id, position): ResourceNotFoundException: no such table in this region, account or endpoint; table.Create makes one")
}

var entryAt = cond.Field(func(e *entry) *int { return &e.At })

// TestFirst asks for one item where keys alone decide, and otherwise takes the
// first that passes without reading on (rule E4).
func TestFirst(t *testing.T) {
	t.Parallel()
	pass := make([]bool, 12)
	pass[5], pass[6] = true, true
	r, tr := entries(t, pass)
	for name, c := range map[string]struct {
		q      repo.Query[entry]
		at     int
		limits []int
	}{
		"keys alone":         {r.Query(entryPart), 0, []int{1}},
		"descending":         {r.Query(entryPart).Descending(), 11, []int{1}},
		"a sort condition":   {r.Query(entryPart).Where(entryAt.Gte(4)), 4, []int{1}},
		"a wider limit":      {r.Query(entryPart).RecordLimit(5), 0, []int{1}},
		"a filter":           {r.Query(entryPart).Where(entryPass.Eq(true)), 5, []int{0}},
		"a filter in twos":   {r.Query(entryPart).Where(entryPass.Eq(true)).BatchSize(2), 5, []int{2, 2, 2}},
		"a filter, adapting": {r.Query(entryPart).Where(entryPass.Eq(true)).RecordLimit(1), 5, []int{1, 1, 2, 4}},
	} {
		tr.Reset()
		got, err := c.q.First(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, c.at, got.At, name)
		assert.Equal(t, c.limits, tr.Limits("Query"), name)
	}
	for name, q := range map[string]repo.Query[entry]{
		"no partition":      r.Query(key.Of("nobody")),
		"nothing passes":    r.Query(entryPart).Where(entryAt.Lt(5), entryPass.Eq(true)),
		"nothing within it": r.Query(entryPart).Where(entryPass.Eq(true)).ScanLimit(5),
	} {
		got, err := q.First(t.Context())
		require.ErrorIs(t, err, repo.ErrNotFound, name)
		assert.EqualError(t, err, "repo: Query "+r.Table()+": not found", name)
		assert.Zero(t, got, name)
	}
	tr.Reset()
	_, err := r.Query(entryPart).Index("nowhere").First(t.Context())
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Zero(t, tr.Total())
	tr.On("Query").Do(faults.Error(400, "ResourceNotFoundException"))
	_, err = r.Query(entryPart).First(t.Context())
	require.ErrorAs(t, err, new(*types.ResourceNotFoundException))
}
