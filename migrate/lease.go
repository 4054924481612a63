package migrate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	smithytime "github.com/aws/smithy-go/time"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

const (
	beats = 4                      // how often a lease is renewed in its time
	look  = 500 * time.Millisecond // between two looks at another's lease
)

var leaseKey = key.Of(kindLease).Range(kindLease)

// A holding is the lease while this process holds it.
type holding struct {
	history *history
	length  time.Duration
	now     func() time.Time

	mu   sync.Mutex // so that a renewal and a guarded write don't conflict
	mine lease
}

// hold waits for the lease, runs work while it is renewed, and releases it. The
// context of work ends, with ErrLeaseLost as its cause, when it is lost.
func (m *Migrator) hold(ctx context.Context, work func(context.Context, *holding) error) error {
	l := &holding{history: m.history, length: m.cfg.Lease, now: m.cfg.Now}
	if err := l.acquire(ctx, func() { m.printf("waiting for the lease, which another process holds\n") }); err != nil {
		return err
	}
	running, lose := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { l.beat(running, lose) })
	defer func() {
		lose(context.Canceled)
		beating.Wait()
		l.release(ctx)
	}()
	return work(running, l)
}

// acquire takes the lease as soon as nobody holds it.
func (l *holding) acquire(ctx context.Context, waiting func()) error {
	me := uuid.NewString()
	for {
		found, err := l.history.leases.Consistent().Get(ctx, leaseKey)
		if err != nil && !errors.Is(err, repo.ErrNotFound) {
			return err
		}
		if found.Owner == me {
			l.mine = found // the answer to the request that took it was lost
			return nil
		}
		now := l.now()
		if left := time.UnixMilli(found.Until).Sub(now); left > 0 {
			if waiting != nil {
				waiting()
				waiting = nil
			}
			if err := smithytime.SleepWithContext(ctx, min(left, look)); err != nil {
				return err
			}
			continue
		}
		found.Kind, found.ID, found.Owner, found.Until = kindLease, kindLease, me, now.Add(l.length).UnixMilli()
		err = l.history.leases.Save(ctx, &found)
		if err == nil {
			l.mine = found
			return nil
		}
		if !errors.Is(err, lock.ErrStale) {
			return err
		}
	}
}

// beat renews the lease until ctx ends or it is lost.
func (l *holding) beat(ctx context.Context, lose context.CancelCauseFunc) {
	interval := l.length / beats
	renewed := time.Now()
	for smithytime.SleepWithContext(ctx, interval) == nil {
		start := time.Now()
		switch err := l.renew(ctx, interval); {
		case err == nil:
			renewed = start
		case errors.Is(err, lock.ErrStale), time.Since(renewed) > l.length-interval:
			lose(ErrLeaseLost)
		}
	}
}

// renew holds the lease for its whole length from now, or fails within timeout.
func (l *holding) renew(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.mine
	next.Until = l.now().Add(l.length).UnixMilli()
	err := l.history.leases.Save(ctx, &next)
	if errors.Is(err, lock.ErrStale) {
		// It may be the answer that was lost, and not the lease.
		found, gerr := l.history.leases.Consistent().Get(ctx, leaseKey)
		if gerr != nil && !errors.Is(gerr, repo.ErrNotFound) {
			return gerr
		}
		if found.Owner == l.mine.Owner {
			next, err = found, nil
		}
	}
	if err == nil {
		l.mine = next
	}
	return err
}

// release lets go of the lease, also when ctx has ended. If that fails it ends
// by itself.
func (l *holding) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.length/beats)
	defer cancel()
	_ = l.history.leases.Destroy(ctx, &l.mine)
}

// write does ops, in one transaction, if the lease is still held.
func (l *holding) write(ctx context.Context, ops ...repo.Op) error {
	if err := alive(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.history.leases.Ops().Check(leaseKey, owner.Eq(l.mine.Owner))
	err := l.history.db.Transact(ctx, append([]repo.Op{held}, ops...)...)
	if errors.Is(err, repo.ErrConditionFailed) || errors.Is(err, repo.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrLeaseLost, err)
	}
	return err
}

// alive returns why a run must stop, or nil.
func alive(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

// lost adds to err that the lease was lost, if that is what ended ctx.
func lost(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrLeaseLost) && !errors.Is(err, ErrLeaseLost) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}
