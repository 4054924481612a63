package repotest_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

// TestInject: what the caller sees of each fault, what is stored, and how many
// requests it takes.
func TestInject(t *testing.T) {
	t.Parallel()
	create := func(t *testing.T, notes *repo.Repo[note]) error {
		return notes.Create(t.Context(), &note{User: "me", ID: 1})
	}
	batch := func(t *testing.T, notes *repo.Repo[note]) error {
		return notes.DB().Batch(t.Context(), notes.Ops().Put(&note{User: "me", ID: 1}), notes.Ops().Put(&note{User: "me", ID: 2}))
	}
	transact := func(t *testing.T, notes *repo.Repo[note]) error {
		return notes.DB().Transact(t.Context(), notes.Ops().Put(&note{User: "me", ID: 1}), notes.Ops().Put(&note{User: "me", ID: 2}))
	}
	for name, test := range map[string]struct {
		operation string
		faults    []string
		do        func(*testing.T, *repo.Repo[note]) error
		requests  int
		stored    int
		want      any // the error's type, nil for none
	}{
		"none":              {operation: "PutItem", do: create, requests: 1, stored: 1},
		"pass":              {operation: "*", faults: []string{"pass"}, do: create, requests: 1, stored: 1},
		"lost answer":       {operation: "PutItem", faults: []string{"lost answer"}, do: create, requests: 3, stored: 1},
		"throttled once":    {operation: "PutItem", faults: []string{"throttle"}, do: create, requests: 2, stored: 1},
		"throttled":         {operation: "PutItem", faults: slices.Repeat([]string{"throttle"}, 3), do: create, requests: 3, want: new(*types.ProvisionedThroughputExceededException)},
		"an error, a pause": {operation: "PutItem", faults: []string{"server error", "throttle", "pass"}, do: create, requests: 3, stored: 1},
		"server error":      {operation: "PutItem", faults: slices.Repeat([]string{"server error"}, 3), do: create, requests: 3, want: new(*types.InternalServerError)},
		"unprocessed":       {operation: "BatchWriteItem", faults: []string{"unprocessed"}, do: batch, requests: 2, stored: 2},
		"conflict":          {operation: "TransactWriteItems", faults: []string{"conflict"}, do: transact, requests: 1, want: new(*repo.TransactError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := repotest.DB(t)
			notes := newRepo[note](t, db, noteSpec())
			repotest.Create(t, notes)

			repotest.Inject(t, db, test.operation, test.faults...)
			end := repotest.Budget(t, db, repotest.Requests(test.requests))
			err := test.do(t, notes)
			end()

			if test.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorAs(t, err, test.want)
			}
			stored, err := notes.Query(key.Of("me")).Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, test.stored, stored)
		})
	}
}

func TestInjectTellsMistakes(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	notes := newRepo[note](t, db, noteSpec())
	repotest.Create(t, notes)
	assert.Equal(t, []string{"repotest: 1 of 2 faults met no request of PutItem"}, told(t, func(tb testing.TB) {
		repotest.Inject(tb, db, "PutItem", "pass", "throttle")
		require.NoError(t, notes.Put(t.Context(), &note{User: "me"}))
	}))
	repotest.Budget(t, db, repotest.Requests(3)) // the fault that is left does not outlive its test
	require.NoError(t, notes.Put(t.Context(), &note{User: "me"}))
	assert.Equal(t, []string{`repotest: no fault "thrott"; there are ["conflict" "lost answer" "pass" "server error" "throttle" "unprocessed"]`}, told(t, func(tb testing.TB) { repotest.Inject(tb, db, "PutItem", "thrott") }))
	assert.Equal(t, []string{"repotest: faults: the fault does not fit the request: PutItem is no batch"}, told(t, func(tb testing.TB) {
		repotest.Inject(tb, db, "PutItem", "unprocessed")
		require.NoError(t, notes.Put(t.Context(), &note{User: "me"}), "the SDK repeats it")
	}))
}
