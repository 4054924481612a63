package repo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// score is the model of the library's introduction.
type score struct {
	ModelID   string    `dynamodbav:"model_id"`
	AccountID int64     `dynamodbav:"account_id"`
	Position  int       `dynamodbav:"position"`
	UserID    string    `dynamodbav:"user_id,omitempty"`
	Points    float64   `dynamodbav:"score"`
	Tags      []string  `dynamodbav:"tags,stringset"`
	CreatedAt time.Time `dynamodbav:"created_at"`
	UpdatedAt time.Time `dynamodbav:"updated_at"`
	Version   int64     `dynamodbav:"lock_version"`
}

var (
	modelID   = cond.Field(func(s *score) *string { return &s.ModelID })
	accountID = cond.Field(func(s *score) *int64 { return &s.AccountID })
	position  = cond.Field(func(s *score) *int { return &s.Position })
	points    = cond.Field(func(s *score) *float64 { return &s.Points })
	userID    = cond.Field(func(s *score) *string { return &s.UserID })
	tags      = cond.Field(func(s *score) *[]string { return &s.Tags })
)

func scoreSpec() repo.Spec {
	return repo.Spec{
		Table: "scores",
		Key: key.Spec{
			Hash:  key.Composite("id", key.String("model_id"), key.Int("account_id")),
			Range: key.Int("position"),
		},
		Indexes: []index.Spec{
			index.Global("user_idx", key.String("user_id"), key.Number("score")),
			index.Global("user_part_idx", key.String("user_id"), key.Int("position")).Include("tags"),
			index.Local("score_idx", key.Number("score")),
			index.Local("score_part_idx", key.Number("score")).KeysOnly(),
		},
		Lock:       lock.Version("lock_version"),
		Timestamps: repo.Timestamps{Created: "created_at", Updated: "updated_at"},
	}
}

// open returns a database of the test's own, with the faults in front of it.
func open(tb testing.TB, opts ...func(*repo.Config)) (*repo.DB, *faults.Transport) {
	tb.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(tb, func(o *dynamodb.Options) {
		if o.HTTPClient = tr; *viaSDK { // since the client has middleware
			o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return nil })
		}
	})
	cfg := repo.Config{Namespace: enginetest.Namespace(tb), StandardCodec: *standard}
	for _, opt := range opts {
		opt(&cfg)
	}
	db, err := repo.NewDB(client, &cfg)
	require.NoError(tb, err)
	return db, tr
}

// create returns a repository over a new table, which has no TTL: the engine
// would remove what tests still read.
func create[T any](tb testing.TB, db *repo.DB, spec repo.Spec) *repo.Repo[T] {
	tb.Helper()
	r, err := repo.New[T](db, spec)
	require.NoError(tb, err)
	spec.TTL = repo.TTL{}
	lasting, err := repo.New[T](db, spec)
	require.NoError(tb, err)
	_, err = table.Create(tb.Context(), lasting, nil)
	require.NoError(tb, err)
	return r
}

// scores returns a repository with n items of one partition, positions from 1,
// the counters at zero.
func scores(tb testing.TB, n int, edit ...func(*score)) (*repo.Repo[score], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb)
	r := create[score](tb, db, scoreSpec())
	for i := range n {
		s := score{ModelID: "m", AccountID: 42, Position: i + 1, UserID: fmt.Sprint("u", i%3), Points: float64(i) / 2}
		for _, f := range edit {
			f(&s)
		}
		require.NoError(tb, r.Create(tb.Context(), &s))
	}
	tr.Reset()
	return r, tr
}

var partition = key.Of("m", 42)

func positions(items []score) []int {
	var at []int
	for _, s := range items {
		at = append(at, s.Position)
	}
	return at
}
