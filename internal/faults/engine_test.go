package faults_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
)

// What the engine has done shows whether a request reached it.
func TestCutRequestsAndTheirEffect(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault faults.Fault
		want  string
	}{
		"before": {faults.CutBefore(), "1"},
		"after":  {faults.CutAfter(), "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, c := withEngine(t)
			table := newTable(t, c)
			tr.On("UpdateItem").Times(1).Do(tt.fault)

			out, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
				TableName: &table, Key: key("a"),
				UpdateExpression:          aws.String("ADD n :one"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
				ReturnValues:              types.ReturnValueAllNew,
			})

			require.NoError(t, err)
			assert.Equal(t, &types.AttributeValueMemberN{Value: tt.want}, out.Attributes["n"])
			assert.Equal(t, 2, tr.Count("UpdateItem"))
			assert.Equal(t, 1, tr.Calls("UpdateItem"))
		})
	}
}

func TestConflictHasNoEffect(t *testing.T) {
	t.Parallel()
	tr, c := withEngine(t)
	table := newTable(t, c)
	in := transaction(2)
	for _, item := range in.TransactItems {
		item.Put.TableName = &table
	}
	tr.On("TransactWriteItems").Times(1).Do(faults.Conflict(0))

	_, err := c.TransactWriteItems(t.Context(), in)
	var cancelled *types.TransactionCanceledException
	require.ErrorAs(t, err, &cancelled)
	assert.Empty(t, stored(t, c, table))

	_, err = c.TransactWriteItems(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, stored(t, c, table))
}

func TestAnswerOfTheEngineIsRewritten(t *testing.T) {
	t.Parallel()
	tr, c := withEngine(t)
	table := newTable(t, c)
	put(t, c, table, "a")
	injection := tr.On("GetItem").Do(faults.Answer(func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"a"`), []byte(`"another"`), 1)
	}))

	out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key("a")})
	require.NoError(t, err)
	assert.Equal(t, key("another"), out.Item)

	// An error is not an answer to rewrite.
	_, err = c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table + "x"), Key: key("a")})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, 2, injection.Struck())
}

func TestTruncatedAnswerFails(t *testing.T) {
	t.Parallel()
	tr, c := withEngine(t)
	table := newTable(t, c)
	put(t, c, table, "a")
	get := &dynamodb.GetItemInput{TableName: &table, Key: key("a")}

	broken := tr.On("GetItem").Do(faults.Truncate(10))
	_, err := c.GetItem(t.Context(), get)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	broken.Stop()

	ended := tr.On("GetItem").Do(faults.Shorten(10))
	_, err = c.GetItem(t.Context(), get)
	require.Error(t, err)
	require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
	ended.Stop()
	assert.Equal(t, []int{1, 1}, []int{broken.Struck(), ended.Struck()}, "the SDK retries neither")

	out, err := c.GetItem(t.Context(), get)
	require.NoError(t, err)
	assert.Equal(t, key("a"), out.Item)
}

// The SDK tells of a checksum that is wrong in its log only.
func TestCorruptAnswerIsLoggedByTheSDK(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	tr := faults.New(nil)
	c := enginetest.Client(t, through(tr), func(o *dynamodb.Options) { o.Logger = logging.NewStandardLogger(&log) })
	table := newTable(t, c)
	put(t, c, table, "a1")
	require.Empty(t, log.String())
	tr.On("GetItem").Do(faults.Corrupt())

	out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key("a1")})

	require.NoError(t, err)
	assert.Equal(t, key("a2"), out.Item)
	assert.Contains(t, log.String(), "did not match expected checksum")
}

// withEngine returns a transport in front of the engine, and a client over it.
func withEngine(t *testing.T) (*faults.Transport, *dynamodb.Client) {
	t.Helper()
	tr := faults.New(nil)
	return tr, enginetest.Client(t, through(tr))
}

// withCheckedEngine is withEngine with a client that checks the length and the
// checksum of each answer.
func withCheckedEngine(t *testing.T) (*faults.Transport, *dynamodb.Client) {
	t.Helper()
	tr := faults.New(nil)
	checked := smithyhttp.ClientDoFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := tr.Do(req)
		if err != nil {
			return nil, err
		}
		body := readBody(t, resp)
		assert.Equal(t, strconv.Itoa(len(body)), resp.Header.Get("Content-Length"))
		if resp.StatusCode == http.StatusOK { // The engine's errors have no checksum.
			assert.Equal(t, checksum([]byte(body)), resp.Header.Get("X-Amz-Crc32"))
		}
		resp.Body = io.NopCloser(strings.NewReader(body))
		return resp, nil
	})
	return tr, enginetest.Client(t, through(tr), func(o *dynamodb.Options) { o.HTTPClient = checked })
}

// newTable creates a table and returns its name.
func newTable(t *testing.T, c *dynamodb.Client) string {
	t.Helper()
	name := enginetest.Namespace(t)
	createTable(t, c, name)
	return name
}

// createTable creates a table with the hash key id and a global index by_n.
func createTable(t *testing.T, c *dynamodb.Client, name string) {
	t.Helper()
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("n"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("by_n"),
			KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String("n"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	require.NoError(t, err)
}

// put writes an item for each of the ids.
func put(t *testing.T, c *dynamodb.Client, table string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		_, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: key(id)})
		require.NoError(t, err)
	}
}

// stored returns the ids of the items in the table, sorted; nil if it is empty.
func stored(t *testing.T, c *dynamodb.Client, table string) []string {
	t.Helper()
	out, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	require.NoError(t, err)
	return ids(out.Items)
}

// ids returns the ids of the items, sorted; nil if there are none.
func ids(items []map[string]types.AttributeValue) []string {
	var found []string
	for _, item := range items {
		found = append(found, item["id"].(*types.AttributeValueMemberS).Value)
	}
	slices.Sort(found)
	return found
}
