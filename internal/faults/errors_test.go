package faults_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
)

func TestErrorsAreTheSDKsOwn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault    faults.Fault
		typed    any // a pointer to the SDK's type of it, nil if it has none
		code     string
		status   int
		attempts int
	}{
		"throttle": {
			faults.Throttle(), new(*types.ProvisionedThroughputExceededException),
			"ProvisionedThroughputExceededException", 400, 3,
		},
		"server error": {
			faults.ServerError(500), new(*types.InternalServerError),
			"InternalServerError", 500, 3,
		},
		"unavailable": {
			faults.ServerError(503), nil,
			"ServiceUnavailable", 503, 3,
		},
		"not retried": {
			faults.Error(400, "TransactionConflictException"), new(*types.TransactionConflictException),
			"TransactionConflictException", 400, 1,
		},
		"unknown": {
			faults.Error(400, "SomethingElse"), nil,
			"SomethingElse", 400, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := faults.New(unreachable(t))
			tr.On("GetItem").Do(tt.fault)

			_, err := client(tr).GetItem(t.Context(), getItem())

			require.Error(t, err)
			if tt.typed != nil {
				require.ErrorAs(t, err, tt.typed)
			}
			api, isAPI := errors.AsType[smithy.APIError](err)
			require.True(t, isAPI)
			assert.Equal(t, tt.code, api.ErrorCode())
			assert.Equal(t, "injected fault", api.ErrorMessage())
			resp, isResponse := errors.AsType[*smithyhttp.ResponseError](err)
			require.True(t, isResponse)
			assert.Equal(t, tt.status, resp.HTTPStatusCode())
			assert.Equal(t, tt.attempts, tr.Count("GetItem"))
		})
	}
}

func TestErrorsCarryLengthAndChecksum(t *testing.T) {
	t.Parallel()
	tr := faults.New(unreachable(t))
	tr.On("Query").Do(faults.Throttle())

	resp, err := tr.Do(newRequest(t, "Query", `{}`))

	require.NoError(t, err)
	assert.Equal(t, "400 Bad Request", resp.Status)
	assert.Equal(t, "application/x-amz-json-1.0", resp.Header.Get("Content-Type"))
	body := readBody(t, resp)
	assert.Equal(t, checksum([]byte(body)), resp.Header.Get("X-Amz-Crc32"))
	assert.JSONEq(t, `{
		"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
		"message": "injected fault"
	}`, body)
}

func TestCancelledTransaction(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault faults.Fault
		want  []string
	}{
		"conflict":          {faults.Conflict(1), []string{"None", "TransactionConflict", "None"}},
		"two conflicts":     {faults.Conflict(2, 0), []string{"TransactionConflict", "None", "TransactionConflict"}},
		"other reasons too": {faults.Cancel(map[int]string{0: "ThrottlingError"}), []string{"ThrottlingError", "None", "None"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := faults.New(unreachable(t))
			tr.On("TransactWriteItems").Do(tt.fault)

			_, err := client(tr).TransactWriteItems(t.Context(), transaction(3))

			cancelled, isCancelled := errors.AsType[*types.TransactionCanceledException](err)
			require.True(t, isCancelled)
			var codes []string
			for _, r := range cancelled.CancellationReasons {
				codes = append(codes, aws.ToString(r.Code))
				assert.Equal(t, aws.ToString(r.Code) == "None", r.Message == nil)
			}
			assert.Equal(t, tt.want, codes)
			assert.Contains(t, cancelled.ErrorMessage(), tt.want[0])
			assert.Equal(t, 1, tr.Calls("TransactWriteItems"))
		})
	}
}

func TestConflictInAReadTransaction(t *testing.T) {
	t.Parallel()
	tr := faults.New(unreachable(t))
	tr.On("TransactGetItems").Do(faults.Conflict(0))
	get := &types.Get{TableName: aws.String("t"), Key: key("a")}

	_, err := client(tr).TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{
		TransactItems: []types.TransactGetItem{{Get: get}},
	})

	var cancelled *types.TransactionCanceledException
	require.ErrorAs(t, err, &cancelled)
	assert.Len(t, cancelled.CancellationReasons, 1)
}

// A fault that can't do what it is there for must not pass unseen.
func TestMisfits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault           faults.Fault
		operation, body string
		answer          string
	}{
		"conflict beyond the transaction": {faults.Conflict(2), "TransactWriteItems", `{"TransactItems":[{},{}]}`, `{}`},
		"conflict before the transaction": {faults.Conflict(-1), "TransactWriteItems", `{"TransactItems":[{}]}`, `{}`},
		"conflict without a transaction":  {faults.Conflict(0), "PutItem", `{}`, `{}`},
		"unprocessed without a batch":     {faults.Unprocessed(1), "Query", `{}`, `{}`},
		"creating without a table":        {faults.Creating(), "Query", `{}`, `{"Items":[]}`},
		"deleting without a table":        {faults.Deleting(1), "DeleteTable", `{}`, `{}`},
		"status of an index not there":    {faults.IndexStatus("i", "ACTIVE"), "DescribeTable", `{}`, `{"Table":{}}`},
		"truncate nothing":                {faults.Truncate(0), "Query", `{}`, ``},
		"corrupt nothing":                 {faults.Corrupt(), "Query", `{}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := faults.New(answering(tt.answer))
			tr.On("*").Do(tt.fault)
			_, err := tr.Do(newRequest(t, tt.operation, tt.body))
			assert.ErrorIs(t, err, faults.ErrMisfit)
		})
	}
}

// A compressed answer can't be rewritten, and the SDK does not ask for it.
func TestCompressedAnswerIsAMisfit(t *testing.T) {
	t.Parallel()
	tr := faults.New(smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
		resp := ok(`{}`)
		resp.Header.Set("Content-Encoding", "gzip")
		return resp, nil
	}))
	tr.On("Query").Do(faults.Answer(func(body []byte) []byte { return body }))
	_, err := tr.Do(newRequest(t, "Query", `{}`))
	assert.ErrorIs(t, err, faults.ErrMisfit)
}

func TestMisfitShowsThroughTheSDK(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	tr.On("GetItem").Do(faults.Unprocessed(1))
	_, err := client(tr).GetItem(t.Context(), getItem())
	assert.ErrorIs(t, err, faults.ErrMisfit)
}

// unreachable is an engine that must not be sent anything.
func unreachable(t *testing.T) smithyhttp.ClientDoFunc {
	return func(req *http.Request) (*http.Response, error) {
		assert.Fail(t, "request sent", req.Header.Get("X-Amz-Target"))
		return nil, errors.New("unreachable")
	}
}

// transaction returns a write of n items.
func transaction(n int) *dynamodb.TransactWriteItemsInput {
	in := &dynamodb.TransactWriteItemsInput{}
	for i := range n {
		put := &types.Put{TableName: aws.String("t"), Item: key(string(rune('a' + i)))}
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: put})
	}
	return in
}

func getItem() *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{TableName: aws.String("t"), Key: key("a")}
}

// key returns the key of an item, which is an item too.
func key(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
}
