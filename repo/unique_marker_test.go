package repo_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// badge has unique fields of every kind, and lies under a composite key with
// literals.
type badge struct {
	Org    string                `dynamodbav:"org"`
	Number int                   `dynamodbav:"number"`
	Name   string                `dynamodbav:"name"`
	Amount attributevalue.Number `dynamodbav:"amount"`
	Seal   []byte                `dynamodbav:"seal"`
	Alias  *string               `dynamodbav:"alias"`
	Any    any                   `dynamodbav:"any"`
	Raw    types.AttributeValue  `dynamodbav:"raw"`
	Tags   []string              `dynamodbav:"tags,stringset"`
	Inner  struct{ Deep string } `dynamodbav:"inner"`
	Flags  map[string]any        `dynamodbav:"flags"`
}

var (
	badgeName   = cond.Field(func(b *badge) *string { return &b.Name })
	badgeAmount = cond.Field(func(b *badge) *attributevalue.Number { return &b.Amount })
	badgeSeal   = cond.Field(func(b *badge) *[]byte { return &b.Seal })
	badgeAlias  = cond.Field(func(b *badge) **string { return &b.Alias })
	badgeAny    = cond.Field(func(b *badge) *any { return &b.Any })
)

func badgeSpec(unique ...repo.Unique) repo.Spec {
	return repo.Spec{Table: "badges", Unique: unique, Key: key.Spec{
		Hash: key.Composite("pk", key.Literal("ORG"), key.String("org")), Range: key.Int("number"),
	}}
}

// markersOf returns the keys of the markers in a table, sorted.
func markersOf(tb testing.TB, r *repo.Repo[badge]) []string {
	tb.Helper()
	out, err := r.DB().Client().Scan(tb.Context(), &dynamodb.ScanInput{TableName: aws.String(r.Table())})
	require.NoError(tb, err)
	var all []string
	for _, m := range out.Items {
		if m["~owner"] != nil {
			all = append(all, m["pk"].(*types.AttributeValueMemberS).Value)
			least, _ := new(big.Rat).SetString("-9.9999999999999999999999999999999999999e125")
			at, _ := new(big.Rat).SetString(m["number"].(*types.AttributeValueMemberN).Value)
			assert.Zero(tb, least.Cmp(at))
		}
	}
	slices.Sort(all)
	return all
}

// TestUniqueMarkers pins the keys of markers: they must stay as they are.
func TestUniqueMarkers(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[badge](t, db, badgeSpec(
		repo.UniqueOn(badgeName), repo.UniqueOn(badgeAmount).Named("sum"), repo.UniqueOn(badgeSeal).Named("seal"),
		repo.UniqueOn(badgeAlias, badgeAny).Named("a|b"),
	))
	nick, long := "n", strings.Repeat("x", 3000)
	sum := sha256.Sum256([]byte("~unique|ORG+name|S" + long))
	for _, c := range []struct {
		item badge
		want []string
	}{
		{badge{Name: "ann"}, []string{"~unique|ORG+name|Sann"}},
		{badge{Name: "a|%n ~é"}, []string{"~unique|ORG+name|Sa%7C%25n ~é"}},
		{badge{Name: long}, []string{"~unique|ORG+name|H" + hex.EncodeToString(sum[:])}},
		{badge{Amount: "0"}, []string{"~unique|sum|N0"}},
		{badge{Amount: "7.0"}, []string{"~unique|sum|N7"}},
		{badge{Amount: "-0.75"}, []string{"~unique|sum|N-3/4"}},
		{badge{Amount: "1e3"}, []string{"~unique|sum|N1000"}},
		{badge{Seal: []byte{0xfb, 0xff}}, []string{"~unique|seal|B-_8"}},
		{badge{Alias: &nick}, nil},
		{badge{Alias: &nick, Any: 7}, []string{"~unique|a%7Cb|Sn|N7"}},
		{badge{Alias: &nick, Any: "7"}, []string{"~unique|a%7Cb|Sn|S7"}},
		{badge{Alias: &nick, Any: ""}, nil},
	} {
		item := c.item
		item.Org, item.Number = "o", 1
		if item.Amount == "" {
			item.Amount = "5"
			c.want = append(c.want, "~unique|sum|N5")
		}
		require.NoError(t, r.Create(t.Context(), &item))
		slices.Sort(c.want)
		assert.Equal(t, c.want, markersOf(t, r))
		require.NoError(t, r.Destroy(t.Context(), &item))
		assert.Empty(t, markersOf(t, r))
	}

	require.NoError(t, r.Create(t.Context(), &badge{Org: "o", Amount: "7"}))
	require.ErrorIs(t, r.Create(t.Context(), &badge{Org: "p", Amount: "7.00"}), repo.ErrUnique)
	_, err := r.Update(t.Context(), key.Of("o").Range(0), badgeAmount.Set("7.0"))
	require.NoError(t, err)
	require.ErrorIs(t, r.Put(t.Context(), &badge{Org: "q", Amount: "1", Alias: &nick, Any: true}), repo.ErrInvalid)
	for _, c := range []cond.Change[badge]{badgeAmount.Add("1"), badgeAny.Set(true), cond.Name[badge]("any.deep").Set("x")} {
		_, err := r.Update(t.Context(), key.Of("o").Range(0), c)
		require.ErrorIs(t, err, repo.ErrInvalid)
	}
}

// TestUniqueFaults: what is wrong with a constraint is told by New, at once.
func TestUniqueFaults(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	of := cond.Name[badge]
	spec := badgeSpec(
		repo.UniqueOn(of("tags")), repo.UniqueOn(of("inner.Deep")), repo.UniqueOn(of("nobody")), repo.UniqueOn[badge](),
		repo.UniqueOn(badgeName), repo.UniqueOn(badgeName), repo.UniqueOn(accountEmail), repo.Unique{},
		repo.UniqueOn(badgeSeal).Named(strings.Repeat("n", 600)), repo.UniqueOn(of("a..b")),
	)
	_, err := repo.New[badge](db, spec)
	require.ErrorIs(t, err, repo.ErrInvalid)
	all := strings.Join(texts(t, err), "\n")
	for _, want := range []string{
		"badges: Unique[0]: field Tags is stored as no string, number or binary",
		"badges: Unique[1]: an attribute is not right: no attribute of the item itself",
		"badges: Unique[2]: attribute nobody has no field in the type",
		"badges: Unique[3]: want an attribute or more",
		"badges: Unique[5]: two constraints have the name ORG+name",
		"badges: Unique[6]: want a constraint on attributes of this model",
		"badges: Unique[7]: want a constraint on attributes of this model",
		"badges: Unique[8]: a name has at most 512 bytes",
		"badges: Unique[9]: an attribute is not right: no attribute of the item itself",
	} {
		assert.Contains(t, all, want)
	}
	assert.Len(t, texts(t, err), 9)

	s := badgeSpec(repo.UniqueOn(badgeName))
	s.Key = key.Spec{Hash: key.Int("number")}
	_, err = repo.New[badge](db, s)
	require.ErrorContains(t, err, "Unique: the hash key number must be a string or a composite, to hold markers")
	s.Key = key.Spec{Hash: key.Composite("pk", key.Literal("~unique"), key.String("org"))}
	_, err = repo.New[badge](db, s)
	require.ErrorContains(t, err, "is reserved for markers")
	a := accountSpec(locked)
	a.Unique = append(a.Unique, repo.UniqueOn(cond.Name[account]("v")))
	_, err = repo.New[account](db, a)
	require.ErrorContains(t, err, "Unique[2]: field Version changes by itself")
	assert.Zero(t, tr.Total())
}

// inverted is a model whose indexes have the keys of the table the other way
// round, and so all of its markers.
type inverted struct {
	ID    string `dynamodbav:"id"`
	Other string `dynamodbav:"other"`
	Email string `dynamodbav:"email"`
}

// TestUniqueHidden: no read of the model returns a marker or counts one, in the
// requests that a filter takes, and a key of one is refused (rules A4, A5, F8).
func TestUniqueHidden(t *testing.T) {
	t.Parallel()
	db, tr := open(t, func(c *repo.Config) { c.ScanPolicy = repo.ScanAllow })
	email := cond.Field(func(i *inverted) *string { return &i.Email })
	other := cond.Field(func(i *inverted) *string { return &i.Other })
	id := cond.Field(func(i *inverted) *string { return &i.ID })
	r := create[inverted](t, db, repo.Spec{
		Table: "inverted", Key: key.Spec{Hash: key.String("id"), Range: key.String("other")}, Unique: []repo.Unique{repo.UniqueOn(email)},
		Indexes: []index.Spec{
			index.Global("back_idx", key.String("other"), key.String("id")), index.Global("hash_idx", key.String("id"), key.String("email")),
			index.Global("email_idx", key.String("email")), index.Local("local_idx", key.String("email")),
		},
	})
	for i := range 5 {
		require.NoError(t, r.Create(t.Context(), &inverted{ID: fmt.Sprint("i", i), Other: "o", Email: fmt.Sprint("e", i)}))
	}
	tr.Reset()
	for name, c := range map[string]struct {
		q    repo.Query[inverted]
		want int
	}{
		"scan": {r.Scan(), 5}, "one a page": {r.Scan().BatchSize(1), 5}, "segments": {r.Scan().Segments(3), 5},
		"with a limit": {r.Scan().RecordLimit(4), 4}, "projected": {r.Scan().Project("email"), 5}, "prefetched": {r.Scan().BatchSize(2).Prefetch(1), 5},
		"where": {r.Where(email.BeginsWith("e")), 5}, "no conditions": {r.Where(), 5},
		"partition": {r.Query(key.Of("i1")), 1}, "inverted": {r.Query(key.Of("o")).Index("back_idx"), 5}, "inverted, scanned": {r.Scan().Index("back_idx"), 5},
		"same hash": {r.Query(key.Of("i1")).Index("hash_idx"), 1}, "same hash, scanned": {r.Scan().Index("hash_idx"), 5},
		"index": {r.Scan().Index("email_idx"), 5}, "local": {r.Scan().Index("local_idx"), 5}, "hydrated": {r.Scan().Index("back_idx").Hydrate(), 5},
	} {
		got, err := c.q.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Len(t, got, c.want, name)
		for _, i := range got {
			assert.True(t, strings.HasPrefix(i.ID, "i"), name)
		}
		if name != "hydrated" && name != "projected" { // a count reads no attribute
			n, err := c.q.Count(t.Context())
			require.NoError(t, err, name)
			assert.Equal(t, c.want, n, name)
		}
		first, err := c.q.First(t.Context())
		require.NoError(t, err, name)
		assert.True(t, strings.HasPrefix(first.ID, "i"), name)
	}
	p, err := r.Scan().Plan()
	require.NoError(t, err)
	assert.Equal(t, []string{"id of no marker"}, p.Filter)
	p, err = r.Scan().Index("email_idx").Plan()
	require.NoError(t, err)
	assert.Empty(t, p.Filter, "markers are not in it")

	tr.Reset()
	marker := key.Of("~unique|email|Se1").Range("~unique")
	_, err = r.Get(t.Context(), marker)
	require.ErrorIs(t, err, key.ErrKey)
	_, err = r.Exists(t.Context(), marker)
	require.ErrorIs(t, err, key.ErrKey)
	_, err = r.GetMany(t.Context(), []key.Value{key.Of("i1").Range("o"), marker})
	require.ErrorIs(t, err, key.ErrKey)
	var into inverted
	require.ErrorIs(t, db.TransactGet(t.Context(), r.Into(marker, &into)), key.ErrKey)
	require.ErrorIs(t, r.Delete(t.Context(), marker), key.ErrKey)
	_, err = r.Update(t.Context(), marker, email.Set("x"))
	require.ErrorIs(t, err, key.ErrKey)
	for _, i := range []inverted{{ID: "~unique|email|Se1", Other: "o"}, {ID: "x", Other: "~unique"}} {
		for _, err := range []error{r.Create(t.Context(), &i), r.Put(t.Context(), &i), r.Save(t.Context(), &i), r.Destroy(t.Context(), &i), db.Batch(t.Context(), r.Ops().Put(&i))} {
			require.ErrorIs(t, err, key.ErrKey)
			require.ErrorIs(t, err, repo.ErrInvalid)
		}
	}
	for name, q := range map[string]repo.Query[inverted]{
		"partition": r.Query(key.Of("~unique|email|Se1")), "where": r.Where(id.Eq("~unique|email|Se1")),
		"inverted": r.Query(key.Of("~unique")).Index("back_idx"), "inverted where": r.Where(other.Eq("~unique")),
		"same hash": r.Query(key.Of("~unique|email|Se1")).Index("hash_idx"),
	} {
		_, err := q.Count(t.Context())
		require.ErrorIs(t, err, key.ErrKey, name)
	}
	assert.Zero(t, tr.Total())
	removed, err := r.Scan().DeleteAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 5, removed)
	out, err := db.Client().Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(r.Table())})
	require.NoError(t, err)
	assert.Empty(t, out.Items)
}
