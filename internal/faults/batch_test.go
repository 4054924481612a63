package faults_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
)

func TestUnprocessedKeys(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault     faults.Fault
		readA     []string
		readB     []string
		leftA     []string
		leftB     []string
		throttled bool
	}{
		"none":              {fault: faults.Unprocessed(0), readA: []string{"a", "b"}, readB: []string{"c", "d"}},
		"fewer than none":   {fault: faults.Unprocessed(-1), readA: []string{"a", "b"}, readB: []string{"c", "d"}},
		"the last":          {fault: faults.Unprocessed(1), readA: []string{"a", "b"}, readB: []string{"c"}, leftB: []string{"d"}},
		"a table whole":     {fault: faults.Unprocessed(2), readA: []string{"a", "b"}, leftB: []string{"c", "d"}},
		"of two tables":     {fault: faults.Unprocessed(3), readA: []string{"a"}, leftA: []string{"b"}, leftB: []string{"c", "d"}},
		"all":               {fault: faults.Unprocessed(4), throttled: true},
		"more than all":     {fault: faults.Unprocessed(9), throttled: true},
		"all but the first": {fault: faults.Processed(1), readA: []string{"a"}, leftA: []string{"b"}, leftB: []string{"c", "d"}},
		"all but more":      {fault: faults.Processed(9), readA: []string{"a", "b"}, readB: []string{"c", "d"}},
		"all but none":      {fault: faults.Processed(0), throttled: true},
		"all but a minus":   {fault: faults.Processed(-1), throttled: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, c := withCheckedEngine(t)
			namespace := enginetest.Namespace(t)
			a, b := namespace+"_a", namespace+"_b"
			createTable(t, c, a)
			createTable(t, c, b)
			put(t, c, a, "a", "b")
			put(t, c, b, "c", "d")
			tr.On("BatchGetItem").Do(tt.fault)

			out, err := c.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{
					a: {Keys: []map[string]types.AttributeValue{key("a"), key("b")}},
					b: {
						Keys:                     []map[string]types.AttributeValue{key("c"), key("d")},
						ProjectionExpression:     aws.String("#i"),
						ExpressionAttributeNames: map[string]string{"#i": "id"},
					},
				},
			})

			if tt.throttled {
				var throttled *types.ProvisionedThroughputExceededException
				require.ErrorAs(t, err, &throttled)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.readA, ids(out.Responses[a]))
			assert.Equal(t, tt.readB, ids(out.Responses[b]))
			assert.Equal(t, tt.leftA, ids(out.UnprocessedKeys[a].Keys))
			assert.Equal(t, tt.leftB, ids(out.UnprocessedKeys[b].Keys))
			if tt.leftB != nil {
				// What is left can be sent as it is.
				assert.Equal(t, "#i", aws.ToString(out.UnprocessedKeys[b].ProjectionExpression))
				assert.Equal(t, map[string]string{"#i": "id"}, out.UnprocessedKeys[b].ExpressionAttributeNames)
			}
		})
	}
}

// What was left unprocessed and sent again is done in the end.
func TestUnprocessedKeysSentAgain(t *testing.T) {
	t.Parallel()
	tr, c := withCheckedEngine(t)
	table := newTable(t, c)
	put(t, c, table, "a", "b", "c", "d", "e")
	tr.On("BatchGetItem").Times(2).Do(faults.Unprocessed(2))
	in := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		table: {Keys: []map[string]types.AttributeValue{key("a"), key("b"), key("c"), key("d"), key("e")}},
	}}

	var read [][]string
	for len(in.RequestItems) > 0 {
		out, err := c.BatchGetItem(t.Context(), in)
		require.NoError(t, err)
		read = append(read, ids(out.Responses[table]))
		in.RequestItems = out.UnprocessedKeys
	}

	// The second request, for two, is throttled, and done by the SDK's retry.
	assert.Equal(t, [][]string{{"a", "b", "c"}, {"d", "e"}}, read)
	assert.Equal(t, 2, tr.Calls("BatchGetItem"))
	assert.Equal(t, 3, tr.Count("BatchGetItem"))
}

func TestUnprocessedItemsAreNotWritten(t *testing.T) {
	t.Parallel()
	tr, c := withCheckedEngine(t)
	table := newTable(t, c)
	put(t, c, table, "z")
	injection := tr.On("BatchWriteItem").Times(1).Do(faults.Unprocessed(2))
	in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: {
		{PutRequest: &types.PutRequest{Item: key("a")}},
		{PutRequest: &types.PutRequest{Item: key("b")}},
		{DeleteRequest: &types.DeleteRequest{Key: key("z")}},
	}}}

	out, err := c.BatchWriteItem(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, in.RequestItems[table][1:], out.UnprocessedItems[table])
	assert.Equal(t, []string{"a", "z"}, stored(t, c, table))
	assert.Equal(t, 1, injection.Struck())

	out, err = c.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: out.UnprocessedItems})
	require.NoError(t, err)
	assert.Empty(t, out.UnprocessedItems)
	assert.Equal(t, []string{"a", "b"}, stored(t, c, table))

	// What was recorded is what the SDK sent, not what the engine was sent.
	items := tr.Requests("BatchWriteItem")[0].JSON()["RequestItems"].(map[string]any)
	assert.Len(t, items[table], 3)
}

func TestUnprocessedPassesAnErrorOfTheEngine(t *testing.T) {
	t.Parallel()
	tr, c := withCheckedEngine(t)
	table := newTable(t, c) + "x"
	tr.On("BatchGetItem").Do(faults.Unprocessed(1))

	_, err := c.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{
			table: {Keys: []map[string]types.AttributeValue{key("a"), key("b")}},
		},
	})

	var missing *types.ResourceNotFoundException
	assert.ErrorAs(t, err, &missing)
}

// An empty batch is the engine's to refuse.
func TestUnprocessedOfNothing(t *testing.T) {
	t.Parallel()
	tr, c := withCheckedEngine(t)
	tr.On("BatchGetItem").Do(faults.Processed(0))

	_, err := c.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{},
	})

	refused, isAPI := errors.AsType[smithy.APIError](err)
	require.True(t, isAPI)
	assert.Equal(t, "ValidationException", refused.ErrorCode())
}

// The engine leaves keys over by itself when an answer reaches 16 MB.
func TestUnprocessedAddsToWhatTheEngineLeft(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{
		"Responses": {"t": []},
		"UnprocessedKeys": {
			"t": {"Keys": [{"id": {"S": "b"}}], "ConsistentRead": true},
			"u": {"Keys": [{"id": {"S": "<&>"}}]}
		}
	}`))
	tr.On("BatchGetItem").Do(faults.Unprocessed(1))

	out, err := client(tr).BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{
			"t": {Keys: []map[string]types.AttributeValue{key("a"), key("b")}, ConsistentRead: aws.Bool(true)},
			"u": {Keys: []map[string]types.AttributeValue{key("<&>"), key("d")}},
		},
	})

	require.NoError(t, err)
	assert.Equal(t, map[string]types.KeysAndAttributes{
		"t": {Keys: []map[string]types.AttributeValue{key("b")}, ConsistentRead: aws.Bool(true)},
		"u": {Keys: []map[string]types.AttributeValue{key("<&>"), key("d")}},
	}, out.UnprocessedKeys)
}

func TestUnprocessedReportsWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`[]`))
	tr.On("*").Do(faults.Unprocessed(1))
	for name, body := range map[string]string{
		"request": `[]`,
		"answer":  `{"RequestItems":{"t":[{},{}]}}`,
	} {
		_, err := tr.Do(newRequest(t, "BatchWriteItem", body))
		var wrong *json.UnmarshalTypeError
		assert.ErrorAs(t, err, &wrong, name)
	}
}
