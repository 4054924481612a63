package clients

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/dynarepo/dynarepo/repo"
)

// ErrSpent refuses a request of which the budget is spent.
var ErrSpent = errors.New("clients: the budget is spent")

// A Budget is capacity units that are left, in thousandths.
type Budget struct{ left atomic.Int64 }

// NewBudget returns a budget of so many units.
func NewBudget(units float64) *Budget {
	b := &Budget{}
	b.left.Store(int64(units * 1000))
	return b
}

// Charge takes what each request has consumed from the budget. It is a
// repo.Config.Observe, and closes no way.
func (b *Budget) Charge(ctx context.Context, r *repo.Request) (context.Context, func()) {
	return ctx, func() { b.left.Add(-int64(r.Stats.Consumed * 1000)) }
}

// Metered returns a client that refuses requests once the budget is spent.
func Metered(next repo.Client, b *Budget) repo.Client {
	return Around(func(ctx context.Context, _ any, send func(context.Context, repo.Client) (any, error)) (any, error) {
		if b.left.Load() <= 0 {
			return nil, ErrSpent
		}
		return send(ctx, next)
	})
}
