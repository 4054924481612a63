package repo_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// nested is a value in n lists and maps, in turn.
func nested(n int, leaf types.AttributeValue) types.AttributeValue {
	for i := range n {
		if i%2 == 0 {
			leaf = &types.AttributeValueMemberL{Value: []types.AttributeValue{str("{["), leaf, str("\"")}}
		} else {
			leaf = &types.AttributeValueMemberM{Value: av{"a": leaf, "b": str("x")}}
		}
	}
	return leaf
}

// refusedByEngine checks that what is refused here would be there.
func refusedByEngine(tb testing.TB, err error) {
	tb.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	require.True(tb, ok, "the engine takes it")
	assert.Equal(tb, "ValidationException", api.ErrorCode())
}

// TestNesting: 32 levels of lists and maps, the item among them, are sent and
// taken, and one more is refused before any request, by puts and updates.
func TestNesting(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[shaped](t, db, spec("shaped"))
	value := cond.Name[shaped]("value")
	for name, c := range map[string]struct {
		leaf types.AttributeValue
		own  int // levels
	}{
		"a string": {str("x"), 0}, "a set": {&types.AttributeValueMemberSS{Value: []string{"a", "b"}}, 0},
		"an empty list": {&types.AttributeValueMemberL{}, 1}, "an empty map": {&types.AttributeValueMemberM{}, 1},
	} {
		good, bad := nested(31-c.own, c.leaf), nested(32-c.own, c.leaf)
		require.NoError(t, r.Put(t.Context(), &shaped{ID: "1", Value: good}), name)
		got, err := r.Update(t.Context(), key.Of("1"), value.Set(good))
		require.NoError(t, err, name)
		assert.NotNil(t, got.Value)
		n := tr.Total()
		require.ErrorIs(t, r.Put(t.Context(), &shaped{ID: "1", Value: bad}), repo.ErrInvalid, name)
		_, err = r.Update(t.Context(), key.Of("1"), value.Set(bad))
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		assert.Equal(t, n, tr.Total())
		_, err = db.Client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Table()), Item: av{"id": str("1"), "value": bad}})
		refusedByEngine(t, err)
	}
	require.NoError(t, r.Put(t.Context(), &shaped{ID: "1", Value: &types.AttributeValueMemberM{Value: av{"a": &types.AttributeValueMemberM{}}}}))
	within := cond.Name[shaped]("value.a.b")
	_, err := r.Update(t.Context(), key.Of("1"), within.Set(nested(30, str("x"))))
	require.ErrorIs(t, err, repo.ErrInvalid)
	_, err = r.Update(t.Context(), key.Of("1"), within.Set(nested(29, str("x"))))
	require.NoError(t, err)
}

// limitedItem has keys of every limit.
type limitedItem struct {
	ID    string `dynamodbav:"id"`
	At    string `dynamodbav:"at"`
	Group string `dynamodbav:"group,omitempty"`
	Place string `dynamodbav:"place,omitempty"`
	A     string `dynamodbav:"a,omitempty"`
	B     string `dynamodbav:"b,omitempty"`
}

// TestKeySizes: keys of the table and of indexes as long as DynamoDB takes are
// sent, and a byte more is refused before any request, by puts and updates.
func TestKeySizes(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[limitedItem](t, db, repo.Spec{
		Table: "limited", Key: key.Spec{Hash: key.String("id"), Range: key.String("at")},
		Indexes: []index.Spec{
			index.Global("group_idx", key.String("group"), key.String("place")),
			index.Global("parts_idx", key.Composite("parts", key.String("a"), key.String("b"))),
		},
	})
	text := func(n int) string { return strings.Repeat("x", n) }
	whole := limitedItem{ID: text(2048), At: text(1024), Group: text(2048), Place: text(1024), A: text(1000), B: text(1047)}
	require.NoError(t, r.Put(t.Context(), &whole))
	k := key.Of(text(2048)).Range(text(1024))
	field := cond.Field[limitedItem, string]
	group, place := field(func(l *limitedItem) *string { return &l.Group }), field(func(l *limitedItem) *string { return &l.Place })
	a, b := field(func(l *limitedItem) *string { return &l.A }), field(func(l *limitedItem) *string { return &l.B })
	_, err := r.Update(t.Context(), k, group.Set(text(2048)), place.SetIfMissing(text(1024)), a.Set(text(1047)), b.Set(text(1000)))
	require.NoError(t, err)
	_, err = r.Get(t.Context(), k)
	require.NoError(t, err)

	tr.Reset()
	for name, edit := range map[string]func(*limitedItem){
		"hash": func(l *limitedItem) { l.ID += "x" }, "no hash": func(l *limitedItem) { l.ID = "" },
		"sort": func(l *limitedItem) { l.At += "x" }, "no sort": func(l *limitedItem) { l.At = "" },
		"index hash": func(l *limitedItem) { l.Group += "x" }, "index sort": func(l *limitedItem) { l.Place += "x" },
		"composite": func(l *limitedItem) { l.B += "x" },
	} {
		item := whole
		edit(&item)
		err := r.Put(t.Context(), &item)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, key.ErrKey, name)
	}
	for name, changes := range map[string][]cond.Change[limitedItem]{
		"index hash": {group.Set(text(2049))}, "index hash, if missing": {group.SetIfMissing(text(2049))},
		"index sort": {place.Set(text(1025))}, "composite": {a.Set(text(1047)), b.Set(text(1001))},
		"empty, if missing": {group.SetIfMissing("")}, "of another type": {cond.Name[limitedItem]("group").Set(num("1"))},
	} {
		_, err := r.Update(t.Context(), k, changes...)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorIs(t, err, key.ErrKey, name)
	}
	for _, k := range []key.Value{key.Of(text(2049)).Range("x"), key.Of("x").Range(text(1025)), key.Of("").Range("x"), key.Of("x").Range("")} {
		_, err := r.Get(t.Context(), k)
		require.ErrorIs(t, err, key.ErrKey)
		require.ErrorIs(t, r.Delete(t.Context(), k), key.ErrKey)
	}
	assert.Zero(t, tr.Total())
	for name, m := range map[string]av{
		"hash": {"id": str(text(2049)), "at": str("x")}, "sort": {"id": str("x"), "at": str(text(1025))}, "empty": {"id": str(""), "at": str("x")},
		"index hash": {"id": str("x"), "at": str("x"), "group": str(text(2049)), "place": str("x")},
		"index sort": {"id": str("x"), "at": str("x"), "group": str("x"), "place": str(text(1025))},
		"composite":  {"id": str("x"), "at": str("x"), "parts": str(text(2049))},
	} {
		_, err := db.Client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Table()), Item: m})
		t.Log(name)
		refusedByEngine(t, err)
	}
}

// TestExpressionSize: 4096 bytes of an expression are sent and taken, and more
// are refused before any request.
func TestExpressionSize(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[entry](t, db, entrySpec())
	require.NoError(t, r.Put(t.Context(), &entry{Name: "n", At: 1, Kind: "k"}))
	all := func(n int) expression.ConditionBuilder {
		c := expression.Name("rank").Equal(expression.Value(0))
		for i := range n {
			c = c.Or(expression.Name("rank").Equal(expression.Value(i)))
		}
		return c
	}
	for n := range 2 {
		tr.Reset()
		q := r.Query(entryPart).Filter(all(100 + n*350))
		_, err := q.Collect(t.Context())
		_, planErr := q.Count(t.Context())
		if n == 0 {
			require.NoError(t, err)
			require.NoError(t, planErr)
			assert.Equal(t, 2, tr.Total())
			continue
		}
		require.ErrorIs(t, err, repo.ErrInvalid)
		require.ErrorIs(t, planErr, repo.ErrInvalid)
		assert.Zero(t, tr.Total())
	}
	kinds := make([]string, 100)
	for i := range kinds {
		kinds[i] = "k"
	}
	in := cond.Field(func(e *entry) *string { return &e.Kind }).In(kinds...)
	conds := []cond.Cond[entry]{in, in, in, in, in}
	_, err := r.If(conds[:2]...).Update(t.Context(), entryKey(1), entryPass.Set(true))
	require.NoError(t, err)
	tr.Reset()
	_, err = r.If(append(conds, conds...)...).Update(t.Context(), entryKey(1), entryPass.Set(true))
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorIs(t, db.Transact(t.Context(), r.If(append(conds, conds...)...).Ops().Delete(entryKey(1))), repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}

// TestSizeWithLocalIndexes: an item and its copies in local indexes have 400 KB
// together (rule F9), as the engine has it.
func TestSizeWithLocalIndexes(t *testing.T) {
	t.Parallel()
	type copied struct {
		ID   string `dynamodbav:"id"`
		At   int    `dynamodbav:"at"`
		Rank int    `dynamodbav:"rank,omitempty"`
		Some string `dynamodbav:"some,omitempty"`
		Text string `dynamodbav:"text"`
	}
	for name, c := range map[string]struct {
		project func(index.Spec) index.Spec
		item    copied
		fits    bool
	}{
		"all":              {func(s index.Spec) index.Spec { return s }, copied{Rank: 1, Text: strings.Repeat("x", 206_000)}, false},
		"all, fits":        {func(s index.Spec) index.Spec { return s }, copied{Rank: 1, Text: strings.Repeat("x", 200_000)}, true},
		"not in the index": {func(s index.Spec) index.Spec { return s }, copied{Text: strings.Repeat("x", 400_000)}, true},
		"keys only":        {index.Spec.KeysOnly, copied{Rank: 1, Text: strings.Repeat("x", 400_000)}, true},
		"included":         {func(s index.Spec) index.Spec { return s.Include("some") }, copied{Rank: 1, Some: strings.Repeat("x", 206_000)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, tr := open(t)
			r := create[copied](t, db, repo.Spec{
				Table: "copied", Key: key.Spec{Hash: key.String("id"), Range: key.Int("at")},
				Indexes: []index.Spec{c.project(index.Local("rank_idx", key.Int("rank")))},
			})
			tr.Reset()
			c.item.ID = "1"
			for verb, do := range map[string]func(*copied) error{
				"Put":      func(i *copied) error { return r.Put(t.Context(), i) },
				"Batch":    func(i *copied) error { return db.Batch(t.Context(), r.Ops().Put(i)) },
				"Transact": func(i *copied) error { return db.Transact(t.Context(), r.Ops().Put(i)) },
			} {
				item := c.item
				err := do(&item)
				if c.fits {
					require.NoError(t, err, verb)
					continue
				}
				require.ErrorAs(t, err, new(*repo.SizeError), verb)
				assert.Zero(t, tr.Total(), verb)
			}
		})
	}
}
