package stream_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
	"github.com/dynarepo/dynarepo/table"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

type account struct {
	ID      string                `dynamodbav:"id"`
	Name    string                `dynamodbav:"name"`
	Balance attributevalue.Number `dynamodbav:"balance,omitempty"`
	Tags    []string              `dynamodbav:"tags,stringset"`
	Raw     []byte                `dynamodbav:"raw"`
}

var accountSpec = repo.Spec{Table: "accounts", Key: key.Spec{Hash: key.String("id")}}

// accounts returns a model whose table has a stream of that view, "" for none.
func accounts(t *testing.T, view types.StreamViewType) (*repo.Repo[account], *faults.Transport) {
	t.Helper()
	db, tr := open(t)
	r := model[account](t, db, accountSpec)
	if view != "" {
		enable(t, r, view)
	}
	return r, tr
}

func open(t *testing.T) (*repo.DB, *faults.Transport) {
	t.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(t, func(o *dynamodb.Options) { o.HTTPClient = tr })
	db, err := repo.NewDB(client, &repo.Config{Namespace: enginetest.Namespace(t)})
	require.NoError(t, err)
	return db, tr
}

func model[T any](t *testing.T, db *repo.DB, spec repo.Spec) *repo.Repo[T] {
	t.Helper()
	r, err := repo.New[T](db, spec)
	require.NoError(t, err)
	_, err = table.Create(t.Context(), r, nil)
	require.NoError(t, err)
	return r
}

func enable(t *testing.T, m table.Model, view types.StreamViewType) {
	t.Helper()
	_, err := table.SetStream(t.Context(), m, view, nil)
	require.NoError(t, err)
}

func disable(t *testing.T, m table.Model) { enable(t, m, table.NoStream) }

func read[T any](t *testing.T, r *repo.Repo[T], opts *stream.Options) *stream.Stream[T] {
	t.Helper()
	s, err := stream.New(r, opts)
	require.NoError(t, err)
	return s
}

// drain reads all that there is.
func drain[T any](t *testing.T, s *stream.Stream[T]) []stream.Change[T] {
	t.Helper()
	var all []stream.Change[T]
	for c, err := range s.Changes(t.Context()) {
		require.NoError(t, err)
		all = append(all, c)
	}
	return all
}

// kept is a checkpoint as it comes back from where it was kept.
func kept(t *testing.T, c stream.Checkpoint) stream.Checkpoint {
	t.Helper()
	data, err := json.Marshal(c)
	require.NoError(t, err)
	var back stream.Checkpoint
	require.NoError(t, json.Unmarshal(data, &back))
	return back
}

func put(t *testing.T, r *repo.Repo[account], items ...account) {
	t.Helper()
	for _, a := range items {
		require.NoError(t, r.Put(t.Context(), &a))
	}
}
