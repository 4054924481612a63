package lock

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

// Backoff of Retry: doubled from the first to the cap, a random part waited.
const (
	retryFirst = 5 * time.Millisecond
	retryCap   = time.Second
)

// Retry runs f, which loads an item, changes and saves it, until it returns
// anything but [ErrStale], at most attempts times, 1 or more, with a jittered
// wait in between (rule G6). It returns what f returned last, and joins the
// context's error to it if that ended the wait.
func Retry(ctx context.Context, attempts int, f func(context.Context) error) error {
	if attempts < 1 {
		return fmt.Errorf("lock: Retry takes 1 attempt or more, not %d", attempts)
	}
	for n := 0; ; n++ {
		err := f(ctx)
		if n+1 >= attempts || !errors.Is(err, ErrStale) {
			return err
		}
		if ended := smithytime.SleepWithContext(ctx, rand.N(min(retryCap, retryFirst<<min(n, 10)))); ended != nil {
			return errors.Join(err, ended)
		}
	}
}
