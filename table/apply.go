package table

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/repo"
)

// Apply carries out the steps of a plan in order. Before each it waits until the
// table and all its global indexes are ACTIVE, and leaves the step out if it is
// done already; behind each it waits until the table is as the step says and
// ACTIVE again. Options.Progress is told of all of it. What was done stays done
// when a step fails: the plan made anew holds the rest. TTL that begins or ends
// is not waited for, which takes up to an hour, but where it begins behind
// another that ends.
//
// A step costs its request, again at each poll while the table is busy, and one
// request a poll to look. The polls are counted anew for each step.
//
// Errors: [ErrBlocked], before any request, if the plan has obstacles;
// [ErrNotActive] when the polls are spent; [ErrUnsupported]; the context's error
// when it ends first.
func Apply(ctx context.Context, p Plan, opts *Options) error {
	if len(p.Obstacles) > 0 {
		return &Error{Op: "Apply", Table: p.Table, err: ErrBlocked}
	}
	if len(p.Steps) == 0 {
		return nil
	}
	if p.db == nil {
		return &Error{Op: "Apply", Table: p.Table, err: fmt.Errorf("%w: want a plan that Diff made", repo.ErrInvalid)}
	}
	o, err := newOp("Apply", p.db, p.Table, opts)
	if err != nil {
		return err
	}
	done, _, err := o.carry(ctx, p.Steps, 0)
	if err != nil {
		p.Steps = p.Steps[done:]
		err = lacking(err, p)
	}
	return err
}

// carry carries out the steps behind those that are done, and returns how many
// are done then, and whether there was anything to do.
func (o *op) carry(ctx context.Context, steps []Step, done int) (now int, changed bool, err error) {
	for _, s := range steps[done:] {
		o.progress = Progress{Table: o.table, Step: done + 1, Steps: len(steps), Text: s.Text}
		did, err := o.step(ctx, s)
		changed = changed || did
		if err != nil {
			return done, changed, err
		}
		done++
	}
	return done, changed, nil
}

// A change is a request that makes a table otherwise.
type change struct {
	look    func(context.Context) error // for what settled and ready tell
	settled func() bool                 // it is so
	ready   func() bool                 // it can be sent
	send    func(context.Context) error // and looks at the answer
}

func (o *op) step(ctx context.Context, s Step) (changed bool, err error) {
	var c change
	switch in := s.Input.(type) {
	case *dynamodb.CreateTableInput:
		return o.create(ctx, in)
	case *dynamodb.UpdateTableInput:
		c = o.tableChange(in)
	case *dynamodb.UpdateTimeToLiveInput:
		c = o.ttlChange(in)
	case *dynamodb.UpdateContinuousBackupsInput:
		c = o.recoveryChange(in)
	case *dynamodb.TagResourceInput:
		c = o.tagChange(in)
	case *dynamodb.UntagResourceInput:
		c = o.untagChange(in)
	default:
		return false, o.fail(fmt.Errorf("%w: a step without a request", repo.ErrInvalid))
	}
	return o.settle(ctx, c)
}

// settle polls until the change is so, and sends it as soon as it can be. It
// tells whether it sent it: what came of an answer that was lost is looked at.
func (o *op) settle(ctx context.Context, c change) (sent bool, err error) {
	taken := false // the service said so
	err = o.poll(ctx, ErrNotActive, func() (bool, error) {
		if err := c.look(ctx); err != nil {
			return false, told(err)
		}
		if _, err := o.active(nil); err != nil || c.settled() {
			return err == nil, err
		}
		if taken || !c.ready() {
			return false, nil
		}
		err := c.send(ctx)
		passes := passing(ctx, err)
		sent = sent || err == nil || passes && lost(err)
		switch {
		case inUse(err), passes:
			return false, nil
		case err != nil:
			return false, told(err)
		}
		taken = true
		return c.settled(), nil
	})
	return sent, err
}

// calm tells whether the table and all its indexes were ACTIVE when seen last.
func (o *op) calm() bool { return o.last.pending() == "" }

// tableChange is an UpdateTable.
func (o *op) tableChange(in *dynamodb.UpdateTableInput) change {
	return change{
		look:    o.describe,
		settled: func() bool { return o.calm() && holds(in, o.last) },
		ready:   o.calm,
		send: func(ctx context.Context) error {
			out, err := o.client.UpdateTable(ctx, in, once)
			if err == nil {
				o.saw(out.TableDescription)
			}
			return err
		},
	}
}

// holds tells whether a table is as an UpdateTable says.
func holds(in *dynamodb.UpdateTableInput, d *Description) bool {
	if in.BillingMode != "" && d.OnDemand != (in.BillingMode == types.BillingModePayPerRequest) {
		return false
	}
	if t := in.ProvisionedThroughput; t != nil && newUnits(t) != d.Throughput {
		return false
	}
	if s := in.StreamSpecification; s != nil && streamOf(s) != d.Stream {
		return false
	}
	if p := in.DeletionProtectionEnabled; p != nil && *p != d.Protected {
		return false
	}
	return !slices.ContainsFunc(in.GlobalSecondaryIndexUpdates, func(u types.GlobalSecondaryIndexUpdate) bool {
		switch {
		case u.Create != nil:
			return d.index(aws.ToString(u.Create.IndexName)) == nil
		case u.Delete != nil:
			return d.index(aws.ToString(u.Delete.IndexName)) != nil
		case u.Update != nil && u.Update.ProvisionedThroughput != nil:
			x := d.index(aws.ToString(u.Update.IndexName))
			return x == nil || newUnits(u.Update.ProvisionedThroughput) != x.Throughput
		}
		return false
	})
}

// inspect looks at the table and at its TTL.
func (o *op) inspect(ctx context.Context) error {
	if err := o.describe(ctx); err != nil {
		return err
	}
	return o.lookTTL(ctx)
}

// Inspect returns how the table stands, with what a DescribeTable does not tell:
// its TTL, and, where m is a [Design] that asks for them, its point-in-time
// recovery and its tags. It is nil, without an error, if there is no table: what
// [Diff] takes for one to be made. It sends a DescribeTable, a
// DescribeTimeToLive, a DescribeContinuousBackups for the recovery, and a
// ListTagsOfResource for every 100 tags or so. Errors: [ErrUnsupported].
func Inspect(ctx context.Context, m Model) (*Description, error) {
	o, err := newOp("Inspect", m.DB(), m.Table(), nil)
	if err != nil {
		return nil, err
	}
	if err = o.describe(ctx); err == nil {
		err = o.lookRest(ctx, m)
	}
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // no table is what Diff takes nil for
	}
	if err != nil {
		return nil, o.fail(err)
	}
	return o.last, nil
}

// lookRest looks at what a DescribeTable does not tell, of which m says something.
func (o *op) lookRest(ctx context.Context, m Model) error {
	err := o.lookTTL(ctx)
	s := settingsOf(m)
	if s.Recovery != nil && err == nil {
		err = o.lookRecovery(ctx)
	}
	if s.Tags != nil && err == nil {
		err = o.lookTags(ctx)
	}
	return err
}
