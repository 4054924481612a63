package table_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// TestCreate: rule L1, the table holds items and its indexes answer.
func TestCreate(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	created, err := table.Create(t.Context(), m, nil)
	require.NoError(t, err)
	assert.True(t, created)
	assert.Equal(t, map[string]int{"DescribeTable": 1, "CreateTable": 1}, tr.Counts())

	s := score{ModelID: "m", Account: 42, Position: 7, UserID: "u1", Points: 1.5}
	require.NoError(t, m.Create(t.Context(), &s))
	for _, q := range []repo.Query[score]{
		m.Query(key.Of("m", 42)).Index("points_idx"),
		m.Query(key.Of("u1")).Index("user_idx"),
		m.Query(key.Of("u1", 42)).Index("wide_idx"),
	} {
		n, err := q.Count(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	}
}

// TestCreateAgain: a table that stands is left as it is, and may have more than
// is declared (rule L1).
func TestCreateAgain(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	wider, err := repo.New[score](m.DB(), func() repo.Spec {
		s := spec()
		s.Indexes, s.OnDemand = nil, true
		return s
	}())
	require.NoError(t, err)

	created, err := table.Create(t.Context(), wider, quick(5))
	require.NoError(t, err)
	assert.False(t, created)
	assert.Equal(t, map[string]int{"DescribeTable": 1, "DescribeTimeToLive": 1}, tr.Counts())
	d, err := table.Describe(t.Context(), wider)
	require.NoError(t, err)
	assert.False(t, d.OnDemand)
	assert.Len(t, d.Indexes, 3)
}

// TestCreateWaits: until the table and its indexes are ACTIVE, made by this call
// or not.
func TestCreateWaits(t *testing.T) {
	t.Parallel()
	t.Run("new", func(t *testing.T) {
		t.Parallel()
		m, tr := model(t)
		tr.On("CreateTable").Do(faults.Creating())
		tr.On("DescribeTable").When(func(faults.Request) bool { return tr.Count("CreateTable") > 0 }).Times(3).Do(faults.Creating())
		created, err := table.Create(t.Context(), m, quick(10))
		require.NoError(t, err)
		assert.True(t, created)
		assert.Equal(t, map[string]int{"CreateTable": 1, "DescribeTable": 5}, tr.Counts())
	})
	t.Run("standing", func(t *testing.T) {
		t.Parallel()
		m, tr := model(t)
		create(t, m, tr)
		tr.On("DescribeTable").Times(2).Do(faults.Creating())
		created, err := table.Create(t.Context(), m, quick(10))
		require.NoError(t, err)
		assert.False(t, created)
		assert.Equal(t, map[string]int{"DescribeTable": 3, "DescribeTimeToLive": 1}, tr.Counts())
	})
	t.Run("descriptions lag behind", func(t *testing.T) {
		t.Parallel()
		m, tr := model(t)
		tr.On("CreateTable").Times(1).Do(faults.Creating())
		tr.On("DescribeTable").Times(3).Do(faults.Error(http.StatusBadRequest, "ResourceNotFoundException"))
		created, err := table.Create(t.Context(), m, quick(10))
		require.NoError(t, err)
		assert.True(t, created)
		assert.Equal(t, map[string]int{"CreateTable": 3, "DescribeTable": 4}, tr.Counts())
	})
	t.Run("polls are spent", func(t *testing.T) {
		t.Parallel()
		m, tr := model(t)
		tr.On("CreateTable", "DescribeTable").Do(faults.TableStatus(types.TableStatusCreating))
		created, err := table.Create(t.Context(), m, quick(4))
		require.ErrorIs(t, err, table.ErrNotActive)
		assert.True(t, created, "the table was made all the same")
		assert.Equal(t, map[string]int{"CreateTable": 1, "DescribeTable": 4}, tr.Counts())
	})
}

// TestCreateAtOnce: of concurrent creators one makes the table and all succeed.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	// Every creator finds no table before any makes one.
	const creators = 8
	var looked sync.WaitGroup
	looked.Add(creators)
	tr.On("CreateTable").When(func(r faults.Request) bool { return r.Attempt == 1 }).Do(
		func(req *http.Request, send faults.Send) (*http.Response, error) {
			looked.Done()
			looked.Wait()
			return send(req)
		})
	var made atomic.Int32
	var creating sync.WaitGroup
	for range creators {
		creating.Go(func() {
			created, err := table.Create(t.Context(), m, quick(10))
			assert.NoError(t, err)
			if created {
				made.Add(1)
			}
		})
	}
	creating.Wait()
	assert.EqualValues(t, 1, made.Load())
	assert.Equal(t, creators, tr.Calls("CreateTable"))
}

// TestCreateBehindDelete: a table that is going is made anew once it is gone.
func TestCreateBehindDelete(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	tr.On("DeleteTable", "DescribeTable").Do(faults.Deleting(3))
	deleted, err := table.Delete(t.Context(), m, quick(1))
	require.ErrorIs(t, err, table.ErrNotDeleted)
	require.True(t, deleted)

	created, err := table.Create(t.Context(), m, quick(10))
	require.NoError(t, err)
	assert.True(t, created)
}

// TestCreateRefused: what the service refuses comes back as it is.
func TestCreateRefused(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	tr.On("CreateTable").Do(faults.Error(http.StatusBadRequest, "LimitExceededException"))
	created, err := table.Create(t.Context(), m, quick(10))
	assert.False(t, created)
	var limit *types.LimitExceededException
	require.ErrorAs(t, err, &limit)
	assert.EqualError(t, err, "table: Create "+m.Table()+": not active: no such table: LimitExceededException")
}
