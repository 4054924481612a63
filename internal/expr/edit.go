package expr

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An EditOp is what an [Edit] does.
type EditOp uint8

// The edits.
const (
	EditSet EditOp = iota + 1
	EditSetIfMissing
	EditAdd
	EditRemove
	EditAppend
	EditPrepend
	EditDelete
)

// An Edit is a change without its owner. It must not be changed.
type Edit struct {
	Op    EditOp
	Path  Path
	Value types.AttributeValue // as stored; nil for remove
	Err   error                // of the attribute or the value
	Of    Owner                // whose attribute it is; nil for one that no user named
}

// An Owner makes the error of its attribute, typed as its package promises.
type Owner interface {
	Fault(rule string, err error) error
}

// Compile returns edits, one or more, for the SDK's expression builder, or
// every error in them, joined: [ErrAttr], [ErrEmpty], and [ErrOverlap] where two
// touch one attribute, which DynamoDB would refuse.
func Compile(edits []*Edit) (expression.UpdateBuilder, error) {
	var update expression.UpdateBuilder
	var errs []error
	for i, e := range edits {
		if e == nil || e.Op == 0 {
			errs = append(errs, ErrEmpty)
			continue
		}
		if e.Err != nil {
			errs = append(errs, e.Err)
		}
		for _, o := range edits[:i] {
			if o != nil && (o.Path.covers(e.Path) || e.Path.covers(o.Path)) {
				errs = append(errs, e.twice(o))
			}
		}
		update = e.apply(update)
	}
	if len(edits) == 0 {
		errs = append(errs, ErrEmpty)
	}
	return update, errors.Join(errs...)
}

// twice returns the error of e, which changes what o does.
func (e *Edit) twice(o *Edit) error {
	const rule = "changed twice in one update"
	switch {
	case e.Of != nil:
		return e.Of.Fault(rule, ErrOverlap)
	case o.Of != nil:
		return o.Of.Fault(rule, ErrOverlap)
	}
	return &fault{attr: e.Path.String(), rule: rule, err: ErrOverlap}
}

func (e *Edit) apply(u expression.UpdateBuilder) expression.UpdateBuilder {
	name, value := e.Path.builder(), expression.Value(e.Value)
	list := func() expression.SetValueBuilder { // one that is missing can't be appended to; an empty one can
		return expression.IfNotExists(name, expression.Value(&types.AttributeValueMemberL{Value: []types.AttributeValue{}}))
	}
	switch e.Op {
	case EditSet:
		return u.Set(name, value)
	case EditSetIfMissing:
		return u.Set(name, expression.IfNotExists(name, value))
	case EditAdd:
		return u.Add(name, value)
	case EditRemove:
		return u.Remove(name)
	case EditAppend:
		return u.Set(name, expression.ListAppend(list(), value))
	case EditPrepend:
		return u.Set(name, expression.ListAppend(value, list()))
	default:
		return u.Delete(name, value)
	}
}
