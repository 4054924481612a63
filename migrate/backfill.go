package migrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/send"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// ErrInexact says that an item holds what its type does not hold exactly, such
// as a number too long for a float64, so that it can't be told whether others
// change it. A model with a lock is told by its version.
var ErrInexact = errors.New("an item has a value that its field does not hold exactly")

// BackfillOptions say how a backfill goes. The zero value of each field is its
// default, and nil stands for the zero BackfillOptions.
type BackfillOptions struct {
	// Name tells the backfills of one migration apart. Defaults to the base name
	// of the table.
	Name string
	// Segments is in how many parts the table is read at once. A backfill that
	// is resumed keeps those it began with. Defaults to 4.
	Segments int
	// Page is how many items lie between two cursors that are stored. Defaults
	// to 100.
	Page int
	// Concurrency is how many items are changed at once. Defaults to 8.
	Concurrency int
	// ReadRate and WriteRate are the most capacity units per second, by what
	// DynamoDB reports of each request. Default to 0: as fast as it goes.
	ReadRate, WriteRate float64
	// Attempts is how often an item is tried that others keep changing. Defaults
	// to 20.
	Attempts int
}

// A Filled tells what a backfill did, counting what it did before it was killed.
type Filled struct {
	Items   int // seen
	Written int // changed
}

// Backfill goes through every item of the model's table and makes the changes
// that change says are left to make; none leave the item as it is.
//
//	migrate.Backfill(ctx, c, users, func(_ context.Context, u User) ([]cond.Change[User], error) {
//		if u.Search != "" {
//			return nil, nil
//		}
//		return []cond.Change[User]{search.Set(strings.ToLower(u.Name))}, nil
//	}, nil)
//
// An item is changed as Repo.Update does it, on condition that it is as change
// saw it (see Repo.IfUnchanged): what another writer changed meanwhile is read
// again, and change asked again; what was deleted stays deleted. change is
// called by several goroutines, and again for items that it has changed if the
// process was killed before the cursor was stored. It must then return nothing:
// so each item is written once.
//
// A cursor is stored after each page, in a transaction that checks the lease. A
// run that comes after one that failed or was killed goes on there. It shows how
// far it has come, against the table's ItemCount, which DynamoDB brings up to
// date every six hours.
//
// It sends a strongly consistent Scan for each page, an UpdateItem for each item
// that is changed, and after each page a transaction.
//
// Errors: what change returned; [ErrLeaseLost]; [ErrInexact];
// repo.ErrConditionFailed for an item whose attempts are spent; repo.ErrInvalid,
// before any request, for options that make no sense or a name that the
// migration has used.
func Backfill[T any](ctx context.Context, c *Context, r *repo.Repo[T], change func(context.Context, T) ([]cond.Change[T], error), opts *BackfillOptions) (Filled, error) {
	b := backfill[T]{c: c, repo: r, change: change}
	if opts != nil {
		b.opts = *opts
	}
	if err := b.check(); err != nil {
		return Filled{}, err
	}
	err := b.run(ctx)
	return Filled{Items: b.at.Items, Written: b.at.Written}, err
}

type backfill[T any] struct {
	c      *Context
	repo   *repo.Repo[T]
	change func(context.Context, T) ([]cond.Change[T], error)
	opts   BackfillOptions
	writes *send.Rate
	at     place
}

// check fills in the defaults and claims the name.
func (b *backfill[T]) check() error {
	o := &b.opts
	if min(o.Segments, o.Page, o.Concurrency, o.Attempts) < 0 || !(o.ReadRate >= 0) || !(o.WriteRate >= 0) {
		return refuse("BackfillOptions can't be negative")
	}
	o.Name = cmp.Or(o.Name, b.repo.Spec().Table)
	o.Segments = cmp.Or(o.Segments, 4)
	o.Page = cmp.Or(o.Page, 100)
	o.Concurrency = cmp.Or(o.Concurrency, 8)
	o.Attempts = cmp.Or(o.Attempts, 20)
	if slices.Contains(b.c.names, o.Name) {
		return refuse("two backfills of one migration are named %s", o.Name)
	}
	b.c.names = append(b.c.names, o.Name)
	b.writes = send.NewRate(o.WriteRate)
	return nil
}

// run goes from the stored place to the end of the table.
func (b *backfill[T]) run(ctx context.Context) error {
	places := b.c.m.history.places
	at := key.Of(kindBackfill).Range(b.c.id + "/" + b.opts.Name)
	found, err := places.Consistent().Get(ctx, at)
	switch {
	case errors.Is(err, repo.ErrNotFound):
		b.at = place{Kind: kindBackfill, ID: b.c.id + "/" + b.opts.Name, Segments: b.opts.Segments}
	case err != nil:
		return err
	default:
		b.at = found
		b.c.Printf("backfill %s goes on behind %d items", b.opts.Name, found.Items)
	}
	if b.at.Done {
		return alive(ctx)
	}
	p := b.c.m.cfg.progress("backfill "+b.opts.Name, b.left(ctx))
	defer p.End()
	err = b.pages(ctx, p)
	if errors.Is(err, dyniter.ErrCursor) {
		// It was signed with a key that is gone, or the key's declaration changed.
		// To begin anew is right, since what is done needs no change.
		b.c.Printf("backfill %s: the stored cursor is of no use, it begins anew", b.opts.Name)
		b.at = place{Kind: b.at.Kind, ID: b.at.ID, Segments: b.opts.Segments, Written: b.at.Written}
		err = b.pages(ctx, p)
	}
	return err
}

// left returns how many items are left, as far as is known.
func (b *backfill[T]) left(ctx context.Context) int {
	d, err := table.Describe(ctx, b.repo)
	if err != nil {
		return 0 // the time left is not worth failing for
	}
	return int(d.Items) - b.at.Items
}

func (b *backfill[T]) pages(ctx context.Context, p Progress) error {
	cursor, err := dyniter.ParseCursor(b.at.Cursor)
	if err != nil {
		return err
	}
	q := b.repo.Scan().Consistent().Segments(b.at.Segments).BatchSize(b.opts.Page)
	if b.opts.ReadRate > 0 {
		q = q.Rate(b.opts.ReadRate)
	}
	for page, err := range q.From(cursor).Pages(ctx) {
		if err != nil {
			return err
		}
		written, err := b.page(ctx, page.Items)
		b.at.Written += written
		if err != nil {
			return err
		}
		b.at.Items += len(page.Items)
		b.at.Cursor, b.at.Done = page.Cursor.String(), page.Cursor.IsZero()
		if err := b.c.lease.write(ctx, b.c.m.history.places.Ops().Put(&b.at)); err != nil {
			return err
		}
		p.Add(len(page.Items))
	}
	return nil
}

// page changes the items of a page, several at once, and returns how many it
// changed. Its goroutines have ended when it returns.
func (b *backfill[T]) page(ctx context.Context, items []T) (int, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next, written atomic.Int64
	var workers sync.WaitGroup
	for range min(b.opts.Concurrency, len(items)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				wrote, err := b.item(ctx, items[i])
				if err != nil {
					fail(err)
				} else if wrote {
					written.Add(1)
				}
			}
		})
	}
	workers.Wait()
	return int(written.Load()), alive(ctx)
}

// item changes one item, as it is by now.
func (b *backfill[T]) item(ctx context.Context, item T) (wrote bool, err error) {
	k, err := b.repo.Key(&item)
	if err != nil {
		return false, err
	}
	for attempt := 1; ; attempt++ {
		changes, err := b.change(ctx, item)
		if err != nil || len(changes) == 0 {
			return false, err
		}
		if err = b.update(ctx, k, &item, changes); err == nil {
			return true, nil
		}
		if errors.Is(err, repo.ErrNotFound) {
			return false, nil // it was deleted
		}
		if !errors.Is(err, repo.ErrConditionFailed) || attempt >= b.opts.Attempts {
			return false, err
		}
		now, gerr := b.repo.Consistent().Get(ctx, k)
		switch {
		case errors.Is(gerr, repo.ErrNotFound):
			return false, nil
		case gerr != nil:
			return false, gerr
		case attempt > 2 && reflect.DeepEqual(now, item):
			return false, fmt.Errorf("migrate: backfill %s: %w", b.opts.Name, ErrInexact)
		}
		item = now
		if err := send.BackoffIn(ctx, attempt+1, time.Millisecond, time.Second); err != nil {
			return false, err
		}
	}
}

func (b *backfill[T]) update(ctx context.Context, k key.Value, seen *T, changes []cond.Change[T]) error {
	if err := b.writes.Wait(ctx); err != nil {
		return err
	}
	ctx, meter := repo.WithMeter(ctx)
	_, err := b.repo.IfUnchanged(seen).Update(ctx, k, changes...)
	b.writes.Spent(meter.Stats().Consumed)
	return err
}
