package command_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// database returns a database in a namespace of its own, and the transport of
// its client.
func database(t *testing.T) (*repo.DB, *faults.Transport) {
	t.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(t, enginetest.Apart, func(o *dynamodb.Options) { o.HTTPClient = tr })
	db, err := repo.NewDB(client, &repo.Config{Namespace: enginetest.Namespace(t)})
	require.NoError(t, err)
	return db, tr
}

// quick does not lose time waiting for tables.
var quick = &table.Options{Polls: 100_000, Interval: 2 * time.Millisecond}

func migrator(t *testing.T, db *repo.DB, set *migrate.Set, edit ...func(*migrate.Config)) *migrate.Migrator {
	t.Helper()
	cfg := &migrate.Config{Wait: quick}
	for _, f := range edit {
		f(cfg)
	}
	m, err := migrate.New(db, set, cfg)
	require.NoError(t, err)
	return m
}

type user struct {
	ID   string `dynamodbav:"id"`
	Name string `dynamodbav:"name"`
}

// model returns a repository whose table need not be there.
func model(t *testing.T, db *repo.DB, edit ...func(*repo.Spec)) *repo.Repo[user] {
	t.Helper()
	s := repo.Spec{Table: "users", Key: key.Spec{Hash: key.String("id")}}
	for _, f := range edit {
		f(&s)
	}
	r, err := repo.New[user](db, s)
	require.NoError(t, err)
	return r
}

func indexed(s *repo.Spec) {
	s.Indexes = []index.Spec{index.Global("name_idx", key.String("name"))}
}

// A journal notes which functions were run.
type journal struct {
	mu   sync.Mutex
	runs []string
}

func (j *journal) note(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.runs = append(j.runs, text)
}

// migration returns one that notes its runs, and can be undone.
func (j *journal) migration(id, name string) migrate.Migration {
	return migrate.Migration{
		ID: id, Name: name,
		Up:   func(context.Context, *migrate.Context) error { j.note("up " + name); return nil },
		Down: func(context.Context, *migrate.Context) error { j.note("down " + name); return nil },
	}
}

// The IDs of tests, in order.
const (
	first  = "20261101000000"
	second = "20261102000000"
	third  = "20261103000000"
)
