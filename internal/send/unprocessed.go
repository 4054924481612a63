package send

import (
	"context"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// Persist calls once, which returns how many of n are left, until none is, it
// fails, the context ends, or attempts in a row left as many as before: then it
// returns [fault.ErrUnprocessed].
func (c *Conn) Persist(ctx context.Context, n int, once func() (left int, err error)) error {
	for barren := 0; ; {
		left, err := once()
		if err != nil || left == 0 {
			return err
		}
		if barren++; left < n {
			barren = 0
		}
		if barren == c.Attempts {
			return fault.ErrUnprocessed
		}
		if err := Backoff(ctx, max(1, barren)); err != nil {
			return err
		}
		n = left
	}
}
