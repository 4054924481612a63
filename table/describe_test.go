package table_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	require.NoError(t, m.Create(t.Context(), &score{ModelID: "m", Account: 42, Position: 7, UserID: "u1"}))
	tr.Reset()

	d, err := table.Describe(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"DescribeTable": 1}, tr.Counts())
	require.NotNil(t, d.SDK)
	assert.Equal(t, m.Table(), *d.SDK.TableName)
	assert.Positive(t, d.Bytes)
	d.SDK, d.Bytes = nil, 0
	for i := range d.Indexes {
		assert.Positive(t, d.Indexes[i].Bytes)
		d.Indexes[i].Bytes = 0
	}
	wide, byUser := d.Indexes[1], d.Indexes[2]
	if wide.Name != "wide_idx" { // global indexes come in no order
		wide, byUser = byUser, wide
	}
	assert.Equal(t, table.Index{
		Name: "wide_idx", Status: types.IndexStatusActive, Items: 1,
		Key:        table.Keys{Hash: []string{"user_id", "account"}, Range: []string{"position", "points"}},
		Projection: types.ProjectionTypeAll,
		Throughput: index.Throughput{Read: 100, Write: 20},
	}, wide)
	assert.Equal(t, table.Index{
		Name: "user_idx", Status: types.IndexStatusActive, Items: 1,
		Key:        table.Keys{Hash: []string{"user_id"}, Range: []string{"points"}},
		Projection: types.ProjectionTypeInclude, Included: []string{"tags"},
		Throughput: index.Throughput{Read: 5, Write: 2},
	}, byUser)
	d.Indexes = d.Indexes[:1]
	assert.Equal(t, &table.Description{
		Name: m.Table(), Status: types.TableStatusActive, Items: 1,
		Key: table.Keys{Hash: []string{"id"}, Range: []string{"position"}},
		Types: map[string]types.ScalarAttributeType{
			"account": types.ScalarAttributeTypeN, "id": types.ScalarAttributeTypeS, "points": types.ScalarAttributeTypeN,
			"position": types.ScalarAttributeTypeN, "user_id": types.ScalarAttributeTypeS,
		},
		Throughput: index.Throughput{Read: 100, Write: 20},
		Indexes: []table.Index{{
			Name: "points_idx", Local: true, Items: 1,
			Key:        table.Keys{Hash: []string{"id"}, Range: []string{"points"}},
			Projection: types.ProjectionTypeKeysOnly,
		}},
	}, d)
}

func TestDescribeOnDemand(t *testing.T) {
	t.Parallel()
	m, tr := model(t, func(s *repo.Spec) { s.OnDemand, s.Indexes = true, nil })
	create(t, m, tr)
	d, err := table.Describe(t.Context(), m)
	require.NoError(t, err)
	assert.True(t, d.OnDemand)
	assert.Zero(t, d.Throughput)
	assert.Nil(t, d.Indexes)
}

// TestDescribeNoTable: absence is a sentinel, the SDK's error is beneath, and
// its text is in no message.
func TestDescribeNoTable(t *testing.T) {
	t.Parallel()
	m, _ := model(t)
	d, err := table.Describe(t.Context(), m)
	assert.Nil(t, d)
	require.ErrorIs(t, err, table.ErrNotFound)
	var cause *types.ResourceNotFoundException
	require.ErrorAs(t, err, &cause)
	assert.EqualError(t, err, "table: Describe "+m.Table()+": no such table")
}

func TestExists(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	exists, err := table.Exists(t.Context(), m)
	require.NoError(t, err)
	assert.False(t, exists)

	create(t, m, tr)
	exists, err = table.Exists(t.Context(), m)
	require.NoError(t, err)
	assert.True(t, exists)
	assert.Equal(t, map[string]int{"DescribeTable": 1}, tr.Counts())

	tr.On("DescribeTable").Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	exists, err = table.Exists(t.Context(), m)
	assert.False(t, exists)
	require.NotErrorIs(t, err, table.ErrNotFound)
	assert.EqualError(t, err, "table: Describe "+m.Table()+": AccessDeniedException: a policy denies the operation to these credentials")
}
