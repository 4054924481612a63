package repo_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// a reading is an item that may be one that DynamoDB can't store.
type reading struct {
	ID   string   `dynamodbav:"id"`
	V    float64  `dynamodbav:"v"`
	Tags []string `dynamodbav:"tags,stringset"`
	Text string   `dynamodbav:"text"`
	Mail string   `dynamodbav:"mail,omitempty"`
}

// TestBatchTellsBadItems: an item that can't be stored is told by its position,
// and the others are written (rule F5).
func TestBatchTellsBadItems(t *testing.T) {
	t.Parallel()
	bad := map[string]func(repo.Ops[reading]) repo.Op{
		"no number":      func(ops repo.Ops[reading]) repo.Op { return ops.Put(&reading{ID: "bad", V: math.NaN()}) },
		"out of range":   func(ops repo.Ops[reading]) repo.Op { return ops.Put(&reading{ID: "bad", V: 1e300}) },
		"twice in a set": func(ops repo.Ops[reading]) repo.Op { return ops.Put(&reading{ID: "bad", Tags: []string{"a", "a"}}) },
		"too large": func(ops repo.Ops[reading]) repo.Op {
			return ops.Put(&reading{ID: "bad", Text: strings.Repeat("x", 400<<10)})
		},
		"an empty key":       func(ops repo.Ops[reading]) repo.Op { return ops.Put(&reading{}) },
		"a key too long":     func(ops repo.Ops[reading]) repo.Op { return ops.Put(&reading{ID: strings.Repeat("x", 2049)}) },
		"delete of no key":   func(ops repo.Ops[reading]) repo.Op { return ops.Delete(key.Of()) },
		"destroy of no key":  func(ops repo.Ops[reading]) repo.Op { return ops.Destroy(&reading{}) },
		"delete of too many": func(ops repo.Ops[reading]) repo.Op { return ops.Delete(key.Of("a").Range("b")) },
	}
	mail := cond.Field(func(r *reading) *string { return &r.Mail })
	for kind, unique := range map[string][]repo.Unique{"plain": nil, "unique": {repo.UniqueOn(mail)}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, tr := open(t)
			r := create[reading](t, db, repo.Spec{Table: "readings", Key: key.Spec{Hash: key.String("id")}, Unique: unique})
			for name, op := range bad {
				told := []repo.Progress{}
				err := db.Progress(func(p repo.Progress) { told = append(told, p) }).Batch(t.Context(),
					r.Ops().Put(&reading{ID: "1"}), op(r.Ops()), r.Ops().Put(&reading{ID: "3"}), r.Ops().Delete(key.Of("4")), r.Ops().Put(&reading{V: math.Inf(1)}))
				require.ErrorIs(t, err, repo.ErrInvalid, name)
				left, ok := errors.AsType[*repo.BatchError](err)
				require.True(t, ok, name)
				assert.Equal(t, []int{1, 4}, left.Left, name)
				require.Len(t, left.Errs, 2, name)
				require.ErrorIs(t, left.Errs[0], repo.ErrInvalid, name)
				assert.ErrorContains(t, err, "operation 1: ", name)
				assert.Equal(t, 2, told[len(told)-1].Left, name)
				for _, id := range []string{"1", "3"} {
					require.NoError(t, r.Destroy(t.Context(), &reading{ID: id}), name)
				}
			}

			tr.Reset()
			err := db.Batch(t.Context(), r.Ops().Put(&reading{V: math.NaN()}), r.Ops().Put(&reading{ID: "1"}), repo.Op{})
			require.ErrorIs(t, err, repo.ErrInvalid, "what no batch may hold is told before any request")
			for _, at := range []string{"operation 0: ", "operation 2: "} {
				require.ErrorContains(t, err, at)
			}
			assert.Zero(t, tr.Total())
		})
	}
}

// TestBatchTellsUniqueValues: which operation met a value that is taken.
func TestBatchTellsUniqueValues(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	mail := cond.Field(func(r *reading) *string { return &r.Mail })
	r := create[reading](t, db, repo.Spec{Table: "readings", Key: key.Spec{Hash: key.String("id")}, Unique: []repo.Unique{repo.UniqueOn(mail)}})
	require.NoError(t, r.Create(t.Context(), &reading{ID: "0", Mail: "a"}))
	tr.On("TransactWriteItems").When(func(r faults.Request) bool { return strings.Contains(string(r.Body), `"fails"`) }).Do(faults.Throttle())
	err := db.Batch(t.Context(), r.Ops().Put(&reading{ID: "1", Mail: "b"}), r.Ops().Put(&reading{ID: "2", Mail: "a"}), r.Ops().Put(&reading{ID: "3", Mail: "fails"}))
	left, ok := errors.AsType[*repo.BatchError](err)
	require.True(t, ok)
	assert.Equal(t, []int{1, 2}, left.Left)
	require.ErrorIs(t, left.Errs[0], repo.ErrUnique)
	require.NotErrorIs(t, left.Errs[1], repo.ErrUnique)
}
