package key_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/key"
)

func TestTypeOf(t *testing.T) {
	t.Parallel()
	assert.Equal(t, types.ScalarAttributeTypeS, key.TypeOf(&types.AttributeValueMemberS{}))
	assert.Equal(t, types.ScalarAttributeTypeN, key.TypeOf(&types.AttributeValueMemberN{}))
	assert.Equal(t, types.ScalarAttributeTypeB, key.TypeOf(&types.AttributeValueMemberB{}))
	assert.Empty(t, key.TypeOf(&types.AttributeValueMemberBOOL{}))
	assert.Empty(t, key.TypeOf(nil))
}
