package table_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/table"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	deleted, err := table.Delete(t.Context(), m, nil)
	require.NoError(t, err)
	assert.True(t, deleted)
	assert.Equal(t, map[string]int{"DeleteTable": 1, "DescribeTable": 1}, tr.Counts())
	exists, err := table.Exists(t.Context(), m)
	require.NoError(t, err)
	assert.False(t, exists)

	tr.Reset()
	deleted, err = table.Delete(t.Context(), m, nil)
	require.NoError(t, err)
	assert.False(t, deleted, "there was none")
	assert.Equal(t, map[string]int{"DeleteTable": 1}, tr.Counts())
}

// TestDeleteWaits: until the table is gone, and no longer than told.
func TestDeleteWaits(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	tr.On("DeleteTable", "DescribeTable").Do(faults.Deleting(5))
	deleted, err := table.Delete(t.Context(), m, quick(3))
	require.ErrorIs(t, err, table.ErrNotDeleted)
	require.EqualError(t, err, "table: Delete "+m.Table()+": not deleted: the table is DELETING")
	assert.True(t, deleted, "the removal is under way all the same")
	assert.Equal(t, types.TableStatusDeleting, lastSeen(t, err).Status)
	assert.Equal(t, map[string]int{"DeleteTable": 1, "DescribeTable": 3}, tr.Counts())
}

// TestDeleteBusy: a table that can't be deleted yet is tried again.
func TestDeleteBusy(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	tr.On("DeleteTable").Times(2).Do(faults.Error(http.StatusBadRequest, "ResourceInUseException"))
	deleted, err := table.Delete(t.Context(), m, quick(5))
	require.NoError(t, err)
	assert.True(t, deleted)
	assert.Equal(t, map[string]int{"DeleteTable": 3, "DescribeTable": 3}, tr.Counts())
}

// TestDeleteElsewhere: a table that someone else deletes is waited for.
func TestDeleteElsewhere(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	busy := tr.On("DeleteTable").Do(faults.Error(http.StatusBadRequest, "ResourceInUseException"))
	tr.On("DescribeTable").Nth(2).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		busy.Stop()
		_, err := table.Delete(context.WithoutCancel(req.Context()), m, quick(5))
		assert.NoError(t, err)
		return send(req)
	})
	deleted, err := table.Delete(t.Context(), m, quick(5))
	require.NoError(t, err)
	assert.False(t, deleted)
}

func TestDeleteFails(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	tr.On("DeleteTable").Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	deleted, err := table.Delete(t.Context(), m, quick(5))
	assert.False(t, deleted)
	require.EqualError(t, err, "table: Delete "+m.Table()+": AccessDeniedException: a policy denies the operation to these credentials")
	assert.Equal(t, map[string]int{"DeleteTable": 1}, tr.Counts())
	exists, err := table.Exists(t.Context(), m)
	require.NoError(t, err)
	assert.True(t, exists)
}
