package write

import (
	"context"
	"errors"
	"math"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/send"
)

// Limits of a BatchWriteItem.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	maxBatchWrite = 25
	maxBatchBytes = 16 << 20
)

// Progress is how far a batch has come, field by field as package repo's.
type Progress struct {
	Done, Left int
	Consumed   float64
}

// Batch sends the puts and deletes of ops in chunks, at so many write capacity
// units a second if rate is more than 0. tell, if it is not nil, is told after
// each answer.
func Batch(ctx context.Context, c *send.Conn, rate float64, tell func(Progress), ops []*Op) error {
	writes, undone, wrong := makeWrites(ctx, true, "", ops, (*Write).batchable)
	var err error
	if len(wrong) > 0 {
		err = refused(c, batchOp, wrong, undone)
	}
	if !(rate >= 0) || math.IsInf(rate, 1) {
		err = errors.Join(fail(c, batchOp, fault.Invalid(errRate)), err)
	}
	if err != nil {
		return err
	}
	b := chunked{conn: c, rate: send.NewRate(rate)}
	if b.rate != nil {
		b.most = int(max(1, min(rate, math.MaxInt32)))
	}
	if tell != nil {
		b.progress = &progress{tell: tell, now: Progress{Left: len(ops)}}
	}
	if undone = append(undone, b.run(ctx, writes)...); len(undone) > 0 {
		undone.Sort()
		return fail(c, batchOp, c.Make.Batch(undone))
	}
	return nil
}

var errRate = errors.New("a rate is 0 or more units per second")

// Removals deletes the items that v, each a T, are of, without conditions, and
// returns the positions of those it did not and why.
type Removals struct {
	w *Writer
	b chunked
}

// Removals returns what deletes items of the writer's table.
func (w *Writer) Removals() *Removals { return &Removals{w, chunked{conn: w.conn}} }

// Most is how many items fill the requests that are under way at once.
func (r *Removals) Most() int { return maxBatchWrite * r.w.conn.AtOnce }

// Of makes the write that deletes the item that v, a T, is.
func (r *Removals) Of(ctx context.Context, v reflect.Value) (*Write, error) {
	one, err := r.w.Build(ctx, &Order{Verb: life.DeleteAll, Item: v.Addr()}, true)
	if err == nil {
		one.id = one.table.Keys.ID(one.key)
	}
	return one, err
}

// Send sends writes in chunks, and returns which were not done, and why.
func (r *Removals) Send(ctx context.Context, writes []*Write) fault.Undone {
	undone := r.b.run(ctx, writes)
	undone.Sort()
	return undone
}

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
	p.now.Consumed += send.Units(used)
	p.tell(p.now)
}

// batchable refuses what a batch can't hold.
func (w *Write) batchable() error {
	_, puts := w.does.(*put)
	_, removes := w.does.(remove)
	switch {
	case !puts && !removes || len(w.guard.conds) > 0:
		return errGuarded
	case puts && w.table.Stamps.Version != nil && !w.guard.blind:
		return errLocked
	}
	return nil
}

var (
	errGuarded = errors.New("a batch has no conditions: put and delete only")
	errLocked  = errors.New("a batch does not check versions: say Overwrite to put an item of a model with a lock")
)
