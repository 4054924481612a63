package faults_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
)

func TestRequestsAreRecordedInOrder(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	c := client(tr)
	for _, limit := range []int32{2, 1} {
		_, err := c.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("t"), Limit: &limit})
		require.NoError(t, err)
	}
	_, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("t")})
	require.NoError(t, err)

	queries := tr.Requests("Query")
	require.Len(t, queries, 2)
	assert.Equal(t, map[string]any{"TableName": "t", "Limit": 2.0}, queries[0].JSON())
	assert.Equal(t, map[string]any{"TableName": "t", "Limit": 1.0}, queries[1].JSON())
	assert.Equal(t, []string{"Query", "Query", "Scan"}, operations(tr.Requests("*")))
	assert.Equal(t, []int{2, 1}, tr.Limits("Query"))
	assert.Equal(t, []int{0}, tr.Limits("Scan"))
	assert.Equal(t, 2, tr.Count("Query"))
	assert.Equal(t, 3, tr.Total())
	assert.Equal(t, map[string]int{"Query": 2, "Scan": 1}, tr.Counts())
}

func TestWatch(t *testing.T) {
	t.Parallel()
	tr := faults.Front(answering(`{}`))
	get := func() {
		_, err := client(tr).GetItem(t.Context(), getItem())
		require.NoError(t, err)
	}
	var first, second []faults.Request
	stop := tr.Watch(func(r faults.Request) { first = append(first, r) })
	get()
	tr.Watch(func(r faults.Request) { second = append(second, r) })
	get()
	stop()
	stop()
	get()

	assert.Equal(t, []string{"GetItem", "GetItem"}, operations(first))
	assert.Equal(t, []string{"GetItem", "GetItem"}, operations(second))
	assert.Nil(t, tr.Requests("*"), "it keeps none")
}

func TestNoRequests(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	assert.Nil(t, tr.Requests("*"))
	assert.Nil(t, tr.Limits("Query"))
	assert.Zero(t, tr.Total())
	assert.Zero(t, tr.Calls("*"))
	assert.Equal(t, map[string]int{}, tr.Counts())
}

// A retry of the SDK is a request of the same call.
func TestAttemptsAndCalls(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	tr.On("GetItem").Times(2).Do(faults.Throttle())
	c := client(tr)
	for range 2 {
		_, err := c.GetItem(t.Context(), getItem())
		require.NoError(t, err)
	}

	assert.Equal(t, 4, tr.Count("GetItem"))
	assert.Equal(t, 2, tr.Calls("GetItem"))
	assert.Zero(t, tr.Calls("Query"))
	var attempts []int
	for _, r := range tr.Requests("GetItem") {
		assert.NotEmpty(t, r.Call)
		attempts = append(attempts, r.Attempt)
	}
	assert.Equal(t, []int{1, 2, 3, 1}, attempts)
}

// What is no call of the SDK counts as one each.
func TestCallsWithoutAnIdentity(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	status(t, tr, "Query", `{}`)
	status(t, tr, "Query", `{}`)
	assert.Equal(t, 2, tr.Calls("Query"))
	assert.Zero(t, tr.Requests("Query")[0].Attempt)
}

func TestRequestsAreCopies(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	status(t, tr, "Query", `{"Limit":3}`)
	clear(tr.Requests("Query")[0].Body)
	assert.Equal(t, []int{3}, tr.Limits("Query"))
}

func TestRequestThatIsNoJSON(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	status(t, tr, "Query", `[`)
	assert.Nil(t, tr.Requests("Query")[0].JSON())
	assert.Equal(t, []int{0}, tr.Limits("Query"))
}

func TestResetKeepsTheSchedule(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	tr.On("Query").Nth(2).Do(faults.Throttle())
	assert.Equal(t, 200, status(t, tr, "Query", `{}`))
	tr.Reset()
	assert.Zero(t, tr.Total())
	assert.Equal(t, 400, status(t, tr, "Query", `{}`))
	assert.Equal(t, 1, tr.Total())
}

func operations(requests []faults.Request) []string {
	var names []string
	for _, r := range requests {
		names = append(names, r.Operation)
	}
	return names
}
