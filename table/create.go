package table

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// Create makes the table with its indexes, as declared, if it is not there, and
// returns when it and all its global indexes are ACTIVE and it has what a table
// gets once it is there: TTL on the attribute that is declared, and the
// point-in-time recovery of a [Design]. created tells whether this call made it
// (rule L1). Any number of processes may create a table at once: one makes it,
// and all wait. A table that is being deleted is made anew once it is gone.
//
// A table that is there is waited for, and left as it is. If it lacks something
// that is declared, such as an index or TTL, that is [ErrDiffers]; so created
// false without an error says that it was there and has what is declared. What it
// has beside that is no business of Create: indexes, capacity and billing that
// other models or people gave it are told by [Diff]. A table younger than a
// minute, which its maker may not be done with, is given the time of the polls.
//
// It sends one DescribeTable a poll, and a CreateTable after each that finds no
// table; for TTL and recovery the requests of [SetTTL] and [SetRecovery]; for a
// table that is there those of [Inspect]. An answer that is lost is found out by
// looking.
//
// Errors: [ErrDiffers]; [ErrNotActive] when the polls are spent, or at once for a
// table that is archived or has no access to its encryption key;
// [ErrUnsupported]; the context's error when it ends first. created is true then
// if the table was made all the same. [Error.Lacks] is what is left to be done.
func Create(ctx context.Context, m Model, opts *Options) (created bool, err error) {
	o, err := newOp("Create", m.DB(), m.Table(), opts)
	if err != nil {
		return false, err
	}
	plan := Diff(m, nil)
	o.progress = Progress{Table: o.table, Step: 1, Steps: len(plan.Steps), Text: plan.Steps[0].Text}
	created, err = o.create(ctx, plan.Steps[0].Input.(*dynamodb.CreateTableInput))
	switch {
	case err != nil && created:
		plan.Steps = plan.Steps[1:]
		return true, lacking(err, plan)
	case err != nil:
		return false, err
	case !created:
		return false, o.compare(ctx, m)
	}
	done, _, err := o.carry(ctx, plan.Steps, 1)
	if err != nil {
		plan.Steps = plan.Steps[done:]
		err = lacking(err, plan)
	}
	return true, err
}

// create makes the table if it is not there, and waits for it.
func (o *op) create(ctx context.Context, in *dynamodb.CreateTableInput) (created bool, err error) {
	var failed error // that passes
	sent := false    // a request that may have made the table
	err = o.poll(ctx, ErrNotActive, func() (bool, error) {
		err := o.describe(ctx)
		if !errors.Is(err, ErrNotFound) {
			created = created || sent && err == nil
			return o.active(err)
		}
		out, err := o.client.CreateTable(ctx, in, once)
		switch {
		case inUse(err):
			return false, nil
		case passing(ctx, err):
			failed, sent = err, sent || lost(err)
			return false, nil
		case err == nil:
			created = true
			o.saw(out.TableDescription)
		}
		return o.active(err)
	})
	if e, ok := errors.AsType[*Error](err); ok && failed != nil && !created {
		e.err = fault.Because(e.err, failed)
	}
	return created, err
}

// fresh is the age up to which a table may be one that is being made.
const fresh = time.Minute

// compare finds what of the declaration the table does not have.
func (o *op) compare(ctx context.Context, m Model) error {
	var plan Plan
	err := o.poll(ctx, ErrDiffers, func() (bool, error) {
		if plan.Table != "" { // it was described before the first look
			if err := o.describe(ctx); err != nil {
				return false, err
			}
		}
		if err := o.lookRest(ctx, m); err != nil {
			return false, err
		}
		plan = Diff(m, o.last)
		plan.lacks(m)
		made := o.last.SDK.CreationDateTime
		if !plan.Empty() && (made == nil || time.Since(*made) > fresh) {
			return false, ErrDiffers
		}
		return plan.Empty(), nil
	})
	if errors.Is(err, ErrDiffers) {
		return lacking(err, plan)
	}
	return err
}

// lacks leaves in a plan what the table does not have of what m declares.
func (p *Plan) lacks(m Model) {
	spec := m.Spec()
	p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool {
		switch s.Kind {
		case toSetBilling, toSetThroughput, toDropIndex:
			return true
		case toSetTTL:
			return spec.TTL.Attr == ""
		}
		return false
	})
	p.Obstacles = slices.DeleteFunc(p.Obstacles, func(o Obstacle) bool { return o.Index != "" && declared(spec, o.Index) == nil })
}
