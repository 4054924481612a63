package repo

import (
	"context"
	"errors"
	"math"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

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
	writes, err := makeWrites(ctx, "Batch", "", ops, (*write).batchable)
	if !(o.Rate >= 0) || math.IsInf(o.Rate, 1) {
		err = errors.Join(db.fail("Batch", because(ErrInvalid, errWriteRate)), err)
	}
	if err != nil {
		return err
	}
	b := batchWrite{db: db, rate: dyniter.NewRate(o.Rate)}
	if b.rate != nil {
		b.most = int(max(1, min(o.Rate, math.MaxInt32)))
	}
	if o.Progress != nil {
		b.progress = &progress{tell: o.Progress, now: Progress{Left: len(ops)}}
	}
	if left, err := b.run(ctx, writes); len(left) > 0 {
		return db.fail("Batch", &BatchError{Left: left, Err: err})
	}
	return nil
}

var errWriteRate = errors.New("BatchOptions.Rate takes 0 or more units per second")

// progress adds up what the answers to a batch say. A nil progress is nobody's.
type progress struct {
	mu   sync.Mutex
	tell func(Progress)
	now  Progress
}

func (p *progress) add(done int, used []types.ConsumedCapacity) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Done, p.now.Left = p.now.Done+done, p.now.Left-done
	p.now.Consumed += unitsOf(used)
	p.tell(p.now)
}

// unitsOf adds up what a request consumed.
func unitsOf(used []types.ConsumedCapacity) (units float64) {
	for _, u := range used {
		units += aws.ToFloat64(u.CapacityUnits)
	}
	return units
}

// units is what the write is reckoned to take of the table: one for each KB.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
func (w *write) units() int { return 1 + w.wireSize()/1024 }
