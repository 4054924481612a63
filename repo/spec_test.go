package repo_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestSpecFaults: each fault of a declaration is told by New, which sends
// nothing, and names the model and the field (rule L2).
func TestSpecFaults(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	for name, c := range map[string]struct {
		edit func(*repo.Spec)
		want string // behind the model
		is   error
	}{
		"no table":                 {func(s *repo.Spec) { s.Table = "" }, "Table: want 3 to 255 letters, digits, '_', '-' or '.', namespace included", nil},
		"a table's name":           {func(s *repo.Spec) { s.Table = "no spaces" }, "Table: want 3 to 255 letters, digits, '_', '-' or '.', namespace included", nil},
		"no key":                   {func(s *repo.Spec) { s.Key = key.Spec{} }, "Key: the key is not right: ", key.ErrKey},
		"a key of no field":        {func(s *repo.Spec) { s.Key.Range = key.Int("nobody") }, "Key: attribute nobody has no field in the type", nil},
		"a part of no field":       {func(s *repo.Spec) { s.Key.Hash = key.Composite("id", key.String("nobody")) }, "Key: attribute nobody has no field in the type", nil},
		"a key of another type":    {func(s *repo.Spec) { s.Key.Range = key.String("position") }, "Key: attribute position is declared as S, and field Position is stored as N", nil},
		"a part of another type":   {func(s *repo.Spec) { s.Key.Hash = key.Composite("id", key.Int("model_id")) }, "Key: attribute model_id is declared as N, and field ModelID is stored as S", nil},
		"a key of what is no key":  {func(s *repo.Spec) { s.Key.Range = key.String("tags") }, "Key: field Tags is stored as what can be no key: that is a string, a number or a binary", nil},
		"an index of no field":     {with(index.Global("x_idx", key.String("nobody"))), `Indexes "x_idx": attribute nobody has no field in the type`, nil},
		"an index's sort key":      {with(index.Local("x_idx", key.Number("updated_at"))), `Indexes "x_idx": attribute updated_at is declared as N, and field UpdatedAt is stored as S`, nil},
		"an index without a name":  {with(index.Global("", key.String("user_id"))), "Indexes: an index is not right: ", index.ErrIndex},
		"two of one name":          {with(index.Local("user_idx", key.Int("position"))), "Indexes: an index is not right: ", index.ErrIndex},
		"without a hash key":       {with(index.Global("x_idx", key.Part{})), "Indexes: an index is not right: ", index.ErrIndex},
		"a local without a sort":   {with(index.Local("x_idx", key.Part{})), "Indexes: an index is not right: ", index.ErrIndex},
		"an included attribute":    {with(index.Global("x_idx", key.String("user_id")).Include("nobody")), `Indexes "x_idx": includes attribute nobody, which the type does not have`, nil},
		"a composite in two ways":  {with(index.Global("x_idx", key.Composite("c", key.String("user_id"))), index.Global("y_idx", key.Composite("c", key.String("model_id")))), `Indexes "y_idx": attribute c is declared in two ways`, nil},
		"the key in two ways":      {with(index.Global("x_idx", key.String("id"))), `Indexes "x_idx": attribute id is declared in two ways`, nil},
		"plain and composite":      {with(index.Global("x_idx", key.Composite("user_id", key.String("model_id")))), `Indexes "x_idx": attribute user_id is declared in two ways`, nil},
		"a throughput":             {func(s *repo.Spec) { s.Throughput.Read = -1 }, "Throughput: can't be negative", nil},
		"a creation time":          {func(s *repo.Spec) { s.Timestamps.Created = "nobody" }, "Timestamps.Created: attribute nobody has no field in the type", nil},
		"an update time":           {func(s *repo.Spec) { s.Timestamps.Updated = "score" }, "Timestamps.Updated: field Points is no time.Time", nil},
		"a version of no field":    {func(s *repo.Spec) { s.Lock = lock.Version("nobody") }, "Lock: attribute nobody has no field in the type", nil},
		"a version of other kinds": {func(s *repo.Spec) { s.Lock = lock.Version("score") }, "Lock: field Points is no integer", nil},
	} {
		spec := scoreSpec()
		if strings.HasPrefix(c.want, "Key") {
			spec.Indexes = nil // they have the key's faults too
		}
		c.edit(&spec)
		_, err := repo.New[score](db, spec)
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		if c.is != nil {
			require.ErrorIs(t, err, c.is, name)
		}
		model := "repo_test.score"
		if spec.Table != "" {
			model += " in " + spec.Table
		}
		all := texts(t, err)
		require.Len(t, all, 1, name)
		assert.Contains(t, all[0], "repo: "+model+": "+c.want, name)
	}
	assert.Zero(t, tr.Total())
}

func with(more ...index.Spec) func(*repo.Spec) {
	return func(s *repo.Spec) { s.Indexes = append(s.Indexes, more...) }
}

// TestSpecFaultsAtOnce: all of them are told at once, each typed.
func TestSpecFaultsAtOnce(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(&recorder{}, nil)
	require.NoError(t, err)
	_, err = repo.New[score](db, repo.Spec{
		Table:      "x",
		Key:        key.Spec{Hash: key.String("nobody"), Range: key.String("position")},
		Indexes:    []index.Spec{index.Global("x_idx", key.String("nothing")).Include("never"), index.Global("y_idx", key.Binary("score"))},
		Lock:       lock.Version("tags"),
		Timestamps: repo.Timestamps{Created: "when", Updated: "user_id"},
		Throughput: index.Throughput{Write: -1},
	})
	assert.Equal(t, []string{
		"repo: repo_test.score in x: Table: want 3 to 255 letters, digits, '_', '-' or '.', namespace included",
		"repo: repo_test.score in x: Key: attribute nobody has no field in the type",
		"repo: repo_test.score in x: Key: attribute position is declared as S, and field Position is stored as N",
		`repo: repo_test.score in x: Indexes "x_idx": attribute nothing has no field in the type`,
		`repo: repo_test.score in x: Indexes "x_idx": includes attribute never, which the type does not have`,
		`repo: repo_test.score in x: Indexes "y_idx": attribute score is declared as B, and field Points is stored as N`,
		"repo: repo_test.score in x: Throughput: can't be negative",
		"repo: repo_test.score in x: Timestamps.Created: attribute when has no field in the type",
		"repo: repo_test.score in x: Timestamps.Updated: field UserID is no time.Time",
		"repo: repo_test.score in x: Lock: field Tags is no integer",
	}, texts(t, err))
	var fault *repo.ConfigError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, &repo.ConfigError{Model: "repo_test.score in x", Field: "Table", Rule: fault.Rule}, fault)
}

type badTags struct {
	A string `dynamodbav:"same"`
	B string `dynamodbav:"same"`
}

// TestModels: what can be a model and what can't.
func TestModels(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(&recorder{}, &repo.Config{Namespace: "ns"})
	require.NoError(t, err)
	spec := repo.Spec{Table: "table", Key: key.Spec{Hash: key.String("hash")}}
	for name, make := range map[string]func() error{
		"no DB":          func() error { return second(repo.New[plain](nil, spec)) },
		"a pointer":      func() error { return second(repo.New[*plain](db, spec)) },
		"a map":          func() error { return second(repo.New[map[string]any](db, spec)) },
		"an interface":   func() error { return second(repo.New[error](db, spec)) },
		"two of a name":  func() error { return second(repo.New[badTags](db, spec)) },
		"no such fields": func() error { return second(repo.New[time.Time](db, spec)) },
	} {
		err := make()
		require.ErrorIs(t, err, repo.ErrInvalid, name)
		require.ErrorAs(t, err, new(*repo.ConfigError), name)
	}

	// Keys by embedded, pointer and custom fields.
	type base struct {
		Hash *kind `dynamodbav:"hash"`
	}
	type deep struct {
		base
		At time.Time `dynamodbav:"at,unixtime"`
	}
	r, err := repo.New[deep](db, repo.Spec{Table: "deep", Key: key.Spec{Hash: key.String("hash"), Range: key.Number("at")}})
	require.NoError(t, err)
	assert.Equal(t, "ns_deep", r.Table())
	assert.Equal(t, "deep", r.Spec().Table)
	assert.Same(t, db, r.DB())
}

// kind is stored as its text.
type kind struct{ name string }

func (k kind) MarshalText() ([]byte, error) {
	if k.name == "" {
		return nil, errors.New("SECRET")
	}
	return []byte(k.name), nil
}

func (k *kind) UnmarshalText(text []byte) error {
	if string(text) == "SECRET" {
		return errors.New("not a kind: " + string(text))
	}
	k.name = string(text)
	return nil
}

// crate has keys that are pointers, times and values of types of their own.
type crate struct {
	Kind *kind     `dynamodbav:"kind"`
	At   time.Time `dynamodbav:"at,unixtime"`
	Left *int      `dynamodbav:"left"`
	By   kind      `dynamodbav:"by"`
}

// TestCustomKeys: keys are stored and compared as their fields are stored
// (rules D4, J1).
func TestCustomKeys(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[crate](t, db, repo.Spec{
		Table: "parcels", Key: key.Spec{Hash: key.String("kind"), Range: key.Number("at")},
		Indexes: []index.Spec{index.Global("by_idx", key.Composite("who", key.String("by"), key.Int("left")), key.Number("at"))},
	})
	at := time.Unix(1700000000, 0).UTC()
	two := 2
	p := crate{Kind: &kind{"letter"}, At: at, Left: &two, By: kind{"a|b"}}
	require.NoError(t, r.Create(t.Context(), &p))
	require.NoError(t, r.Create(t.Context(), &crate{Kind: &kind{"letter"}, At: at.Add(time.Hour), By: kind{"x"}}))
	assert.Equal(t, av{
		"kind": str("letter"), "at": num("1700000000"), "left": num("2"), "by": str("a|b"), "who": str("a%7Cb|2"),
	}, stored(t, r, av{"kind": str("letter"), "at": num("1700000000")}))

	for name, k := range map[string]key.Value{
		"as the field is": key.Of(&kind{"letter"}).Range(at), "as what it points to": key.Of(kind{"letter"}).Range(at),
		"in another zone": key.Of(kind{"letter"}).Range(at.In(time.FixedZone("z", 3600))),
	} {
		got, err := r.Get(t.Context(), k)
		require.NoError(t, err, name)
		assert.Equal(t, p, got, name)
	}
	found, err := r.Query(key.Of(kind{"a|b"}, 2)).Index("by_idx").Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []crate{p}, found)
	found, err = r.Query(key.Of(kind{"letter"}).Range(at)).Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []crate{p}, found)
	found, err = r.Query(key.Of(kind{"letter"})).StartAfter(p).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Nil(t, found[0].Left, "without a part the item is not in the index, and the part stays nil")
	n, err := r.Scan().Index("by_idx").Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n)

	_, err = r.Get(t.Context(), key.Of(kind{}).Range(at))
	require.ErrorIs(t, err, key.ErrKey)
	assert.NotContains(t, err.Error(), "SECRET")
}
