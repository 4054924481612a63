package values

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

// Composite makes a composite key attribute of its parts, as many as it has
// fields. One that is an index's alone is nil where the item stays out of the
// index, see [Sparse].
func Composite(c key.Part, parts []types.AttributeValue, ofTable bool) (types.AttributeValue, error) {
	if !ofTable && Sparse(parts) {
		return nil, nil
	}
	return c.Inside(door.Key{}).Encode(parts)
}

// Sparse reports whether an item with these parts of a composite key is left
// out of an index: a part is missing or NULL, or every string part is empty
// (rule F7).
func Sparse(parts []types.AttributeValue) bool {
	texts, empty := 0, 0
	for _, av := range parts {
		switch v := av.(type) {
		case nil, *types.AttributeValueMemberNULL:
			return true
		case *types.AttributeValueMemberS:
			texts++
			if v.Value == "" {
				empty++
			}
		}
	}
	return texts > 0 && texts == empty
}
