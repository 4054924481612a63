package table

import (
	"context"
	"fmt"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// SetThroughput gives the table, and not its indexes, or one global index, and it
// alone, provisioned capacity in units per second; idx is "" for the table, and a
// unit of 0 stays as it is. changed tells whether it was otherwise.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html
//
// It sends a DescribeTable, and if there is something to change another a poll
// and an UpdateTable. Errors: [ErrOnDemand]; [repo.ErrInvalid] for negative units,
// before any request, and for a local index, which uses the table's capacity;
// [ErrNoIndex]; [ErrNotFound]; [ErrNotActive] when the polls are spent.
func SetThroughput(ctx context.Context, m Model, idx string, t index.Throughput, opts *Options) (changed bool, err error) {
	return setUnits(ctx, "SetThroughput", m, t, opts, func(d *differ) error {
		if idx == "" {
			d.spec.Throughput, d.spec.Indexes = t, nil
			return nil
		}
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

// SetOnDemand bills the table, with its indexes, a request, or, with on false,
// gives it and each of its global indexes the provisioned capacity that the model
// declares, or Config.Throughput. changed tells whether it was otherwise: the
// capacity of a table that had some stays as it is. DynamoDB allows the change a
// few times a day. Requests and errors are those of [SetThroughput], but for
// ErrOnDemand.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-switching-capacity-modes.html
func SetOnDemand(ctx context.Context, m Model, on bool, opts *Options) (changed bool, err error) {
	return alter(ctx, "SetOnDemand", m, opts, func(_ *op, d *differ) error {
		switch {
		case on && !d.live.OnDemand:
			d.perRequest()
		case !on && d.live.OnDemand:
			d.provision()
		}
		return nil
	})
}
