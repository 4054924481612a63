package repo_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/unique"
)

// tenant has unique values with attributes of its key in them.
type tenant struct {
	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Email  string `dynamodbav:"email,omitempty"`
	N      int    `dynamodbav:"n"`
}

var (
	tenantName  = cond.Field(func(m *tenant) *string { return &m.Tenant })
	tenantID    = cond.Field(func(m *tenant) *string { return &m.ID })
	tenantEmail = cond.Field(func(m *tenant) *string { return &m.Email })
	tenantN     = cond.Field(func(m *tenant) *int { return &m.N })
)

// TestUniqueUpsertKeys: an upsert that makes an item claims the values that the
// fields of its key are a part of, with plain and with composite keys (rule F8).
func TestUniqueUpsertKeys(t *testing.T) {
	t.Parallel()
	plain := key.Spec{Hash: key.String("tenant"), Range: key.String("id")}
	joined := key.Spec{Hash: key.Composite("pk", key.String("tenant")), Range: key.Composite("sk", key.Literal("M"), key.String("id"))}
	for name, keys := range map[string]key.Spec{"plain": plain, "composite": joined} {
		for group, on := range map[string]repo.Unique{
			"a key and a field": repo.UniqueOn[tenant](tenantName, tenantEmail), "a key alone": repo.UniqueOn[tenant](tenantID),
		} {
			t.Run(name+", "+group, func(t *testing.T) {
				t.Parallel()
				db, _ := open(t)
				r := create[tenant](t, db, repo.Spec{Table: "members", Key: keys, Unique: []repo.Unique{on}})
				first, second, third := key.Of("t").Range("1"), key.Of("t").Range("2"), tenant{Tenant: "t", ID: "3", Email: "a"}
				if group == "a key alone" {
					first, second, third = key.Of("t").Range("1"), key.Of("u").Range("1"), tenant{Tenant: "v", ID: "1", Email: "b"}
				}
				change := tenantEmail.Set("a")
				if group == "a key alone" {
					change = tenantN.Add(1)
				}
				_, err := r.Upsert(t.Context(), first, change)
				require.NoError(t, err)
				_, err = r.Upsert(t.Context(), first, change)
				require.NoError(t, err, "its own value")
				_, err = r.Upsert(t.Context(), second, change)
				require.ErrorIs(t, err, repo.ErrUnique)
				require.ErrorIs(t, db.Transact(t.Context(), r.Ops().Upsert(second, change)), repo.ErrUnique)
				require.ErrorIs(t, r.Create(t.Context(), &third), repo.ErrUnique)
				require.NoError(t, r.Delete(t.Context(), first))
				_, err = r.Upsert(t.Context(), second, change)
				require.NoError(t, err, "it is free again")
				for page, err := range unique.Check(t.Context(), r, unique.Options{}) {
					require.NoError(t, err)
					assert.Empty(t, page.Items)
				}
			})
		}
	}
}

// TestUniqueUnread: an update that was done says so where what it left can't be
// read.
func TestUniqueUnread(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[tenant](t, db, repo.Spec{
		Table: "members", Key: key.Spec{Hash: key.String("tenant"), Range: key.String("id")}, Unique: []repo.Unique{repo.UniqueOn[tenant](tenantEmail)},
	})
	k := key.Of("t").Range("1")
	require.NoError(t, r.Create(t.Context(), &tenant{Tenant: "t", ID: "1", Email: "a"}))
	tr.On("GetItem").Nth(2).Do(faults.Throttle())
	once := repo.WithOptions(t.Context(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	_, err := r.Update(once, k, tenantEmail.Set("b"), tenantN.Add(1))
	require.ErrorIs(t, err, repo.ErrUnread)
	got, err := r.Get(t.Context(), k)
	require.NoError(t, err)
	assert.Equal(t, tenant{Tenant: "t", ID: "1", Email: "b", N: 1}, got)
}

// shy is changed by its own callback.
type shy struct {
	ID string `dynamodbav:"id"`
	N  int    `dynamodbav:"n"`
}

func (s *shy) BeforeDelete(context.Context) error {
	s.N = -1
	return nil
}

// TestBeforeDeleteCopy: a callback before a delete sees a copy too (rule I1).
func TestBeforeDeleteCopy(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[shy](t, db, repo.Spec{Table: "shy", Key: key.Spec{Hash: key.String("id")}})
	item := shy{ID: "1", N: 5}
	require.NoError(t, r.Create(t.Context(), &item))
	require.NoError(t, r.Destroy(t.Context(), &item))
	assert.Equal(t, shy{ID: "1", N: 5}, item)
	require.NoError(t, db.Transact(t.Context(), r.Ops().Destroy(&item)))
	assert.Equal(t, shy{ID: "1", N: 5}, item)
}
