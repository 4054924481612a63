package values

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Exact reports whether no number of what is stored was lost in loading it: two
// that load as one are not the same item.
func Exact(stored, loaded Item) bool {
	for name, av := range loaded {
		if !exactValue(stored[name], av) {
			return false
		}
	}
	return true
}

func exactValue(stored, loaded types.AttributeValue) bool {
	switch loaded := loaded.(type) {
	case *types.AttributeValueMemberN, *types.AttributeValueMemberNS:
		_, null := stored.(*types.AttributeValueMemberNULL)
		return stored == nil || null || Equal(stored, loaded) // a zero is what nothing loads as
	case *types.AttributeValueMemberM:
		m, ok := stored.(*types.AttributeValueMemberM)
		return !ok || Exact(m.Value, loaded.Value)
	case *types.AttributeValueMemberL:
		l, ok := stored.(*types.AttributeValueMemberL)
		for i := 0; ok && i < min(len(l.Value), len(loaded.Value)); i++ {
			if !exactValue(l.Value[i], loaded.Value[i]) {
				return false
			}
		}
	}
	return true
}
