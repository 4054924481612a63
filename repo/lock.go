package repo

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A WritePolicy guards writes of items that were loaded, by an integer attribute of
// the item that is 1 more behind each write. Package lock has one.
type WritePolicy interface {
	// Attribute names the attribute.
	Attribute() string
	// Guard is the condition on which an item loaded at current is written.
	Guard(current int64) expression.ConditionBuilder
	// Bump raises the value in an update that does not check it.
	Bump(expression.UpdateBuilder) expression.UpdateBuilder
	// Stale makes the error of a write whose guard failed with cause. stored is
	// the stored item, nil if it is gone.
	Stale(table string, expected int64, stored map[string]types.AttributeValue, cause error) error
}
