package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithytime "github.com/aws/smithy-go/time"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/repo"
)

// Options say how long to wait for a table. The zero value of each field is its
// default, and nil stands for the zero Options.
type Options struct {
	// Polls is how often the table is looked at for each change. Defaults to
	// Config.Polls. A global index of a large table takes hours to fill.
	Polls int
	// Interval is the time between two looks. Defaults to Config.PollInterval.
	Interval time.Duration
	// Progress is called, in the caller's goroutine, when a change begins, after
	// each look that finds it under way, and when it is done. Defaults to none.
	Progress func(Progress)
}

// Progress tells how far an operation is.
type Progress struct {
	Table   string // with its namespace
	Step    int    // of the plan, from 1
	Steps   int    // of the plan
	Text    string // what is done, such as "create index user_idx"
	Looks   int    // how often the table was looked at for it; 0 when it begins
	Waiting string // what is not ACTIVE, such as "index user_idx is CREATING"
	Done    bool
}

func (o *Options) checked(cfg repo.Config) (Options, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Polls < 0 || opts.Interval < 0 {
		return opts, fmt.Errorf("%w: polls and interval can't be negative", repo.ErrInvalid)
	}
	opts.Polls, opts.Interval = cmp.Or(opts.Polls, cfg.Polls), cmp.Or(opts.Interval, cfg.PollInterval)
	if opts.Progress == nil {
		opts.Progress = func(Progress) {}
	}
	return opts, nil
}

// op is one call of this package.
type op struct {
	name     string
	table    string
	client   Client
	opts     Options
	last     *Description // how the table was seen last; nil if it was not there
	progress Progress
}

func newOp(name string, db *repo.DB, table string, opts *Options) (*op, error) {
	o := &op{name: name, table: table, progress: Progress{Table: table, Step: 1, Steps: 1, Text: strings.ToLower(name)}}
	client, ok := db.Client().(Client)
	if !ok {
		return nil, o.fail(ErrClient)
	}
	o.client = client
	var err error
	if o.opts, err = opts.checked(db.Config()); err != nil {
		return nil, o.fail(err)
	}
	return o, nil
}

// fail wraps err; nil stays nil.
func (o *op) fail(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, wire.ErrAnswer) {
		err = fmt.Errorf("%w: %w", repo.ErrDecode, err)
	}
	return &Error{Op: o.name, Table: o.table, err: err}
}

// poll calls step until it is done or fails, or the polls are spent, which is
// the error spent.
func (o *op) poll(ctx context.Context, spent error, step func() (done bool, err error)) error {
	o.report(0, false)
	for i := range o.opts.Polls {
		if i > 0 {
			if err := smithytime.SleepWithContext(ctx, o.opts.Interval); err != nil {
				return o.fail(err)
			}
		}
		done, err := step()
		if err != nil {
			return o.stuck(err)
		}
		if o.report(i+1, done); done {
			return nil
		}
	}
	if o.last == nil {
		spent = fault.Because(spent, ErrNotFound)
	}
	return o.stuck(spent)
}

// report tells the caller how far the operation is.
func (o *op) report(looks int, done bool) {
	o.progress.Looks, o.progress.Done, o.progress.Waiting = looks, done, ""
	if o.last != nil && !done {
		o.progress.Waiting = o.last.pending()
	}
	o.opts.Progress(o.progress)
}

// stuck wraps err with how the table was seen last, if waiting is what failed.
func (o *op) stuck(err error) error {
	if errors.Is(err, ErrNotActive) || errors.Is(err, ErrNotDeleted) {
		return &Error{Op: o.name, Table: o.table, Last: o.last, err: err}
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
