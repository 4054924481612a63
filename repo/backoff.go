package repo

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

// Backoff between attempts for what DynamoDB left unprocessed: doubled from the
// first to the cap, and a random part of it waited.
const (
	backoffFirst = 50 * time.Millisecond
	backoffCap   = 5 * time.Second
)

// persist calls once, which returns how many of n are left, until none is, it
// fails, the context ends, or attempts in a row left as many as before: then it
// returns [ErrUnprocessed].
func persist(ctx context.Context, attempts, n int, once func() (left int, err error)) error {
	for barren := 0; ; {
		left, err := once()
		if err != nil || left == 0 {
			return err
		}
		if barren++; left < n {
			barren = 0
		}
		if barren == attempts {
			return ErrUnprocessed
		}
		if err := backoff(ctx, max(1, barren)); err != nil {
			return err
		}
		n = left
	}
}

// backoff waits before attempt n, counted from 1, with full jitter.
func backoff(ctx context.Context, n int) error {
	d := min(backoffCap, backoffFirst<<min(n-1, 10))
	return cmp.Or(smithytime.SleepWithContext(ctx, rand.N(d)), ctx.Err())
}
