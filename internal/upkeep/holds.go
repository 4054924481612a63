package upkeep

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/values"
)

// Holds reports whether an item is as edits leave it. It is false of those that
// add to what is there: of these an item does not tell.
func Holds(edits []*expr.Edit, stored map[string]types.AttributeValue) bool {
	for _, e := range edits {
		is := e.Path.In(stored)
		switch e.Op {
		case expr.EditSet:
			if !values.Equal(is, e.Value) {
				return false
			}
		case expr.EditRemove:
			if is != nil {
				return false
			}
		case expr.EditSetIfMissing:
			if is == nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}
