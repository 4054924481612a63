package wire_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
)

const page = `{"ConsumedCapacity":{"CapacityUnits":2.5,"TableName":"scores"},"Count":2,"Items":[` +
	`{"id":{"S":"a"},"position":{"N":"1"},"tags":{"SS":["x","y"]}},{"id":{"S":"b"},"position":{"N":"2"}}` +
	`],"LastEvaluatedKey":{"id":{"S":"b"}},"ScannedCount":7}`

var scores = []score{{"a", 1, []string{"x", "y"}}, {"b", 2, nil}}

func query() *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 aws.String("scores"),
		KeyConditionExpression:    aws.String("id = :id"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": &types.AttributeValueMemberS{Value: "a"}},
	}
}

func TestSinkTakesAPage(t *testing.T) {
	t.Parallel()
	spaced := strings.NewReplacer(":", " : ", ",", "\n,\t", "{", "{ ", "]", " ]").Replace(page)
	escaped := strings.NewReplacer(`"Items"`, `"It\u0065ms"`, `"id"`, `"\u0069d"`, `"S":`, `"\u0053":`).Replace(page)
	for name, a := range map[string]answer{
		"plain":           {body: page},
		"gzip":            {body: zip(t, page), header: map[string]string{"Content-Encoding": "gzip"}},
		"white space":     {body: " " + spaced + "\n"},
		"escaped names":   {body: escaped},
		"without CRC32":   {body: page, noSum: true},
		"unknown members": {body: strings.Replace(page, `"Count"`, `"Future":[{"a":[1.5e3,null,true]}],"Count"`, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := stubOf(a).client(func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = true })
			sink := wire.NewSink(codecOf[score](t))
			defer sink.Release()
			for range 2 { // a sink serves one call after the other
				out, err := client.Query(t.Context(), query(), sink.Options()...)
				require.NoError(t, err)
				require.True(t, sink.Used())
				require.NoError(t, sink.Err())
				assert.Equal(t, scores, sink.Items().Interface())

				assert.Empty(t, out.Items)
				assert.EqualValues(t, 2, out.Count)
				assert.EqualValues(t, 7, out.ScannedCount)
				assert.InDelta(t, 2.5, *out.ConsumedCapacity.CapacityUnits, 0)
				assert.Equal(t, map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "b"}}, out.LastEvaluatedKey)
			}
			memory := sink.Take()
			first := memory.Index(0).Addr().Interface()
			sink.Reuse(memory)
			_, err := client.Query(t.Context(), query(), sink.Options()...)
			require.NoError(t, err)
			assert.Equal(t, scores, sink.Items().Interface())
			assert.Same(t, first, sink.Items().Index(0).Addr().Interface())
			taken := sink.Take().Interface()
			_, err = client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("scores")}, sink.Options()...)
			require.NoError(t, err)
			assert.Equal(t, scores, taken)
			assert.Equal(t, scores, sink.Take().Interface())
		})
	}
}

func TestSinkTakesOneItem(t *testing.T) {
	t.Parallel()
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "a"}}
	table := aws.String("scores")
	get := func(ctx context.Context, c *dynamodb.Client, opt func(*dynamodb.Options)) (map[string]types.AttributeValue, error) {
		out, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key}, opt)
		return out.Item, err
	}
	update := func(ctx context.Context, c *dynamodb.Client, opt func(*dynamodb.Options)) (map[string]types.AttributeValue, error) {
		out, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key}, opt)
		return out.Attributes, err
	}
	for name, test := range map[string]struct {
		body string
		call func(context.Context, *dynamodb.Client, func(*dynamodb.Options)) (map[string]types.AttributeValue, error)
		want []score
	}{
		"get":             {`{"Item":{"id":{"S":"b"},"position":{"N":"2"}}}`, get, scores[1:]},
		"get, none":       {`{}`, get, nil},
		"update":          {`{"Attributes":{"position":{"N":"2"},"id":{"S":"b"}}}`, update, scores[1:]},
		"update, nothing": {`{}`, update, nil},
		"delete": {`{"Attributes":{"position":{"N":"2"},"id":{"S":"b"}}}`, func(ctx context.Context, c *dynamodb.Client, opt func(*dynamodb.Options)) (map[string]types.AttributeValue, error) {
			out, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key}, opt)
			return out.Attributes, err
		}, scores[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := wire.NewSink(codecOf[score](t))
			defer sink.Release()
			left, err := test.call(t.Context(), stubOf(answer{body: test.body}).client(), sink.Options()[0])
			require.NoError(t, err)
			require.True(t, sink.Used())
			assert.Empty(t, left)
			assert.Equal(t, test.want, sink.Take().Interface())
		})
	}
}

func TestSinkTakesTables(t *testing.T) {
	t.Parallel()
	body := `{"Responses":{"users":[{"name":{"S":"ann"}}],"other":[{"x":{"N":"1"}}],"scores":[{"id":{"S":"b"},"position":{"N":"2"}}]},` +
		`"UnprocessedKeys":{"scores":{"Keys":[{"id":{"S":"c"}}]}}}`
	sink := wire.NewTables(map[string]*codec.Codec{"scores": codecOf[score](t), "users": codecOf[user](t), "empty": codecOf[user](t)})
	defer sink.Release()
	keys := types.KeysAndAttributes{Keys: []map[string]types.AttributeValue{{"id": &types.AttributeValueMemberS{Value: "b"}}}}
	out, err := stubOf(answer{body: body}).client().BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{"scores": keys},
	}, sink.Options()...)
	require.NoError(t, err)
	require.True(t, sink.Used())
	assert.Equal(t, scores[1:], sink.Table("scores").Interface())
	assert.Equal(t, []user{{"ann"}}, sink.Table("users").Interface())
	assert.Equal(t, []user(nil), sink.Table("empty").Interface())
	assert.False(t, sink.Table("other").IsValid())
	assert.Equal(t, []map[string]types.AttributeValue{{"x": &types.AttributeValueMemberN{Value: "1"}}}, out.Responses["other"])
	assert.Len(t, out.UnprocessedKeys["scores"].Keys, 1)
}

func TestSinkTakesPositions(t *testing.T) {
	t.Parallel()
	body := `{"Responses":[{"Item":{"name":{"S":"ann"}}},{},{"Item":{"id":{"S":"b"},"position":{"N":"2"}}},{"Item":{"name":{"L":[]}}},{"Item":{"name":{"S":"bob"}}}]}`
	users := codecOf[user](t)
	sink := wire.NewPositions([]*codec.Codec{users, users, codecOf[score](t), users, users})
	defer sink.Release()
	get := types.TransactGetItem{Get: &types.Get{TableName: aws.String("t"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "b"}}}}
	out, err := stubOf(answer{body: body}).client().TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{
		TransactItems: []types.TransactGetItem{get, get, get, get, get},
	}, sink.Options()...)
	require.NoError(t, err)
	require.True(t, sink.Used())
	require.NoError(t, sink.Err())
	assert.Len(t, out.Responses, 5)
	for i, want := range []any{user{"ann"}, nil, scores[1], codec.ErrKind, user{"bob"}} {
		v, err := sink.At(i)
		if v.IsValid() {
			require.NoError(t, err)
			assert.Equal(t, want, v.Interface())
			continue
		}
		bad, _ := want.(error)
		assert.Equal(t, errors.Is(bad, codec.ErrKind), errors.Is(err, codec.ErrKind))
	}
}

// Whatever the SDK does about an error it still does.
func TestSinkLeavesErrorsToTheSDK(t *testing.T) {
	t.Parallel()
	throttled := answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow"}`}
	refused := answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"none"}`}
	wrongSum := answer{body: page, header: map[string]string{"X-Amz-Crc32": "1"}}
	whole := answer{body: page}
	cut := answer{body: page[:150], noSum: true, breaks: io.ErrUnexpectedEOF}
	for name, test := range map[string]struct {
		answers  []answer
		attempts int
		fails    func(t *testing.T, err error)
	}{
		"refused": {[]answer{refused}, 1, func(t *testing.T, err error) {
			var notFound *types.ResourceNotFoundException
			require.ErrorAs(t, err, &notFound)
		}},
		"throttled, then fine":    {[]answer{throttled, whole}, 2, nil},
		"broken, then fine":       {[]answer{{status: 500, body: "<html>"}, whole}, 2, nil},
		"wrong CRC32, then fine":  {[]answer{wrongSum, wrongSum, whole}, 3, nil},
		"wrong CRC32, always":     {[]answer{wrongSum}, 3, func(t *testing.T, err error) { require.ErrorIs(t, err, wire.ErrChecksum) }},
		"cut off":                 {[]answer{cut}, 1, func(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) }},
		"truncated":               {[]answer{{body: page[:150]}}, 1, func(t *testing.T, err error) { require.Error(t, err) }},
		"truncated behind items":  {[]answer{{body: page[:len(page)-1]}}, 1, func(t *testing.T, err error) { require.Error(t, err) }},
		"no JSON":                 {[]answer{{body: "<html>"}}, 1, func(t *testing.T, err error) { require.Error(t, err) }},
		"an empty body":           {[]answer{{body: ""}}, 1, nil},
		"a wrong CRC32 in header": {[]answer{{body: page, header: map[string]string{"X-Amz-Crc32": "x"}}}, 1, func(t *testing.T, err error) { require.Error(t, err) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := wire.NewSink(codecOf[score](t))
			defer sink.Release()
			s := stubOf(test.answers...)
			_, err := s.client().Query(t.Context(), query(), sink.Options()...)
			_, plain := stubOf(test.answers...).client().Query(t.Context(), query())
			assert.Len(t, s.bodies, test.attempts)
			if test.fails != nil {
				test.fails(t, err)
				assert.False(t, sink.Used())
				assert.Zero(t, sink.Items().Len())
				if !errors.Is(err, wire.ErrChecksum) {
					require.Error(t, plain)
				}
				return
			}
			require.NoError(t, err)
			require.NoError(t, plain)
			if name != "an empty body" {
				assert.Equal(t, scores, sink.Items().Interface())
			}
		})
	}
}

// A write that had its effect is not sent again for a checksum.
func TestChecksumOfAWriteIsNotRetried(t *testing.T) {
	t.Parallel()
	s := stubOf(answer{body: `{"Attributes":{"id":{"S":"a"}}}`, header: map[string]string{"X-Amz-Crc32": "1"}})
	sink := wire.NewSink(codecOf[score](t))
	defer sink.Release()
	_, err := s.client().UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("scores"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "a"}},
	}, sink.Options()...)
	require.ErrorIs(t, err, wire.ErrChecksum)
	var checksum *wire.ChecksumError
	require.ErrorAs(t, err, &checksum)
	assert.Equal(t, "UpdateItem", checksum.Operation)
	assert.Len(t, s.bodies, 1)
}

// What can't be decoded fails the page, not the call.
func TestSinkKeepsDecodingErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want error
	}{
		"a kind that does not fit": {strings.Replace(page, `{"N":"2"}`, `{"S":"secret"}`, 1), codec.ErrKind},
		"an attribute twice":       {strings.Replace(page, `"position":{"N":"2"}`, `"id":{"S":"b"}`, 1), codec.ErrTwice},
		"text that is not UTF-8":   {strings.Replace(page, `"x"`, "\"\xff\"", 1), codec.ErrText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := wire.NewSink(codecOf[score](t))
			defer sink.Release()
			out, err := stubOf(answer{body: test.body}).client().Query(t.Context(), query(), sink.Options()...)
			require.NoError(t, err)
			assert.EqualValues(t, 7, out.ScannedCount)
			require.True(t, sink.Used())
			require.ErrorIs(t, sink.Err(), test.want)
			assert.NotContains(t, sink.Err().Error(), "secret")
			assert.Zero(t, sink.Items().Len())
		})
	}
}

// renamed is an SDK that calls its middleware otherwise.
type renamed struct {
	middleware.DeserializeMiddleware
}

func (renamed) ID() string { return "SomethingElse" }

func otherStack(stack *middleware.Stack) error {
	m, ok := stack.Deserialize.Get("OperationDeserializer")
	if !ok {
		return errors.New("no such middleware")
	}
	_, err := stack.Deserialize.Swap("OperationDeserializer", renamed{m})
	return err
}

// deaf is a wrapped client that drops the options of a call.
type deaf struct{ *dynamodb.Client }

func (d deaf) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return d.Client.Query(ctx, in)
}

func TestSinkFallsBack(t *testing.T) {
	t.Parallel()
	type querier interface {
		Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	}
	odd := strings.Replace(page, `{"N":"2"}`, `{"N":"2","Future":null}`, 1)
	for name, client := range map[string]querier{
		"a wrapped client":     deaf{stubOf(answer{body: page}).client()},
		"another stack":        stubOf(answer{body: page}).client(func(o *dynamodb.Options) { o.APIOptions = append(o.APIOptions, otherStack) }),
		"a form not known":     stubOf(answer{body: odd}).client(),
		"after a page, reused": stubOf(answer{body: odd}).client(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := codecOf[score](t)
			sink := wire.NewSink(c)
			defer sink.Release()
			if name == "after a page, reused" {
				_, err := stubOf(answer{body: page}).client().Query(t.Context(), query(), sink.Options()...)
				require.NoError(t, err)
				require.True(t, sink.Used())
			}
			out, err := client.Query(t.Context(), query(), sink.Options()...)
			require.NoError(t, err)
			require.False(t, sink.Used())
			assert.Zero(t, sink.Items().Len())
			require.Len(t, out.Items, 2)
			got := make([]score, 2)
			for i, item := range out.Items {
				require.NoError(t, c.Decode(item, reflect.ValueOf(&got[i]).Elem()))
			}
			assert.Equal(t, scores, got)
		})
	}
}
