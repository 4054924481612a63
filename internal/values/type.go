package values

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// TypeOf returns the type of key that v can be: S, N or B; "" for nil and for
// any other value, which DynamoDB can't index.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeDefinition.html
func TypeOf(v types.AttributeValue) types.ScalarAttributeType {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return types.ScalarAttributeTypeS
	case *types.AttributeValueMemberN:
		return types.ScalarAttributeTypeN
	case *types.AttributeValueMemberB:
		return types.ScalarAttributeTypeB
	}
	return ""
}
