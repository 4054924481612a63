package write

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynarepo/dynarepo/internal/send"
)

// revise takes updates of a transaction that failed for ones that do the same to
// what is stored, where that is nil or has expired, and reports whether to send it
// again.
func (b *bundle) revise(ctx context.Context, c *send.Conn, err error) (again bool, _ error) {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok && !invalid(err) {
		return false, nil
	}
	for i, unit := range b.units {
		failed := err // DynamoDB Local does not tell which operation was not valid
		if ok {
			failed = nil
			if i < len(canceled.CancellationReasons) {
				failed = reasonOf(canceled.CancellationReasons[i])
			}
		}
		revised, err := unit.revise(ctx, c, failed)
		if err != nil {
			return false, err
		}
		again = again || revised
	}
	return again, nil
}

// reasonOf is what the operation alone would have failed with; nil for what no
// revision helps.
func reasonOf(r types.CancellationReason) error {
	switch aws.ToString(r.Code) {
	case "ConditionalCheckFailed":
		return &types.ConditionalCheckFailedException{Item: r.Item}
	case "ValidationError":
		return &smithy.GenericAPIError{Code: codeInvalid}
	}
	return nil
}

// revise is that of one write of a transaction, which failed with err. One that was
// revised before and failed since what it was for is no more is taken back.
func (w *Write) revise(ctx context.Context, c *send.Conn, err error) (revised bool, _ error) {
	u, updates := w.does.(*update)
	if !updates || err == nil {
		return false, nil
	}
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		if removed, err := w.unblock(ctx, c, failed.Item); removed || err != nil {
			return removed, err
		}
		if u.asked != nil {
			w.does = u.asked
			w.turns++
			return true, nil
		}
	}
	instead, err := u.overNil(ctx, c, w, err)
	if instead == nil || err != nil {
		return false, err
	}
	w.does = instead.does
	w.turns++
	return true, nil
}
