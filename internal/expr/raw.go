package expr

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
)

// alias matches the placeholder of a name, with the dot before it if it is not
// the first of a document path.
var alias = regexp.MustCompile(`\.?#[0-9]+`)

// AttributesOf returns the names of the item's attributes that a condition of
// the SDK's expression builder touches, each once, in order: of a document path
// the first name. A condition that can't be built gives the SDK's error.
func AttributesOf(c expression.ConditionBuilder) ([]string, error) {
	e, err := expression.NewBuilder().WithCondition(c).Build()
	if err != nil {
		return nil, fmt.Errorf("cond: %w", err)
	}
	aliases := e.Names()
	var names []string
	for _, a := range alias.FindAllString(*e.Condition(), -1) {
		if name, first := aliases[a]; first && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}
