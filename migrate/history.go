package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// What is in the history table, by its hash key.
const (
	kindMigration = "migration"
	kindLease     = "lease"
	kindBackfill  = "backfill"
)

// A record is how one migration stands. There is none of a migration that was
// never begun, or that was undone.
type record struct {
	Kind      string     `dynamodbav:"kind"`
	ID        string     `dynamodbav:"id"` // of the migration
	Name      string     `dynamodbav:"name"`
	State     Status     `dynamodbav:"state"` // Applied, Beginning or Undoing
	StartedAt time.Time  `dynamodbav:"started_at"`
	AppliedAt *time.Time `dynamodbav:"applied_at,omitempty"`
}

// A lease is the right to run migrations.
type lease struct {
	Kind    string `dynamodbav:"kind"`
	ID      string `dynamodbav:"id"`
	Owner   string `dynamodbav:"owner"`
	Until   int64  `dynamodbav:"until"` // Unix milliseconds
	Version int64  `dynamodbav:"version"`
}

var owner = cond.Field(func(l *lease) *string { return &l.Owner })

// A place is where a backfill is.
type place struct {
	Kind     string `dynamodbav:"kind"`
	ID       string `dynamodbav:"id"` // of the migration, "/", and the backfill's name
	Cursor   string `dynamodbav:"cursor"`
	Segments int    `dynamodbav:"segments"`
	Items    int    `dynamodbav:"items"`   // seen so far
	Written  int    `dynamodbav:"written"` // of them
	Done     bool   `dynamodbav:"done"`
}

// history is the table in which all of it is.
type history struct {
	db      *repo.DB
	records *repo.Repo[record]
	leases  *repo.Repo[lease]
	places  *repo.Repo[place]
}

func newHistory(db *repo.DB, base string) (*history, error) {
	spec := repo.Spec{
		Table:    base,
		Key:      key.Spec{Hash: key.String("kind"), Range: key.String("id")},
		OnDemand: true,
	}
	h := &history{db: db}
	var errs [3]error
	h.records, errs[0] = repo.New[record](db, spec)
	h.places, errs[1] = repo.New[place](db, spec)
	spec.Lock = lock.Version("version")
	h.leases, errs[2] = repo.New[lease](db, spec)
	return h, errors.Join(errs[:]...)
}

// all returns the records by ID; none if there is no table.
func (h *history) all(ctx context.Context) (map[string]record, error) {
	found := map[string]record{}
	for r, err := range h.records.Query(key.Of(kindMigration)).Consistent().All(ctx) {
		if _, ok := errors.AsType[*types.ResourceNotFoundException](err); ok {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found[r.ID] = r
	}
	return found, nil
}

// forget removes the places of a migration's backfills.
func (h *history) forget(ctx context.Context, id string) error {
	var deletes []repo.Op
	at := cond.Field(func(p *place) *string { return &p.ID })
	for p, err := range h.places.Query(key.Of(kindBackfill)).Where(at.BeginsWith(id + "/")).Consistent().All(ctx) {
		if err != nil {
			return err
		}
		deletes = append(deletes, h.places.Ops().Delete(key.Of(p.Kind).Range(p.ID)))
	}
	return h.db.Batch(ctx, deletes...)
}
