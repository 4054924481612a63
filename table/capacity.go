package table

import (
	"context"
	"fmt"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// SetThroughput gives the table, and not its indexes, provisioned capacity in
// units per second; a unit of 0 stays as it is. changed tells whether it was
// otherwise.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html
//
// It sends a DescribeTable, and if there is something to change another a poll
// and an UpdateTable. Errors: [ErrOnDemand]; [repo.ErrInvalid] for negative
// units, before any request; [ErrNotFound]; [ErrNotActive] when the polls are
// spent.
func SetThroughput(ctx context.Context, m Model, t index.Throughput, opts *Options) (changed bool, err error) {
	return setUnits(ctx, "SetThroughput", m, t, opts, func(d *differ) error {
		d.spec.Throughput, d.spec.Indexes = t, nil
		return nil
	})
}

// SetIndexThroughput gives a global index, and neither the table nor the other
// indexes, provisioned capacity. Otherwise it is as [SetThroughput]; an index that
// the table does not have is [ErrNoIndex], a local one, which uses the table's
// capacity, [repo.ErrInvalid].
func SetIndexThroughput(ctx context.Context, m Model, idx string, t index.Throughput, opts *Options) (changed bool, err error) {
	return setUnits(ctx, "SetIndexThroughput", m, t, opts, func(d *differ) error {
		switch x := d.live.index(idx); {
		case x == nil:
			return fmt.Errorf("index %s: %w", idx, ErrNoIndex)
		case x.Local:
			return fmt.Errorf("%w: a local index has no capacity of its own", repo.ErrInvalid)
		}
		d.spec.Throughput = index.Throughput{}
		d.spec.Indexes = []index.Spec{index.Global(idx, key.Part{}).WithThroughput(t.Read, t.Write)}
		return nil
	})
}

func setUnits(ctx context.Context, name string, m Model, t index.Throughput, opts *Options, declare func(*differ) error) (bool, error) {
	if t.Read < 0 || t.Write < 0 {
		return false, &Error{Op: name, Table: m.Table(), err: fmt.Errorf("%w: units can't be negative", repo.ErrInvalid)}
	}
	return alter(ctx, name, m, opts, func(_ *op, d *differ) error {
		if d.live.OnDemand {
			return ErrOnDemand
		}
		if err := declare(d); err != nil {
			return err
		}
		d.units()
		return nil
	})
}

// SetOnDemand bills the table, with its indexes, a request. changed tells
// whether it had provisioned capacity. DynamoDB allows the change a few times a
// day. Requests and errors are those of [SetThroughput], but for ErrOnDemand.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-switching-capacity-modes.html
func SetOnDemand(ctx context.Context, m Model, opts *Options) (changed bool, err error) {
	return alter(ctx, "SetOnDemand", m, opts, func(_ *op, d *differ) error {
		if !d.live.OnDemand {
			d.perRequest()
		}
		return nil
	})
}

// SetProvisioned gives a table on demand, and each of its global indexes, the
// provisioned capacity that the model declares, or Config.Throughput. changed
// tells whether it was on demand: the capacity of one that was not stays as it
// is. Otherwise it is as [SetOnDemand].
func SetProvisioned(ctx context.Context, m Model, opts *Options) (changed bool, err error) {
	return alter(ctx, "SetProvisioned", m, opts, func(_ *op, d *differ) error {
		if d.live.OnDemand {
			d.provision()
		}
		return nil
	})
}
