package lock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dynarepo/dynarepo/internal/send"
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
	for n := 1; ; n++ {
		err := f(ctx)
		if n >= attempts || !errors.Is(err, ErrStale) {
			return err
		}
		if ended := send.BackoffIn(ctx, n, retryFirst, retryCap); ended != nil {
			return errors.Join(err, ended)
		}
	}
}
