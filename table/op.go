package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/repo"
)

// Options say how long to wait for a table. The zero value of each field is its
// default, and nil stands for the zero Options.
type Options struct {
	// Polls is how often the table is looked at. Defaults to 60.
	Polls int
	// Interval is the time between two looks. Defaults to 2 seconds.
	Interval time.Duration
}

const (
	defaultPolls    = 60
	defaultInterval = 2 * time.Second
)

func (o *Options) checked() (Options, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Polls < 0 || opts.Interval < 0 {
		return opts, fmt.Errorf("%w: polls and interval can't be negative", repo.ErrInvalid)
	}
	return Options{
		Polls:    cmp.Or(opts.Polls, defaultPolls),
		Interval: cmp.Or(opts.Interval, defaultInterval),
	}, nil
}

// op is one call of this package.
type op struct {
	name   string
	model  Model
	client Client
	opts   Options
	last   *Description // how the table was seen last; nil if it was not there
}

func newOp(name string, m Model, opts *Options) (*op, error) {
	o := &op{name: name, model: m}
	client, ok := m.DB().Client().(Client)
	if !ok {
		return nil, o.fail(ErrClient)
	}
	o.client = client
	var err error
	if o.opts, err = opts.checked(); err != nil {
		return nil, o.fail(err)
	}
	return o, nil
}

// fail wraps err; nil stays nil.
func (o *op) fail(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: o.name, Table: o.model.Table(), Err: err}
}

// poll calls step until it is done or fails, or the polls are spent, which is
// the error spent.
func (o *op) poll(ctx context.Context, spent error, step func() (done bool, err error)) error {
	for i := range o.opts.Polls {
		if i > 0 {
			if err := sleep(ctx, o.opts.Interval); err != nil {
				return o.fail(err)
			}
		}
		if done, err := step(); done || err != nil {
			return o.stuck(err)
		}
	}
	if o.last == nil {
		spent = fmt.Errorf("%w: %w", spent, ErrNotFound)
	}
	return o.stuck(spent)
}

// stuck wraps err with how the table was seen last, if waiting is what failed.
func (o *op) stuck(err error) error {
	if errors.Is(err, ErrNotActive) || errors.Is(err, ErrNotDeleted) {
		return &Error{Op: o.name, Table: o.model.Table(), Last: o.last, Err: err}
	}
	return o.fail(err)
}

// active tells whether the table seen last is ready, or fails with
// [ErrNotActive] if it will not be, or with err.
func (o *op) active(err error) (bool, error) {
	if err != nil {
		return false, err
	}
	switch o.last.Status {
	case types.TableStatusActive:
		return o.last.pending() == "", nil
	case types.TableStatusCreating, types.TableStatusUpdating, types.TableStatusDeleting:
		return false, nil
	default:
		return false, ErrNotActive
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
