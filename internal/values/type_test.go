package values_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/values"
)

func TestTypeOf(t *testing.T) {
	t.Parallel()
	assert.Equal(t, types.ScalarAttributeTypeS, values.TypeOf(&types.AttributeValueMemberS{}))
	assert.Equal(t, types.ScalarAttributeTypeN, values.TypeOf(&types.AttributeValueMemberN{}))
	assert.Equal(t, types.ScalarAttributeTypeB, values.TypeOf(&types.AttributeValueMemberB{}))
	assert.Empty(t, values.TypeOf(&types.AttributeValueMemberBOOL{}))
	assert.Empty(t, values.TypeOf(nil))
}
