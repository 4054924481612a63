package repo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/logging"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// faulty breaks every rule of a configuration.
func faulty() *repo.Config {
	return &repo.Config{
		Namespace: "no spaces", Endpoint: "ftp://SECRET@host", ScanPolicy: 9, CursorKeys: [][]byte{make([]byte, 16), []byte("SECRET")},
		Throughput: index.Throughput{Read: -1, Write: -1}, Polls: -1, PollInterval: -1, BatchSize: -1, BatchAttempts: -1, ConflictAttempts: -1, Concurrency: -2,
	}
}

// TestConfigFaults: every fault is told at once, typed, before anything else.
func TestConfigFaults(t *testing.T) {
	t.Parallel()
	want := []string{
		"repo: Config.Namespace: want letters, digits, '_', '-' and '.'",
		"repo: Config.Endpoint: want an http or https URL",
		"repo: Config.ScanPolicy: no such policy",
		"repo: Config.CursorKeys[1]: want 16 bytes or more",
		"repo: Config.Throughput.Read: can't be negative",
		"repo: Config.Throughput.Write: can't be negative",
		"repo: Config.Polls: can't be negative",
		"repo: Config.PollInterval: can't be negative",
		"repo: Config.BatchSize: can't be negative",
		"repo: Config.BatchAttempts: can't be negative",
		"repo: Config.ConflictAttempts: can't be negative",
		"repo: Config.Concurrency: can't be negative",
	}
	_, err := repo.Open(t.Context(), faulty())
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Equal(t, want, texts(t, err))
	_, err = repo.NewDB(nil, faulty())
	assert.Equal(t, append(want, "repo: client: want a client"), texts(t, err))
	_, err = repo.NewDB(nil, nil)
	require.ErrorIs(t, err, repo.ErrInvalid)
	for _, endpoint := range []string{"localhost:8000", "http://", "://", "http://a b", "/path"} {
		_, err := repo.Open(t.Context(), &repo.Config{Endpoint: endpoint})
		require.ErrorIs(t, err, repo.ErrInvalid, endpoint)
	}
}

// texts returns the text of each fault, all of which must be a ConfigError.
func texts(t *testing.T, err error) []string {
	t.Helper()
	var all []string
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		if _, one := err.(*repo.ConfigError); !one { //nolint:errorlint // what is beneath is looked at in turn
			for _, e := range many.Unwrap() {
				all = append(all, texts(t, e)...)
			}
			return all
		}
	}
	var fault *repo.ConfigError
	require.ErrorAs(t, err, &fault)
	require.NotEmpty(t, fault.Field)
	require.ErrorIs(t, err, repo.ErrInvalid)
	return []string{fault.Error()}
}

// TestConfigDefaults: the zero value of each field is its default, and what is
// given is kept, copied.
func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(&recorder{}, nil)
	require.NoError(t, err)
	got := db.Config()
	assert.WithinDuration(t, time.Now(), got.Now(), time.Minute)
	got.Now = nil
	assert.Equal(t, repo.Config{
		Throughput: index.Throughput{Read: 100, Write: 20}, Polls: 60, PollInterval: 2 * time.Second,
		Logger: slog.Default(), ScanPolicy: repo.ScanWarn, BatchAttempts: 10, ConflictAttempts: 1, Concurrency: 4, Zone: time.UTC,
	}, got)
	assert.Equal(t, "scores", db.TableName("scores"))

	keys := [][]byte{[]byte("0123456789abcdef")}
	given := repo.Config{
		Namespace: "app_dev", OnDemand: true, Throughput: index.Throughput{Read: 1, Write: 2}, Polls: 3, PollInterval: 4, BatchSize: 5, PlainAlloc: true,
		Logger: slog.New(slog.DiscardHandler), ScanPolicy: repo.ScanAllow, CursorKeys: keys,
		BatchAttempts: 3, ConflictAttempts: 7, Concurrency: 2, Zone: time.FixedZone("z", 3600),
	}
	client := &recorder{}
	db, err = repo.NewDB(client, &given)
	require.NoError(t, err)
	got = db.Config()
	got.Now = nil
	assert.Equal(t, given, got)
	assert.Equal(t, "app_dev_scores", db.TableName("scores"))
	assert.Same(t, client, db.Client())
	given.Namespace, keys[0] = "changed", nil
	assert.Equal(t, "app_dev_scores", db.TableName("scores"))
	assert.NotNil(t, db.Config().CursorKeys[0])
}

// TestZone: timestamps are written in the configured zone and load in it (rule J3).
func TestZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("far", 5*3600)
	db, _ := open(t, func(c *repo.Config) {
		c.Zone = zone
		c.Now = func() time.Time { return noon }
	})
	r := create[score](t, db, scoreSpec())
	s := score{ModelID: "m", AccountID: 1, Position: 1}
	require.NoError(t, r.Create(t.Context(), &s))
	assert.Equal(t, noon.In(zone), s.CreatedAt)
	got, err := r.Get(t.Context(), key.Of("m", 1).Range(1))
	require.NoError(t, err)
	assert.Equal(t, s, got)
	assert.Equal(t, zone, got.CreatedAt.Location())
}

// TestBatchSize: the configured size bounds the pages of queries that set none
// (rules A1 and A4).
func TestBatchSize(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 10)
	cfg := r.DB().Config()
	cfg.BatchSize = 4
	db, err := repo.NewDB(r.DB().Client(), &cfg)
	require.NoError(t, err)
	sized, err := repo.New[score](db, scoreSpec())
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		query    repo.Query[score]
		requests int
	}{
		"configured":      {sized.Query(partition), 3},
		"the query's own": {sized.Query(partition).BatchSize(6), 2},
		"none":            {r.Query(partition), 1},
		"filtered":        {sized.Query(partition).Where(userID.Eq("u0")).RecordLimit(4), 3},
	} {
		tr.Reset()
		_, err := tt.query.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, tt.requests, tr.Count("Query"), name)
	}
	plan, err := sized.Query(partition).Plan()
	require.NoError(t, err)
	assert.Equal(t, 4, plan.FirstLimit)
}

// TestPlainAlloc: strings that were loaded lie side by side unless each is to
// have memory of its own, which is a size class of 48 bytes for one of 40.
func TestPlainAlloc(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		db, _ := open(t, func(c *repo.Config) { c.PlainAlloc, c.StandardCodec = plain, false })
		r := create[entry](t, db, entrySpec())
		for i := range 8 {
			require.NoError(t, r.Put(t.Context(), &entry{Name: "n", At: i, Kind: fmt.Sprintf("%040d", i)}))
		}
		got, err := r.Query(key.Of("n")).Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 8)
		near := 0
		for i, e := range got {
			assert.Equal(t, fmt.Sprintf("%040d", i), e.Kind)
			if i > 0 {
				at, before := reflect.ValueOf(e.Kind).Pointer(), reflect.ValueOf(got[i-1].Kind).Pointer()
				if max(at, before)-min(at, before) < 48 {
					near++
				}
			}
		}
		assert.Equal(t, !plain, near > 0)
	}
}

// TestOpen works on a local endpoint with nothing in the environment.
func TestOpen(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/config")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/credentials")

	endpoint := enginetest.Engine(t).Endpoint()
	var log bytes.Buffer
	db, err := repo.Open(t.Context(), &repo.Config{Namespace: enginetest.Namespace(t), Endpoint: endpoint, Options: []func(*dynamodb.Options){
		func(o *dynamodb.Options) { o.Logger = logging.NewStandardLogger(&log) },
	}})
	require.NoError(t, err)
	r := create[entry](t, db, entrySpec())
	require.NoError(t, r.Create(t.Context(), &entry{Name: "n", At: 1, Kind: "k"}))
	found, err := r.Exists(t.Context(), entryKey(1))
	require.NoError(t, err)
	assert.True(t, found)
	options := db.Client().(*dynamodb.Client).Options()
	assert.Equal(t, "us-east-1", options.Region)
	assert.Equal(t, endpoint, *options.BaseEndpoint)
	require.ErrorIs(t, r.Create(t.Context(), &entry{Name: "n", At: 1, Kind: "k"}), repo.ErrExists)
	assert.Empty(t, log.String(), "the SDK has nothing to warn of")

	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "key")
	assertOptions(t, &repo.Config{Endpoint: "http://localhost:1"}, "eu-west-1", "id")
	assertOptions(t, nil, "eu-west-1", "id")
	assertOptions(t, &repo.Config{
		Region: "ap-south-1", Credentials: credentials.NewStaticCredentialsProvider("given", "key", ""), Endpoint: "https://example.com",
	}, "ap-south-1", "given")
	assertOptions(t, &repo.Config{Options: []func(*dynamodb.Options){func(o *dynamodb.Options) { o.Region = "last" }}}, "last", "id")

	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	for _, host := range []string{"http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1"} {
		assertOptions(t, &repo.Config{Endpoint: host}, "us-east-1", "local")
	}
	db, err = repo.Open(t.Context(), &repo.Config{Endpoint: "https://example.com", Region: "us-west-2"})
	require.NoError(t, err)
	_, err = db.Client().(*dynamodb.Client).Options().Credentials.Retrieve(t.Context())
	require.Error(t, err, "made-up credentials are for this machine only")

	t.Setenv("AWS_PROFILE", "nobody")
	_, err = repo.Open(t.Context(), nil)
	assert.ErrorContains(t, err, "repo: load the SDK's configuration: ")
}

func assertOptions(t *testing.T, cfg *repo.Config, region, id string) {
	t.Helper()
	db, err := repo.Open(t.Context(), cfg)
	require.NoError(t, err)
	options := db.Client().(*dynamodb.Client).Options()
	assert.Equal(t, region, options.Region)
	c, err := options.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	assert.Equal(t, id, c.AccessKeyID)
	if cfg != nil && cfg.Endpoint != "" {
		assert.Equal(t, aws.String(cfg.Endpoint), options.BaseEndpoint)
	}
}

// narrow is a client of the operations a repository uses, and nothing more, which
// leaves counts out as a cache or the fake of a test may.
type narrow struct{ repo.Client }

func (n narrow) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := n.Client.Query(ctx, in, opts...)
	if err == nil && in.Select != types.SelectCount {
		out.Count, out.ScannedCount = 0, 0
	}
	return out, err
}

// TestNarrowClient: a wrapped client works, for reads of every kind and writes.
func TestNarrowClient(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	create[score](t, db, scoreSpec())
	tr.Reset()
	cfg := db.Config()
	wrapped, err := repo.NewDB(narrow{db.Client()}, &cfg)
	require.NoError(t, err)
	r, err := repo.New[score](wrapped, scoreSpec())
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, r.Create(t.Context(), &score{ModelID: "m", AccountID: 42, Position: i, UserID: "u"}))
	}
	got, err := r.Get(t.Context(), key.Of("m", 42).Range(1))
	require.NoError(t, err)
	assert.Equal(t, 1, got.Position)
	many, err := r.GetMany(t.Context(), []key.Value{key.Of("m", 42).Range(2), key.Of("m", 42).Range(0)})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 0}, positions(many.Items))
	for name, q := range map[string]repo.Query[score]{
		"query": r.Query(partition), "scan": r.Scan(), "ahead": r.Query(partition).BatchSize(1).Prefetch(2),
		"hydrated": r.Query(key.Of("u")).Index("user_part_idx").Hydrate(),
	} {
		found, err := q.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, []int{0, 1, 2}, positions(found), name)
	}
	_, err = r.Get(t.Context(), key.Of("m", 42).Range(9))
	require.ErrorIs(t, err, repo.ErrNotFound)
	n, err := r.Query(partition).DeleteAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	assert.Zero(t, tr.Count("DescribeTable"), "no read path describes a table (rule B2)")
}

// A hoarder is a wrapped client that keeps answers, and passes options on.
type hoarder struct {
	repo.Client

	kept map[string]*dynamodb.GetItemOutput
}

func (h hoarder) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	id := fmt.Sprint(in.Key["at"])
	if out, ok := h.kept[id]; ok {
		return out, nil
	}
	out, err := h.Client.GetItem(ctx, in, opts...)
	h.kept[id] = out
	return out, err
}

func (h hoarder) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	h.kept[fmt.Sprint(in.Item["at"])] = &dynamodb.GetItemOutput{Item: in.Item}
	return h.Client.PutItem(ctx, in, opts...)
}

func (h hoarder) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := h.Client.Query(ctx, in, opts...)
	for _, item := range out.Items {
		h.kept[fmt.Sprint(item["at"])] = &dynamodb.GetItemOutput{Item: item}
	}
	return out, err
}

// TestWrappedClientSeesItems: what wraps a client finds items where the SDK has
// them, in inputs and in outputs.
func TestWrappedClientSeesItems(t *testing.T) {
	t.Parallel()
	plain, tr, keys := numbered(t, 4)
	cfg := plain.DB().Config()
	kept := map[string]*dynamodb.GetItemOutput{}
	wrapped, err := repo.NewDB(hoarder{plain.DB().Client(), kept}, &cfg)
	require.NoError(t, err)
	r, err := repo.New[entry](wrapped, entrySpec())
	require.NoError(t, err)
	for range 2 {
		got, err := r.Get(t.Context(), keys[1])
		require.NoError(t, err)
		assert.Equal(t, "k", got.Kind)
	}
	assert.Equal(t, 1, tr.Total())
	require.NoError(t, r.Put(t.Context(), &entry{Name: "n", At: 9, Kind: "new"}))
	got, err := r.Get(t.Context(), entryKey(9))
	require.NoError(t, err)
	assert.Equal(t, "new", got.Kind)
	_, err = r.Query(entryPart).Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, kept, 5)
	for id, out := range kept {
		assert.Contains(t, out.Item, "kind", id)
	}
}

// failing is a client of errors of its own.
type failing struct{ repo.Client }

var errWrapped = errors.New("the wrapper's own error")

func (failing) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, errWrapped
}

func (failing) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, errWrapped
}

// TestFailingClient: an error of a wrapper is found beneath ours.
func TestFailingClient(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(failing{}, nil)
	require.NoError(t, err)
	r, err := repo.New[score](db, scoreSpec())
	require.NoError(t, err)
	_, err = r.Get(t.Context(), key.Of("m", 1).Range(1))
	require.ErrorIs(t, err, errWrapped)
	assert.EqualError(t, err, "repo: Get scores (key id, position): the wrapper's own error")
	_, err = r.Query(partition).Collect(t.Context())
	require.ErrorIs(t, err, errWrapped)
	assert.EqualError(t, err, "repo: Query scores: the wrapper's own error")
}

// TestPath: a database tells which way its requests go, and why.
func TestPath(t *testing.T) {
	t.Parallel()
	client := enginetest.Client(t)
	for want, db := range map[string]func() (*repo.DB, error){
		"first attempts are the library's own": func() (*repo.DB, error) { return repo.NewDB(client, nil) },
		"StandardCodec":                        func() (*repo.DB, error) { return repo.NewDB(client, &repo.Config{StandardCodec: true}) },
		"not the SDK's own":                    func() (*repo.DB, error) { return repo.NewDB(struct{ repo.Client }{client}, nil) },
	} {
		db, err := db()
		require.NoError(t, err)
		assert.Contains(t, db.Path(), want)
	}
	assert.Contains(t, (*repo.DB)(nil).Path(), "none")
}
