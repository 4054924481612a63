package wire_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// The whole way on a real engine: what was written by a Body comes back by a
// Sink, by the SDK alone, and equal.
func TestEngine(t *testing.T) {
	t.Parallel()
	client := enginetest.Client(t)
	table := aws.String(enginetest.Namespace(t))
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   table,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("position"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("position"), KeyType: types.KeyTypeRange},
		},
	})
	require.NoError(t, err)

	c := codecOf[score](t)
	want := make([]score, 40)
	for i := range want {
		want[i] = score{"p|\"ü", i, []string{"a", fmt.Sprint("t", i), strings.Repeat("long", 50)}}
	}
	key := func(i int) map[string]types.AttributeValue {
		item, err := c.Encode(reflect.ValueOf(want[i]))
		require.NoError(t, err)
		delete(item, "tags")
		return item
	}

	one, some, tx := wire.NewBody(), wire.NewBody(), wire.NewBody()
	_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: through(t, one)(want[0])}, one.Options()...)
	require.NoError(t, err)
	var requests []types.WriteRequest
	for _, s := range want[1:20] {
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: through(t, some)(s)}})
	}
	written, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{*table: requests}}, some.Options()...)
	require.NoError(t, err)
	require.Empty(t, written.UnprocessedItems)
	var puts []types.TransactWriteItem
	for _, s := range want[20:] {
		puts = append(puts, types.TransactWriteItem{Put: &types.Put{TableName: table, Item: through(t, tx)(s)}})
	}
	_, err = client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: puts}, tx.Options()...)
	require.NoError(t, err)

	sink := wire.NewSink(c)
	defer sink.Release()
	in := &dynamodb.QueryInput{
		TableName: table, Limit: aws.Int32(15), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("id = :id"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": key(0)["id"]},
	}
	var got []score
	for range 4 {
		out, err := client.Query(t.Context(), in, sink.Options()...)
		require.NoError(t, err)
		require.True(t, sink.Used())
		require.NoError(t, sink.Err())
		assert.EqualValues(t, out.Count, sink.Items().Len())
		got = append(got, sink.Items().Interface().([]score)...)
		if in.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
			break
		}
	}
	for i := range got {
		assert.ElementsMatch(t, want[i].Tags, got[i].Tags) // the engine sorts sets
		got[i].Tags = want[i].Tags
	}
	assert.Equal(t, want, got)

	_, err = client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: key(3)}, sink.Options()...)
	require.NoError(t, err)
	assert.Equal(t, 3, sink.Items().Index(0).Field(1).Interface())

	updated, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: table, Key: key(3), UpdateExpression: aws.String("REMOVE tags"), ReturnValues: types.ReturnValueAllNew,
	}, sink.Options()...)
	require.NoError(t, err)
	assert.Empty(t, updated.Attributes)
	assert.Equal(t, []score{{want[3].ID, 3, nil}}, sink.Items().Interface())

	tables := wire.NewTables(map[string]*codec.Codec{*table: c})
	defer tables.Release()
	_, err = client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		*table: {Keys: []map[string]types.AttributeValue{key(5), key(6)}},
	}}, tables.Options()...)
	require.NoError(t, err)
	assert.Equal(t, 2, tables.Table(*table).Len())

	places := wire.NewPositions([]*codec.Codec{c, c})
	defer places.Release()
	missing := key(7)
	missing["position"] = &types.AttributeValueMemberN{Value: "999"}
	_, err = client.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		{Get: &types.Get{TableName: table, Key: missing}}, {Get: &types.Get{TableName: table, Key: key(7)}},
	}}, places.Options()...)
	require.NoError(t, err)
	none, err := places.At(0)
	require.NoError(t, err)
	assert.False(t, none.IsValid())
	seven, err := places.At(1)
	require.NoError(t, err)
	assert.Equal(t, 7, seven.Interface().(score).Position)

	_, err = client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("no_such_table"), Key: key(0)}, sink.Options()...)
	var notFound *types.ResourceNotFoundException
	require.ErrorAs(t, err, &notFound)
	assert.False(t, sink.Used())
}
