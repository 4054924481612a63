package faults_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
)

func TestStatuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault faults.Fault
		table types.TableStatus
		index types.IndexStatus
	}{
		"creating": {faults.Creating(), types.TableStatusCreating, types.IndexStatusCreating},
		"table":    {faults.TableStatus(types.TableStatusUpdating), types.TableStatusUpdating, types.IndexStatusActive},
		"index":    {faults.IndexStatus("by_n", types.IndexStatusDeleting), types.TableStatusActive, types.IndexStatusDeleting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, c := withCheckedEngine(t)
			created := newTable(t, c)
			tr.On("DescribeTable", "UpdateTable").Times(3).Do(tt.fault)

			for range 2 {
				table := describe(t, c, created)
				assert.Equal(t, tt.table, table.TableStatus)
				assert.Equal(t, tt.index, table.GlobalSecondaryIndexes[0].IndexStatus)
			}
			out, err := c.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
				TableName:           &created,
				StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly},
			})
			require.NoError(t, err)
			assert.Equal(t, tt.table, out.TableDescription.TableStatus)

			table := describe(t, c, created)
			assert.Equal(t, types.TableStatusActive, table.TableStatus)
			assert.Equal(t, types.IndexStatusActive, table.GlobalSecondaryIndexes[0].IndexStatus)
		})
	}
}

// The rest of a description is the engine's, to the last digit.
func TestStatusLeavesTheRest(t *testing.T) {
	t.Parallel()
	tr, c := withCheckedEngine(t)
	created := newTable(t, c)
	want := describe(t, c, created)
	want.TableStatus = types.TableStatusArchived
	tr.On("DescribeTable").Do(faults.TableStatus(types.TableStatusArchived))
	assert.Equal(t, want, describe(t, c, created))
}

func TestDeletedTableLingers(t *testing.T) {
	t.Parallel()
	tr, c := withCheckedEngine(t)
	first, second := newTable(t, c), newTable(t, c)
	tr.On("DeleteTable", "DescribeTable").Do(faults.Deleting(2))
	assert.Equal(t, types.TableStatusActive, describe(t, c, first).TableStatus)

	for _, name := range []string{first, second} {
		out, err := c.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name})
		require.NoError(t, err)
		assert.Equal(t, types.TableStatusDeleting, out.TableDescription.TableStatus)
	}

	// Each table lingers for itself.
	for range 2 {
		assert.Equal(t, types.TableStatusDeleting, describe(t, c, first).TableStatus)
	}
	assertGone(t, c, first)
	lingering := describe(t, c, second)
	assert.Equal(t, second, *lingering.TableName)
	assert.Equal(t, types.TableStatusDeleting, lingering.TableStatus)

	// A table that was never deleted, and one that exists again, do not.
	assertGone(t, c, first+"x")
	createTable(t, c, second)
	assert.Equal(t, types.TableStatusActive, describe(t, c, second).TableStatus)
}

func TestDeletingLeavesOtherRequestsAlone(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{"Count":1}`))
	injection := tr.On("*").Do(faults.Deleting(2))
	resp, err := tr.Do(newRequest(t, "Query", `{}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{"Count":1}`, readBody(t, resp))
	assert.Equal(t, 1, injection.Struck())
}

func TestDeletingPassesOtherErrors(t *testing.T) {
	t.Parallel()
	tr := faults.New(unreachable(t))
	tr.On("*").Do(faults.Deleting(2), faults.Throttle())
	c := client(tr)
	var throttled *types.ProvisionedThroughputExceededException

	_, err := c.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("tab")})
	require.ErrorAs(t, err, &throttled)
	_, err = c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("tab")})
	require.ErrorAs(t, err, &throttled)
}

func describe(t *testing.T, c *dynamodb.Client, table string) *types.TableDescription {
	t.Helper()
	out, err := c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	require.NoError(t, err)
	return out.Table
}

func assertGone(t *testing.T, c *dynamodb.Client, table string) {
	t.Helper()
	_, err := c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	var missing *types.ResourceNotFoundException
	assert.ErrorAs(t, err, &missing)
}
