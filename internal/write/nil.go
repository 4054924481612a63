package write

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
)

// notNull keeps edits from leaving a NULL where it counts as missing (rule J7):
// DynamoDB's if_not_exists takes it for a value.
func notNull(edits []*expr.Edit) (all []expression.ConditionBuilder) {
	for _, e := range edits {
		if e != nil && e.Err == nil && e.Op == expr.EditSetIfMissing {
			all = append(all, expression.Not(expr.IsNull(e.Path)))
		}
	}
	return all
}

// send sends the update. One that fails over what is nil is sent as the update
// that does the same to it, on the condition that it still is (rule J7).
func (u *update) send(ctx context.Context, c *send.Conn, w *Write) (values.Item, error) {
	returned, err := u.once(ctx, c, w)
	for range MaxRounds {
		instead, nilErr := u.overNil(ctx, c, w, err)
		switch {
		case nilErr != nil:
			return nil, nilErr
		case instead == nil:
			return returned, err
		}
		if returned, err = u.once(ctx, c, instead); !conditionFailed(err) {
			return returned, err
		}
		returned, err = u.once(ctx, c, w) // what was nil is no more
	}
	return nil, fault.Because(fault.ErrConflict, err)
}

func conditionFailed(err error) bool {
	_, failed := errors.AsType[*types.ConditionalCheckFailedException](err)
	return failed
}

// overNil takes, in a transaction that failed, the updates that did so over what
// is nil for ones that do the same to it, and those back that were taken and
// failed since it is no more; it reports whether there was one.
func (b *bundle) overNil(ctx context.Context, c *send.Conn, err error) (again bool, _ error) {
	var reasons []types.CancellationReason
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if ok {
		reasons = canceled.CancellationReasons
	} else if !invalid(err) { // DynamoDB Local does not tell which operation it was
		return false, nil
	}
	for i, unit := range b.units {
		u, updates := unit.does.(*update)
		if !updates {
			continue
		}
		failed := err
		if ok && i < len(reasons) {
			failed = nil
			if code := aws.ToString(reasons[i].Code); code == "ConditionalCheckFailed" {
				removed, err := unit.unblock(ctx, c, reasons[i].Item)
				if err != nil {
					return false, err
				}
				if removed {
					again = true
					unit.turns++
					if unit.marks != nil {
						unit.marks.assume(nil)
					}
					continue
				}
			}
			switch code := aws.ToString(reasons[i].Code); {
			case code == "ConditionalCheckFailed" && u.asked != nil:
				unit.does, again = u.asked, true
				unit.turns++
				continue
			case code == "ConditionalCheckFailed":
				failed = &types.ConditionalCheckFailedException{Item: reasons[i].Item}
			case code == "ValidationError":
				failed = &smithy.GenericAPIError{Code: codeInvalid}
			}
		}
		instead, err := u.overNil(ctx, c, unit.Write, failed)
		if err != nil {
			return false, err
		}
		if instead != nil {
			unit.does, again = instead.does, true
			unit.turns++
		}
	}
	return again, nil
}

func invalid(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == codeInvalid
}

const codeInvalid = "ValidationException"

// overNil returns the write to send in place of one that failed with err; nil if
// it was not for what is nil.
func (u *update) overNil(ctx context.Context, c *send.Conn, w *Write, err error) (*Write, error) {
	var stored values.Item
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		if stored = failed.Item; w.gone(stored) || len(u.conds) == 0 {
			return nil, nil
		}
	} else if !invalid(err) || !u.mayBeNil(w.table) {
		return nil, nil
	} else if stored, err = u.concerned(ctx, c, w); err != nil {
		return nil, err
	}
	edits, conds, err := expr.OverNil(u.edits, stored)
	if err != nil {
		return nil, err
	}
	bump := w.table.Stamps.Version != nil && u.raises
	if v := w.table.Stamps.Version; bump && values.IsNull(stored[v.Name]) {
		path := expr.Path{{Name: v.Name}}
		if edits == nil {
			edits = slices.Clone(u.edits)
		}
		edits = append(edits, setField(expr.EditSet, v, w.table.Stamps.Lock.Next(0)))
		conds, bump = append(conds, expr.IsNull(path)), false
	}
	if len(conds) == 0 {
		return nil, nil
	}
	builder, err := expr.Compile(edits)
	if bump {
		builder = w.table.Stamps.Lock.Bump(builder)
	}
	instead := *w
	instead.does = &update{
		builder: builder, conds: slices.Concat(conds, notNull(edits)), edits: edits, asked: u, returns: u.returns, sink: u.sink,
	}
	return &instead, err
}

// mayBeNil reports whether the update is about what could be nil in a way that
// DynamoDB refuses.
func (u *update) mayBeNil(t *model.Table) bool {
	return u.raises && t.Stamps.Version != nil || slices.ContainsFunc(u.edits, func(e *expr.Edit) bool {
		return len(e.Path) > 1 || e.Op != expr.EditSet && e.Op != expr.EditRemove
	})
}

// concerned reads the attributes that the update is about; none of no item.
func (u *update) concerned(ctx context.Context, c *send.Conn, w *Write) (values.Item, error) {
	var names []string
	for _, e := range u.edits {
		names = append(names, e.Path.Attribute())
	}
	if v := w.table.Stamps.Version; v != nil {
		names = append(names, v.Name)
	}
	e, err := read.Project(model.Distinct(names))
	if err != nil {
		return nil, err
	}
	out, err := c.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &w.table.Name, Key: w.key, ConsistentRead: aws.Bool(true),
		ProjectionExpression: e.Projection(), ExpressionAttributeNames: e.Names(),
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}
