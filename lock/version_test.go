package lock_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/lock"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	p := lock.Version("a.b")
	assert.Equal(t, "a.b", p.Attribute())
}

// TestExpressions: what is guarded and raised, the attribute always by an
// alias (rules D3, G1, G4).
func TestExpressions(t *testing.T) {
	t.Parallel()
	p := lock.Version("a.b")
	never, err := expression.NewBuilder().WithCondition(p.Guard(0)).Build()
	require.NoError(t, err)
	assert.Equal(t, "(attribute_not_exists (#0)) OR (attribute_type (#0, :0)) OR (#0 = :1)", *never.Condition())
	assert.Equal(t, map[string]string{"#0": "a.b"}, never.Names())

	loaded, err := expression.NewBuilder().WithCondition(p.Guard(3)).Build()
	require.NoError(t, err)
	assert.Equal(t, "#0 = :0", *loaded.Condition())
	assert.Equal(t, map[string]types.AttributeValue{":0": &types.AttributeValueMemberN{Value: "3"}}, loaded.Values())

	bump, err := expression.NewBuilder().WithUpdate(p.Bump(expression.UpdateBuilder{})).Build()
	require.NoError(t, err)
	assert.Equal(t, "ADD #0 :0\n", *bump.Update())
	assert.Equal(t, map[string]types.AttributeValue{":0": &types.AttributeValueMemberN{Value: "1"}}, bump.Values())
}

// TestStaleError tells what was expected and carries the stored item, which
// its text does not show.
func TestStaleError(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	stored := map[string]types.AttributeValue{"a": &types.AttributeValueMemberS{Value: "secret"}}
	err := lock.Version("v").Stale("users", 3, stored, cause)
	require.ErrorIs(t, err, lock.ErrStale)
	require.ErrorIs(t, err, cause)
	told, ok := errors.AsType[*lock.StaleError](err)
	require.True(t, ok)
	assert.Equal(t, []any{"users", int64(3), stored}, []any{told.Table, told.Expected, told.Stored})
	assert.EqualError(t, err, "lock: stale item: users: expected version 3")
}
