package write

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/upkeep"
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
	} else if !invalid(err) || !u.mayBeNil() {
		return nil, nil
	} else if stored, err = u.concerned(ctx, c, w); err != nil {
		return nil, err
	}
	edits, conds, err := expr.OverNil(u.edits, stored)
	if err != nil {
		return nil, err
	}
	bump := u.raises
	if v := w.table.Stamps.Version; bump && values.IsNull(stored[v.Name]) {
		if edits == nil {
			edits = slices.Clone(u.edits)
		}
		one := upkeep.SetField(expr.EditSet, v, int64(1))
		edits, conds, bump = append(edits, one), append(conds, expr.IsNull(one.Path)), false
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
		builder: builder, conds: slices.Concat(conds, notNull(edits)), edits: edits, raises: bump, dated: u.dated, asked: u, returns: u.returns, sink: u.sink,
	}
	return &instead, err
}

// mayBeNil reports whether the update is about what could be nil in a way that
// DynamoDB refuses.
func (u *update) mayBeNil() bool {
	return u.raises || slices.ContainsFunc(u.edits, func(e *expr.Edit) bool {
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
	return read.Stored(ctx, c, w.table, w.key, model.Distinct(names))
}
