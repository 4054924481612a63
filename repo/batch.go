package repo

import (
	"context"

	"github.com/dynarepo/dynarepo/internal/write"
)

// Batch writes any number of puts and deletes, over any repositories, in
// BatchWriteItem requests of at most 25 operations and 16 MB, several at once
// (Config.Concurrency). It is no transaction, runs no callbacks and knows no
// conditions: a guarded operation is [ErrInvalid], and so is a put of a model
// with a lock unless [Repo.Overwrite] says that it overwrites (rules F5, G5),
// and two operations on one item. Every such fault is told before any request.
// Where an item or a key can't be stored, the others are written, and it is told
// by its position (rule F5).
// A write of a model with unique fields is sent by itself, as [Repo.Put] or
// [Repo.Delete] sends it.
//
// What DynamoDB leaves unprocessed is sent again alone, with jittered backoff,
// until all is done, the context ends, or Config.BatchAttempts in a row brought
// nothing. What is left then is in the [*BatchError].
func (db *DB) Batch(ctx context.Context, ops ...Op) error {
	return Batcher{db: db}.Batch(ctx, ops...)
}

// A Batcher sends batches with options, as a [Writer] writes items. It is a
// value that can be shared between goroutines.
type Batcher struct {
	db       *DB
	rate     float64
	progress func(write.Progress)
}

// Rate returns a batcher that takes at most so many write capacity units a
// second; see [Batcher.Rate].
func (db *DB) Rate(unitsPerSecond float64) Batcher { return Batcher{db: db}.Rate(unitsPerSecond) }

// Progress returns a batcher that tells how far it has come; see
// [Batcher.Progress].
func (db *DB) Progress(told func(Progress)) Batcher { return Batcher{db: db}.Progress(told) }

// Rate holds a batch to so many write capacity units a second, by what DynamoDB
// reports of each request, as [Query.Rate] holds a query. No request is meant to
// take more than a second's, as far as the sizes of the items tell: deletes and
// indexes cost what they cost. 0 is as fast as it goes; what is negative or no
// number is [ErrInvalid] before any request.
func (b Batcher) Rate(unitsPerSecond float64) Batcher {
	b.rate = unitsPerSecond
	return b
}

// Progress has told called after each answer, by one goroutine at a time; the
// batch waits for it.
func (b Batcher) Progress(told func(Progress)) Batcher {
	b.progress = nil
	if told != nil {
		b.progress = func(p write.Progress) { told(Progress(p)) }
	}
	return b
}

// Batch is [DB.Batch] with the batcher's options.
func (b Batcher) Batch(ctx context.Context, ops ...Op) error {
	if err := b.db.ready("Batch"); err != nil {
		return err
	}
	return write.Batch(ctx, b.db.conn, b.rate, b.progress, made(ops))
}

// Progress is how far a batch has come.
type Progress struct {
	Done     int     // operations that were done; never falls
	Left     int     // operations that are not done yet, those DynamoDB left unprocessed included
	Consumed float64 // write capacity units so far, as DynamoDB reports them
}
