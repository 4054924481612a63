package wire_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/wire"
)

// adder gives the item of a score, as it is or by way of a body.
type adder func(score) map[string]types.AttributeValue

func standard(t *testing.T) adder {
	c := codecOf[score](t)
	return func(s score) map[string]types.AttributeValue {
		item, err := c.Encode(reflect.ValueOf(s))
		require.NoError(t, err)
		return item
	}
}

func through(t *testing.T, b *wire.Body) adder {
	c := codecOf[score](t)
	return func(s score) map[string]types.AttributeValue {
		text, err := c.AppendItem(nil, reflect.ValueOf(s))
		require.NoError(t, err)
		return b.Item(text)
	}
}

func put(client *dynamodb.Client, t *testing.T, item adder, opts ...func(*dynamodb.Options)) error {
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String("scores"), Item: item(scores[0]),
		ConditionExpression:       aws.String("position < :p"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberN{Value: "7"}},
	}, opts...)
	return err
}

func batch(client *dynamodb.Client, t *testing.T, item adder, opts ...func(*dynamodb.Options)) error {
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "gone"}}
	_, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
		"scores": {
			{PutRequest: &types.PutRequest{Item: item(scores[0])}},
			{DeleteRequest: &types.DeleteRequest{Key: key}},
			{PutRequest: &types.PutRequest{Item: item(scores[1])}},
		},
		"more": {{PutRequest: &types.PutRequest{Item: item(score{ID: "quote\" \u2028 é"})}}},
	}}, opts...)
	return err
}

func transact(client *dynamodb.Client, t *testing.T, item adder, opts ...func(*dynamodb.Options)) error {
	table := aws.String("scores")
	second := item(scores[1]) // not in the order of the request
	_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		ClientRequestToken: aws.String("token"),
		TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: table, Item: item(scores[0])}},
			{Delete: &types.Delete{TableName: table, Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "x"}}}},
			{Put: &types.Put{TableName: table, Item: second}},
		},
	}, opts...)
	return err
}

// The request is the one that the SDK would have sent.
func TestBodyWritesTheSameRequest(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(*dynamodb.Client, *testing.T, adder, ...func(*dynamodb.Options)) error{
		"put": put, "batch": batch, "transact": transact,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fine := answer{body: "{}"}
			plain := stubOf(fine)
			require.NoError(t, call(plain.client(), t, standard(t)))

			s := stubOf(answer{status: 500, body: "{}"}, fine)
			body := wire.NewBody()
			require.NoError(t, call(s.client(), t, through(t, body), body.Options()...))
			require.Len(t, s.bodies, 2, "sent twice")
			assert.Equal(t, s.bodies[0], s.bodies[1])
			assert.EqualValues(t, len(s.bodies[0]), s.lengths[0])
			assert.JSONEq(t, plain.bodies[0], s.bodies[0])
			assert.True(t, json.Valid([]byte(s.bodies[0])))
		})
	}
}

type renamedSerializer struct{ middleware.SerializeMiddleware }

func (renamedSerializer) ID() string { return "SomethingElse" }

// Nothing is sent with a placeholder in it.
func TestBodyFailsBeforeSending(t *testing.T) {
	t.Parallel()
	t.Run("another stack", func(t *testing.T) {
		t.Parallel()
		s := stubOf(answer{body: "{}"})
		client := s.client(func(o *dynamodb.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				m, _ := stack.Serialize.Get("OperationSerializer")
				_, err := stack.Serialize.Swap("OperationSerializer", renamedSerializer{m})
				return err
			})
		})
		body := wire.NewBody()
		require.ErrorIs(t, put(client, t, through(t, body), body.Options()...), wire.ErrBody)
		assert.Empty(t, s.bodies)
	})
	t.Run("a placeholder missing", func(t *testing.T) {
		t.Parallel()
		s := stubOf(answer{body: "{}"})
		body := wire.NewBody()
		through(t, body)(scores[0])
		require.ErrorIs(t, put(s.client(), t, standard(t), body.Options()...), wire.ErrBody)
		assert.Empty(t, s.bodies)
	})
	t.Run("a placeholder twice", func(t *testing.T) {
		t.Parallel()
		s := stubOf(answer{body: "{}"})
		body := wire.NewBody()
		once := through(t, body)(scores[0])
		through(t, body)(score{}) // as many as there are placeholders
		through(t, body)(score{})
		require.ErrorIs(t, batch(s.client(), t, func(score) map[string]types.AttributeValue { return once }, body.Options()...), wire.ErrBody)
		assert.Empty(t, s.bodies)
	})
}

// Lists of keys and requests are those that the SDK would have sent, in another
// order.
func TestBodyWritesLists(t *testing.T) {
	t.Parallel()
	c, item := codecOf[score](t), standard(t)
	text := func(list ...score) (texts [][]byte) {
		for _, s := range list {
			one, err := c.AppendItem(nil, reflect.ValueOf(s))
			require.NoError(t, err)
			texts = append(texts, one)
		}
		return texts
	}
	put := func(s score) types.WriteRequest {
		return types.WriteRequest{PutRequest: &types.PutRequest{Item: item(s)}}
	}
	remove := func(s score) types.WriteRequest {
		return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: item(s)}}
	}
	read := func(client *dynamodb.Client, keys []map[string]types.AttributeValue, opts ...func(*dynamodb.Options)) error {
		_, err := client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{"scores": {Keys: keys, ConsistentRead: aws.Bool(true)}},
		}, opts...)
		return err
	}
	write := func(client *dynamodb.Client, requests map[string][]types.WriteRequest, opts ...func(*dynamodb.Options)) error {
		_, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: requests}, opts...)
		return err
	}
	a, b, quoted := scores[0], scores[1], score{ID: "quote\" \u2028 é"}
	for name, test := range map[string]struct {
		plain  func(*dynamodb.Client) error
		direct func(*dynamodb.Client, *wire.Body) error
	}{
		"keys": {
			func(client *dynamodb.Client) error {
				return read(client, []map[string]types.AttributeValue{item(a), item(quoted)})
			},
			func(client *dynamodb.Client, body *wire.Body) error {
				return read(client, body.Keys(text(a, quoted)), body.Options()...)
			},
		},
		"writes beside the SDK's": {
			func(client *dynamodb.Client) error {
				return write(client, map[string][]types.WriteRequest{"scores": {put(a), remove(b), remove(a), put(b)}})
			},
			func(client *dynamodb.Client, body *wire.Body) error {
				return write(client, map[string][]types.WriteRequest{
					"scores": {put(a), body.Deletes(text(b)), remove(a), body.Puts(text(b))},
				}, body.Options()...)
			},
		},
		"writes": {
			func(client *dynamodb.Client) error {
				return write(client, map[string][]types.WriteRequest{
					"scores": {put(a), put(quoted), remove(b), remove(quoted), put(b)}, "more": {put(b)}, "less": {remove(a)},
				})
			},
			func(client *dynamodb.Client, body *wire.Body) error {
				return write(client, map[string][]types.WriteRequest{
					"more": {body.Puts(text(b))}, "less": {body.Deletes(text(a))},
					"scores": {body.Puts(text(a, quoted)), body.Deletes(text(b, quoted)), put(b)},
				}, body.Options()...)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, direct := stubOf(answer{body: "{}"}), stubOf(answer{body: "{}"})
			require.NoError(t, test.plain(plain.client()))
			require.NoError(t, test.direct(direct.client(), wire.NewBody()))
			assert.JSONEq(t, plain.bodies[0], direct.bodies[0])
			assert.EqualValues(t, len(direct.bodies[0]), direct.lengths[0])
		})
	}
	t.Run("a request where a key should be", func(t *testing.T) {
		t.Parallel()
		s := stubOf(answer{body: "{}"})
		body := wire.NewBody()
		key := body.Puts(text(a)).DeleteRequest.Key
		require.ErrorIs(t, read(s.client(), []map[string]types.AttributeValue{key}, body.Options()...), wire.ErrBody)
		assert.Empty(t, s.bodies)
	})
}

func TestDirect(t *testing.T) {
	t.Parallel()
	client := stubOf(answer{}).client()
	assert.True(t, wire.Direct(client))
	assert.False(t, wire.Direct(deaf{client}))
}
