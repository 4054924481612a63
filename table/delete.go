package table

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/fault"
)

// Delete removes the table with all its items, and returns when it is gone,
// deleted telling whether this call removed it. No table is no error. A table
// that is being created or changed is waited for, and then removed.
//
// It sends a DeleteTable, again at each poll while the table is busy, and one
// DescribeTable a poll.
//
// Errors: [ErrProtected]; [ErrNotDeleted] when the polls are spent; the context's error when it
// ends first. deleted is true then if the removal is under way all the same.
func Delete(ctx context.Context, m Model, opts *Options) (deleted bool, err error) {
	o, err := newOp("Delete", m.DB(), m.Table(), opts)
	if err != nil {
		return false, err
	}
	return o.delete(ctx)
}

func (o *op) delete(ctx context.Context) (deleted bool, err error) {
	taken := false // the service said so
	err = o.poll(ctx, ErrNotDeleted, func() (bool, error) {
		if !taken {
			_, err := o.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(o.table)}, once)
			taken = err == nil
			passes := passing(ctx, err)
			deleted = deleted || taken || passes && lost(err)
			if err != nil && !inUse(err) && !passes {
				return gone(o.protected(ctx, told(err)))
			}
		}
		return gone(o.describe(ctx))
	})
	return deleted, err
}

// protected joins [ErrProtected] to a refusal of a table that is protected,
// which the service tells in its message alone.
func (o *op) protected(ctx context.Context, err error) error {
	if hasCode(err, "ValidationException") && o.describe(ctx) == nil && o.last.Protected {
		return fault.Named(ErrProtected, err)
	}
	return err
}

// gone tells whether err says that there is no table; other errors it returns.
func gone(err error) (bool, error) {
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return false, err
}
