package repo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// at is the key of an item of the scores' partition, atRaw its attributes.
func at(position int) key.Value { return partition.Range(position) }
func atRaw(position string) av  { return av{"id": str("m|42"), "position": num(position)} }

// rawScore is what is stored at a position.
func rawScore(tb testing.TB, r *repo.Repo[score], position string) av {
	tb.Helper()
	return stored(tb, r, atRaw(position))
}

// TestCreate: what is not there is stored with version 1, what is there is
// ErrExists and stays as it is, in the store and in memory (rules F1, G1).
func TestCreate(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 0)
	first := score{ModelID: "m", AccountID: 42, Position: 1, Points: 1, Version: 9}
	require.NoError(t, r.Create(t.Context(), &first))
	assert.Equal(t, int64(1), first.Version)
	assert.Equal(t, map[string]int{"PutItem": 1}, tr.Counts())
	got, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	assert.Equal(t, first, got)

	before := rawScore(t, r, "1")
	tr.Reset()
	second := score{ModelID: "m", AccountID: 42, Position: 1, Points: 2}
	again := second
	err = r.Create(t.Context(), &second)
	require.ErrorIs(t, err, repo.ErrExists)
	assert.Equal(t, again, second)
	assert.Equal(t, map[string]int{"PutItem": 1}, tr.Counts())
	assert.Equal(t, before, rawScore(t, r, "1"))
	var typed *repo.Error
	require.ErrorAs(t, err, &typed)
	assert.Equal(t, []string{"id", "position"}, typed.Attrs)
	_, sdk := errors.AsType[*types.ConditionalCheckFailedException](err)
	assert.True(t, sdk)
	assert.EqualError(t, err, "repo: Create "+r.Table()+" (key id, position): already exists: ConditionalCheckFailedException")
}

// TestPut: what was there is overwritten, whatever its version.
func TestPut(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	item := score{ModelID: "m", AccountID: 42, Position: 1, Points: 7, Version: 5}
	require.NoError(t, r.Put(t.Context(), &item))
	assert.Equal(t, int64(6), item.Version)
	assert.Equal(t, map[string]int{"PutItem": 1}, tr.Counts())
	got, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	assert.Equal(t, item, got)
}

// TestSave: the version guards and rises (rule G1).
func TestSave(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	item, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	created := item.CreatedAt
	for n := range 3 {
		item.Points = float64(n)
		require.NoError(t, r.Save(t.Context(), &item))
		assert.Equal(t, int64(n+2), item.Version)
	}
	assert.Equal(t, map[string]int{"GetItem": 1, "PutItem": 3}, tr.Counts())
	got, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	assert.Equal(t, item, got)
	assert.Equal(t, created, got.CreatedAt)
	assert.True(t, got.UpdatedAt.After(created))

	fresh := score{ModelID: "m", AccountID: 42, Position: 2}
	require.NoError(t, r.Save(t.Context(), &fresh), "never stored, so not there")
	assert.Equal(t, int64(1), fresh.Version)
	again := score{ModelID: "m", AccountID: 42, Position: 2}
	require.ErrorIs(t, r.Save(t.Context(), &again), lock.ErrStale)
}

// TestStale: a save or destroy of an item that another has written, or has
// deleted, is ErrStale; store and memory stay as they are (rules G2, G3).
func TestStale(t *testing.T) {
	t.Parallel()
	writes := map[string]func(*repo.Repo[score], context.Context, *score) error{
		"save":    (*repo.Repo[score]).Save,
		"destroy": (*repo.Repo[score]).Destroy,
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, tr := scores(t, 2)
			mine, err := r.Get(t.Context(), at(1))
			require.NoError(t, err)
			theirs := mine
			theirs.Points = 99
			require.NoError(t, r.Save(t.Context(), &theirs))
			before := rawScore(t, r, "1")
			tr.Reset()

			held := mine
			err = write(r, t.Context(), &mine)
			require.ErrorIs(t, err, lock.ErrStale)
			require.NotErrorIs(t, err, repo.ErrConditionFailed)
			stale, ok := errors.AsType[*lock.StaleError](err)
			require.True(t, ok)
			assert.Equal(t, r.Table(), stale.Table)
			assert.Equal(t, int64(1), stale.Expected)
			assert.Equal(t, before, stale.Stored)
			assert.Equal(t, held, mine)
			assert.Equal(t, 1, tr.Total())
			assert.Equal(t, before, rawScore(t, r, "1"))
			assert.NotContains(t, err.Error(), "99")

			gone, err := r.Get(t.Context(), at(2))
			require.NoError(t, err)
			require.NoError(t, r.Delete(t.Context(), at(2)))
			err = write(r, t.Context(), &gone)
			require.ErrorIs(t, err, lock.ErrStale)
			stale, _ = errors.AsType[*lock.StaleError](err)
			assert.Nil(t, stale.Stored)
			assert.Nil(t, rawScore(t, r, "2"))
		})
	}
}

// TestSaveWithoutLock: Save is Put then (rule F1).
func TestSaveWithoutLock(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[entry](t, db, entrySpec())
	tr.Reset()
	item := entry{Name: "n", At: 1, Kind: "k"}
	require.NoError(t, r.Save(t.Context(), &item))
	require.NoError(t, r.Save(t.Context(), &entry{Name: "n", At: 1, Kind: "other"}))
	for _, req := range tr.Requests("PutItem") {
		assert.NotContains(t, req.JSON(), "ConditionExpression")
	}
	got, err := r.Get(t.Context(), entryKey(1))
	require.NoError(t, err)
	assert.Equal(t, "other", got.Kind)
}

// embedded keeps what is stamped behind a pointer.
type embedded struct {
	*Stamps

	Name string `dynamodbav:"name"`
}

// Stamps is what embedded embeds.
type Stamps struct {
	CreatedAt time.Time `dynamodbav:"created_at,unixtime"`
	Version   int       `dynamodbav:"version"`
}

// TestEmbedded: a version behind an embedded pointer changes in memory only
// after success too (rule G1).
func TestEmbedded(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[embedded](t, db, repo.Spec{
		Table: "embedded", Key: key.Spec{Hash: key.String("name")}, Lock: lock.Version("version"),
		Timestamps: repo.Timestamps{Created: "created_at"},
	})
	item := embedded{Name: "n"}
	require.NoError(t, r.Create(t.Context(), &item))
	require.NotNil(t, item.Stamps)
	assert.Equal(t, 1, item.Version)
	got, err := r.Get(t.Context(), key.Of("n"))
	require.NoError(t, err)
	assert.Equal(t, item.Version, got.Version)
	assert.True(t, item.CreatedAt.Equal(got.CreatedAt), "what is in memory is what is stored")

	require.NoError(t, r.Save(t.Context(), &got))
	require.ErrorIs(t, r.Save(t.Context(), &item), lock.ErrStale)
	assert.Equal(t, 1, item.Version)
	other := embedded{Name: "n", Stamps: &Stamps{}}
	require.ErrorIs(t, r.Create(t.Context(), &other), repo.ErrExists)
	assert.Zero(t, *other.Stamps)
}

// TestBadItems: what can't be stored is refused before any request, without a
// word of its values (rules E1, F7).
func TestBadItems(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	writes := map[string]func(*repo.Repo[plain], context.Context, *plain) error{
		"create": (*repo.Repo[plain]).Create, "put": (*repo.Repo[plain]).Put,
		"save": (*repo.Repo[plain]).Save, "destroy": (*repo.Repo[plain]).Destroy,
	}
	p, err := repo.New[plain](db, plainSpec())
	require.NoError(t, err)
	for name, write := range writes {
		require.ErrorIs(t, write(p, t.Context(), nil), repo.ErrInvalid, name)
		for rule, item := range map[string]plain{
			"a key can't be empty": {Sort: []byte("secret")}, "missing": {Hash: "secret"},
			"a key has at most 2048 bytes": {Hash: strings.Repeat("secret", 342), Sort: []byte("x")},
			"a key has at most 1024 bytes": {Hash: "secret", Sort: []byte(strings.Repeat("secret", 171))},
		} {
			err := write(p, t.Context(), &item)
			require.ErrorIs(t, err, repo.ErrInvalid, "%s: %s", name, rule)
			require.ErrorIs(t, err, key.ErrKey)
			assert.ErrorContains(t, err, rule, name)
			assert.NotContains(t, err.Error(), "secret")
		}
	}
	assert.Zero(t, tr.Total())
}

// empties has fields that are keys of indexes, and others.
type empties struct {
	ID     string   `dynamodbav:"id"`
	Text   string   `dynamodbav:"text"`
	Owner  string   `dynamodbav:"owner"`
	Rank   int      `dynamodbav:"rank"`
	Hash   *string  `dynamodbav:"hash"`
	Bytes  []byte   `dynamodbav:"bytes"`
	Tags   []string `dynamodbav:"tags,stringset"`
	Names  []string `dynamodbav:"names"`
	Street string   `dynamodbav:"street"`
	City   string   `dynamodbav:"city"`
}

func emptiesSpec() repo.Spec {
	return repo.Spec{
		Table: "empties",
		Key:   key.Spec{Hash: key.String("id")},
		Indexes: []index.Spec{
			index.Global("owner_idx", key.String("owner"), key.Int("rank")),
			index.Global("hash_idx", key.String("hash")),
			index.Global("bytes_idx", key.Binary("bytes")),
			index.Global("place_idx", key.Composite("place", key.String("city"), key.String("street"))),
		},
	}
}

// TestEmptyValues: an empty string is stored, an empty set is not, and of the
// keys of indexes nothing empty is, but the number 0 (rule F7).
func TestEmptyValues(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[empties](t, db, emptiesSpec())
	require.NoError(t, r.Create(t.Context(), &empties{ID: "1", Tags: []string{}, Names: []string{}}))
	assert.Equal(t, av{
		"id": str("1"), "text": str(""), "rank": num("0"), "street": str(""), "city": str(""),
		"names": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
	}, stored(t, r, av{"id": str("1")}))

	require.NoError(t, r.Create(t.Context(), &empties{ID: "2", Owner: "o", City: "c", Hash: new(""), Bytes: []byte{}}))
	assert.Equal(t, av{
		"id": str("2"), "text": str(""), "rank": num("0"), "street": str(""), "city": str("c"), "owner": str("o"),
		"place": str("c|"),
	}, stored(t, r, av{"id": str("2")}))
	got, err := r.Query(key.Of("o").Range(0)).Index("owner_idx").Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, got, 1, "0 is a value")
	all, err := r.Scan().Index("hash_idx").Collect(t.Context())
	require.NoError(t, err)
	assert.Empty(t, all)
}
