package repo

import (
	"context"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/bulk"
)

// DeleteAll removes what the query finds and returns how many items it
// removed. It reads the keys alone and deletes in BatchWriteItem requests of
// 25, as [DB.Batch] does, while it reads on; versions are not checked, and no
// callbacks run. Limits hold. It stops at the first error; keys that were left
// unprocessed are in an [*UnprocessedError].
func (q Query[T]) DeleteAll(ctx context.Context) (int, error) { return bulk.Delete(ctx, q.of()) }

// Update makes the same changes to every item that the query finds, each with
// an UpdateItem request, several at once (Config.Concurrency), and returns how
// many it changed. Items that are gone by then are left out. Conditions of the
// query are not checked again. Limits hold. It stops at the first error, when
// those under way have come back. Each item is changed once: where the changes,
// or the update time, are of keys of the index that is read, all keys are read
// before the first item is changed, up to 100,000; more are an error, and nothing
// was changed.
func (q Query[T]) Update(ctx context.Context, changes ...cond.Change[T]) (int, error) {
	return bulk.Update(ctx, q.of(), edits(changes))
}
