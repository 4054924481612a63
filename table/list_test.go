package table_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// account returns a client of a database that has no other tables.
func account(t *testing.T) (*dynamodb.Client, *faults.Transport) {
	t.Helper()
	tr := faults.New(nil)
	return enginetest.Client(t, enginetest.Apart, func(o *dynamodb.Options) { o.HTTPClient = tr }), tr
}

func namespace(t *testing.T, c *dynamodb.Client, name string) *repo.DB {
	t.Helper()
	db, err := repo.NewDB(c, &repo.Config{Namespace: name})
	require.NoError(t, err)
	return db
}

func makeTable(t *testing.T, c *dynamodb.Client, name string) {
	t.Helper()
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	})
	require.NoError(t, err)
}

// TestList: past 100 tables, and no others than those of the namespace (rule
// L5).
func TestList(t *testing.T) {
	t.Parallel()
	c, tr := account(t)
	names, err := table.List(t.Context(), namespace(t, c, ""))
	require.NoError(t, err)
	assert.Nil(t, names)
	var want []string
	for i := range 103 {
		want = append(want, fmt.Sprintf("app_%03d", i))
		makeTable(t, c, want[i])
	}
	makeTable(t, c, "apple")
	makeTable(t, c, "a_pp")
	tr.Reset()

	names, err = table.List(t.Context(), namespace(t, c, "app"))
	require.NoError(t, err)
	assert.Equal(t, want, names)
	assert.Equal(t, map[string]int{"ListTables": 2}, tr.Counts())
	names, err = table.List(t.Context(), namespace(t, c, ""))
	require.NoError(t, err)
	assert.Len(t, names, 105)

	tr.On("ListTables").Nth(2).Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	tr.Reset()
	_, err = table.List(t.Context(), namespace(t, c, "app"))
	require.EqualError(t, err, "table: List: AccessDeniedException: a policy denies the operation to these credentials")
}

func TestPing(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	require.NoError(t, table.Ping(t.Context(), m.DB()))
	assert.Equal(t, map[string]int{"ListTables": 1}, tr.Counts())
	tr.On("ListTables").Do(faults.Error(http.StatusBadRequest, "UnrecognizedClientException"))
	require.EqualError(t, table.Ping(t.Context(), m.DB()), "table: Ping: UnrecognizedClientException: the service does not take the credentials; are they, and the region, of this account?")
}

// TestReset: only tables of the namespace, and only of one that is for tests
// or that the caller insists on (rule L4).
func TestReset(t *testing.T) {
	t.Parallel()
	c, tr := account(t)
	for _, name := range []string{"app_test_a", "app_test_b", "app_live_a", "app_tests", "contest_a"} {
		makeTable(t, c, name)
	}
	tr.Reset()
	for _, ns := range []string{"app_live", "contest", "latest", "app_attest"} {
		_, err := table.Reset(t.Context(), namespace(t, c, ns), false, quick(3))
		require.ErrorIs(t, err, table.ErrReset, ns)
	}
	_, err := table.Reset(t.Context(), namespace(t, c, ""), true, quick(3))
	require.ErrorIs(t, err, table.ErrReset, "a whole account is never emptied")
	assert.Zero(t, tr.Total())

	deleted, err := table.Reset(t.Context(), namespace(t, c, "app_test"), false, quick(3))
	require.NoError(t, err)
	assert.Equal(t, []string{"app_test_a", "app_test_b"}, deleted)
	deleted, err = table.Reset(t.Context(), namespace(t, c, "App-Test.x"), false, quick(3))
	require.NoError(t, err)
	assert.Nil(t, deleted)
	deleted, err = table.Reset(t.Context(), namespace(t, c, "app_live"), true, quick(3))
	require.NoError(t, err)
	assert.Equal(t, []string{"app_live_a"}, deleted)
	left, err := table.List(t.Context(), namespace(t, c, ""))
	require.NoError(t, err)
	assert.Equal(t, []string{"app_tests", "contest_a"}, left)
}

// TestResetProtected: a table that is protected stays, and does not keep the
// others.
func TestResetProtected(t *testing.T) {
	t.Parallel()
	m, _ := model(t)
	for _, edit := range []func(*repo.Spec){
		func(s *repo.Spec) { s.Table = "a" }, func(s *repo.Spec) { s.Table = "b" }, func(s *repo.Spec) { s.Table = "c" },
	} {
		r := declare(t, m, edit)
		_, err := table.Create(t.Context(), r, quick(5))
		require.NoError(t, err)
		if r.Spec().Table == "b" {
			_, err = table.SetProtection(t.Context(), r, true, quick(5))
			require.NoError(t, err)
		}
	}
	deleted, err := table.Reset(t.Context(), m.DB(), false, quick(5))
	require.ErrorIs(t, err, table.ErrProtected)
	require.EqualError(t, err, "table: Reset "+m.DB().TableName("b")+": protected against deletion")
	assert.Equal(t, []string{m.DB().TableName("a"), m.DB().TableName("c")}, deleted)
}
