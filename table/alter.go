package table

import "context"

// alter changes one thing of a table: the steps that add makes of the table as
// it stands are carried out.
func alter(ctx context.Context, name string, m Model, opts *Options, add func(*op, *differ) error) (changed bool, err error) {
	o, err := newOp(name, m.DB(), m.Table(), opts)
	if err != nil {
		return false, err
	}
	if err := o.describe(ctx); err != nil {
		return false, o.fail(err)
	}
	d := newDiffer(m, o.last)
	if err := add(o, d); err != nil {
		return false, o.fail(err)
	}
	_, changed, err = o.carry(ctx, d.plan.Steps, 0)
	return changed, err
}
