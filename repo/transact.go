package repo

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/internal/write"
)

// A TransactError tells which operations kept a transaction from being done.
// Nothing of it was. errors.Is finds what each failed with: [ErrExists],
// [ErrNotFound], [ErrConditionFailed], lock.ErrStale, [ErrConflict], or the
// SDK's error.
type TransactError struct {
	Failed []FailedOp // in the order of the operations
	Err    error      // the SDK's error
}

// A FailedOp is one operation of a transaction that failed.
type FailedOp struct {
	Position int                             // among the operations
	Op       string                          // such as "Save"
	Table    string                          // with its namespace
	Code     string                          // DynamoDB's reason, such as "ConditionalCheckFailed"
	Stored   map[string]types.AttributeValue // the stored item, where DynamoDB returned it
	Err      error                           // what the operation alone would have failed with
}

// Error names each failing operation, its table and its reason.
func (e *TransactError) Error() string {
	texts := make([]string, len(e.Failed))
	for i, f := range e.Failed {
		texts[i] = fmt.Sprintf("operation %d, %s %s: %s", f.Position, f.Op, f.Table, f.Code)
	}
	return "nothing was written: " + strings.Join(texts, "; ")
}

// Unwrap returns what each operation failed with, and the SDK's error.
func (e *TransactError) Unwrap() []error {
	errs := make([]error, 0, len(e.Failed)+1)
	for _, f := range e.Failed {
		errs = append(errs, f.Err)
	}
	return append(errs, e.Err)
}

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
	return write.Transact(ctx, db.conn, token, made(ops))
}
