package table_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

type score struct {
	ModelID  string  `dynamodbav:"model_id"`
	Account  int64   `dynamodbav:"account"`
	Position int     `dynamodbav:"position"`
	UserID   string  `dynamodbav:"user_id"`
	Points   float64 `dynamodbav:"points"`
	Tags     string  `dynamodbav:"tags"`
}

func spec() repo.Spec {
	return repo.Spec{
		Table: "scores",
		Key: key.Spec{
			Hash:  key.Composite("id", key.String("model_id"), key.Int("account")),
			Range: key.Int("position"),
		},
		Indexes: []index.Spec{
			index.Global("user_idx", key.String("user_id"), key.Number("points")).Include("tags").WithThroughput(5, 2),
			index.Local("points_idx", key.Number("points")).KeysOnly(),
			index.Global("wide_idx", key.Multi(key.String("user_id"), key.Int("account")), key.Multi(key.Int("position"), key.Number("points"))),
		},
	}
}

// model returns a model whose table is not there yet, in a namespace of its own,
// and the transport of its client.
func model(t *testing.T, edit ...func(*repo.Spec)) (*repo.Repo[score], *faults.Transport) {
	t.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(t, enginetest.Apart, func(o *dynamodb.Options) { o.HTTPClient = tr })
	db, err := repo.NewDB(client, &repo.Config{Namespace: enginetest.Namespace(t)})
	require.NoError(t, err)
	s := spec()
	for _, f := range edit {
		f(&s)
	}
	m, err := repo.New[score](db, s)
	require.NoError(t, err)
	return m, tr
}

// create makes the table of m and forgets the requests that took.
func create(t *testing.T, m *repo.Repo[score], tr *faults.Transport) {
	t.Helper()
	created, err := table.Create(t.Context(), m, quick(5))
	require.NoError(t, err)
	require.True(t, created)
	tr.Reset()
}

// patience is how many polls an engine on a busy machine may take to make an
// index; a quick one takes few.
const patience = 50_000

// quick polls n times without losing time.
func quick(n int) *table.Options { return &table.Options{Polls: n, Interval: time.Millisecond} }

// bare has the operations that a repository uses, and no others.
type bare struct{ repo.Client }
