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
// A write of a model with unique fields is sent by itself, as [Repo.Put] or
// [Repo.Delete] sends it.
//
// What DynamoDB leaves unprocessed is sent again alone, with jittered backoff,
// until all is done, the context ends, or Config.BatchAttempts in a row brought
// nothing. What is left then is in the [*BatchError].
func (db *DB) Batch(ctx context.Context, ops ...Op) error {
	return db.BatchWith(ctx, BatchOptions{}, ops...)
}

// BatchOptions change how a batch is sent. The zero value of each field is its
// default.
type BatchOptions struct {
	// Rate is the most write capacity units per second that the batch takes, by
	// what DynamoDB reports of each request, as [dyniter.Rate] holds them. No
	// request is meant to take more than a second's, as far as the sizes of the
	// items tell: deletes and indexes cost what they cost. Defaults to 0: as fast
	// as it goes.
	Rate float64
	// Progress, if set, is called after each answer, by one goroutine at a time;
	// the batch waits for it. Defaults to none.
	Progress func(Progress)
}

// Progress is how far a batch has come.
type Progress struct {
	Done     int     // operations that were done; never falls
	Left     int     // operations that are not done yet, those DynamoDB left unprocessed included
	Consumed float64 // write capacity units so far, as DynamoDB reports them
}

// BatchWith is [DB.Batch] at a rate, or telling how far it has come. A rate
// that is negative or no number is [ErrInvalid] before any request.
func (db *DB) BatchWith(ctx context.Context, o BatchOptions, ops ...Op) error {
	if err := db.ready("Batch"); err != nil {
		return err
	}
	var tell func(write.Progress)
	if o.Progress != nil {
		tell = func(p write.Progress) { o.Progress(Progress(p)) }
	}
	return write.Batch(ctx, db.conn, o.Rate, tell, made(ops))
}
