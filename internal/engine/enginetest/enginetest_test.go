package enginetest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

func TestEngineIsOneForAllTests(t *testing.T) {
	t.Parallel()
	first, second := enginetest.Engine(t), enginetest.Engine(t)
	assert.Same(t, first, second)
}

func TestClientStoresAndReads(t *testing.T) {
	t.Parallel()
	client := enginetest.Client(t)
	table := enginetest.Namespace(t) + "_items"
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            &table,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		BillingMode:          types.BillingModePayPerRequest,
	})
	require.NoError(t, err)
	item := map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: "a"},
		"n":  &types.AttributeValueMemberN{Value: "42"},
	}
	_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
	require.NoError(t, err)
	// Another client of the same engine sees the same data.
	got, err := enginetest.Client(t).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &table, Key: map[string]types.AttributeValue{"id": item["id"]},
	})
	require.NoError(t, err)
	assert.Equal(t, item, got.Item)
}

func TestClientAppliesOptionsLast(t *testing.T) {
	t.Parallel()
	client := enginetest.Client(t, func(o *dynamodb.Options) { o.Region = "eu-west-1" })
	assert.Equal(t, "eu-west-1", client.Options().Region)
	assert.Equal(t, enginetest.Engine(t).Endpoint(), *client.Options().BaseEndpoint)
}

func TestApart(t *testing.T) {
	t.Parallel()
	one, other := enginetest.Client(t, enginetest.Apart), enginetest.Client(t, enginetest.Apart)
	assert.NotEqual(t, one.Options().Region, other.Options().Region)
	assert.NotEqual(t, enginetest.Client(t).Options().Region, one.Options().Region)
}

func TestNamespace(t *testing.T) {
	t.Parallel()
	legal := regexp.MustCompile(`^test_[a-zA-Z0-9_.-]+$`)
	names := []string{"short", "späße / 100%", strings.Repeat("long", 30)}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := enginetest.Namespace(t)
			assert.Regexp(t, legal, ns)
			assert.Less(t, len(ns), 60)
			assert.NotEqual(t, ns, enginetest.Namespace(t))
		})
	}
}
