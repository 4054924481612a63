package table

import (
	"context"
	"fmt"

	"github.com/dynarepo/dynarepo/repo"
)

// CreateIndex adds the global index of that name, as the model declares it, and
// returns when it is ACTIVE and so holds the items that were there. changed tells
// whether this call added it; one that is there is left as it is, whether or not
// it is as declared, and waited for. A large table takes hours: Options.Polls
// says how long to wait, and [Wait] waits on.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
//
// It sends a DescribeTable, another a poll, and an UpdateTable. Errors:
// [ErrNoIndex] if the model does not declare it, and [repo.ErrInvalid] for a
// local index, both before any request; [ErrNotFound]; [ErrNotActive] when the
// polls are spent.
func CreateIndex(ctx context.Context, m Model, name string, opts *Options) (changed bool, err error) {
	switch idx := declared(m.Spec(), name); {
	case idx == nil:
		err = fmt.Errorf("index %s: %w", name, ErrNoIndex)
	case idx.IsLocal():
		err = fmt.Errorf("%w: a local index exists only from the creation of its table on", repo.ErrInvalid)
	}
	if err != nil {
		return false, &Error{Op: "CreateIndex", Table: m.Table(), err: err}
	}
	return alter(ctx, "CreateIndex", m, opts, func(_ *op, d *differ) error {
		d.add(*declared(d.spec, name), nil)
		return nil
	})
}

// DropIndex removes the global index of that name, declared or not, and returns
// when it is gone. changed tells whether this call removed it; no index is no
// error. Otherwise it is as [CreateIndex]; a local index is [repo.ErrInvalid].
func DropIndex(ctx context.Context, m Model, name string, opts *Options) (changed bool, err error) {
	return alter(ctx, "DropIndex", m, opts, func(_ *op, d *differ) error {
		x := d.live.index(name)
		if x != nil && x.Local {
			return fmt.Errorf("%w: a local index ends only with its table", repo.ErrInvalid)
		}
		if x != nil {
			d.drop(*x, nil)
		}
		return nil
	})
}
