package table

import (
	"context"
	"errors"
)

// Wait returns when the table and all its global indexes are ACTIVE. A table
// that is not there yet is waited for. It sends one DescribeTable a poll.
//
// Errors: [ErrNotActive] when the polls are spent, [ErrNotFound] with it when
// there was no table then; ErrNotActive at once for a table that is archived or
// has no access to its encryption key; the context's error when it ends first.
func Wait(ctx context.Context, m Model, opts *Options) error {
	o, err := newOp("Wait", m.DB(), m.Table(), opts)
	if err != nil {
		return err
	}
	return o.poll(ctx, ErrNotActive, func() (bool, error) {
		err := o.describe(ctx)
		if errors.Is(err, ErrNotFound) {
			return false, nil
		}
		return o.active(err)
	})
}
