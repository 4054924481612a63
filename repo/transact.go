package repo

import (
	"context"

	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/internal/write"
)

// Transact does all of ops or none, up to 100 over any repositories, in one
// TransactWriteItems request, with the guards, versions and timestamps that
// each has alone. The callers' items change only if it succeeds. No operations,
// no request. The request carries a token, so that the SDK's own retries do not
// write twice; [DB.TransactOnce] takes the caller's.
//
// More than 100 operations and two on one item are [ErrInvalid] before any
// callback runs, more than 4 MB before any request (rule F6). With unique
// values ([Unique]), those that are changed are read first, and their markers
// count among the operations. A transaction
// that was cancelled is a [*TransactError]; one that met another write is sent
// again only as Config.ConflictAttempts says.
func (db *DB) Transact(ctx context.Context, ops ...Op) error {
	return db.TransactOnce(ctx, uuid.NewString(), ops...)
}

// TransactOnce is [DB.Transact] with an idempotency token of 1 to 36
// characters: the same values of ops, given again with it within 10 minutes,
// succeed without being done twice. They are sent as they were made the first
// time, with its ids and timestamps; callbacks before the write do not run
// again.
func (db *DB) TransactOnce(ctx context.Context, token string, ops ...Op) error {
	if err := db.ready("Transact"); err != nil {
		return err
	}
	return write.Transact(ctx, db.conn, token, made(ops))
}
