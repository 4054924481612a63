package table

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Create makes the table with its indexes, as declared, if it is not there, and
// returns when it and all its global indexes are ACTIVE, created telling
// whether this call made it (rule L1). A table that is there is left as it is,
// whether or not it is as declared, and waited for. Any number of processes may
// create a table at once: one makes it, and all wait. A table that is being
// deleted is made anew once it is gone.
//
// What a table gets once it is there follows, if this call made it: TTL on the
// attribute that is declared, and the point-in-time recovery of a [Design].
//
// It sends one DescribeTable a poll, and a CreateTable after each that finds no
// table; for TTL and recovery the requests of [SetTTL] and
// [SetRecovery].
//
// Errors: [ErrNotActive] when the polls are spent, or at once for a table that
// is archived or has no access to its encryption key; [ErrUnsupported]; the
// context's error when it ends first. created is true then if the table was made
// all the same.
func Create(ctx context.Context, m Model, opts *Options) (created bool, err error) {
	o, err := newOp("Create", m.DB(), m.Table(), opts)
	if err != nil {
		return false, err
	}
	steps := Diff(m, nil).Steps
	o.progress = Progress{Table: o.table, Step: 1, Steps: len(steps), Text: steps[0].Text}
	if created, err = o.create(ctx, steps[0].Input.(*dynamodb.CreateTableInput)); err == nil && created {
		_, err = o.carry(ctx, steps, 1)
	}
	return created, err
}

// create makes the table if it is not there, and waits for it.
func (o *op) create(ctx context.Context, in *dynamodb.CreateTableInput) (created bool, err error) {
	err = o.poll(ctx, ErrNotActive, func() (bool, error) {
		err := o.describe(ctx)
		if !errors.Is(err, ErrNotFound) {
			return o.active(err)
		}
		out, err := o.client.CreateTable(ctx, in)
		if inUse(err) {
			return false, nil
		}
		if err == nil {
			created = true
			o.saw(out.TableDescription)
		}
		return o.active(err)
	})
	return created, err
}

// inUse tells whether err says that the table has a status in which the request
// can't be done yet.
func inUse(err error) bool {
	return hasCode(err, "ResourceInUseException") || hasCode(err, "ContinuousBackupsUnavailableException")
}
