package send

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

// The waits of [Backoff]: doubled from the first to the cap, and a random part
// of it waited.
const (
	backoffFirst = 50 * time.Millisecond
	backoffCap   = 5 * time.Second
)

// Backoff waits before attempt n, counted from 1, with full jitter. It returns
// the context's error if that ends first.
func Backoff(ctx context.Context, n int) error { return BackoffIn(ctx, n, backoffFirst, backoffCap) }

// BackoffIn is [Backoff] with waits of its own.
func BackoffIn(ctx context.Context, n int, first, most time.Duration) error {
	d := min(most, first<<min(max(n-1, 0), 10))
	return cmp.Or(smithytime.SleepWithContext(ctx, rand.N(max(d, 1))), ctx.Err())
}
